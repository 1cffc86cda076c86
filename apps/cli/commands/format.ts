export const formats = ['table', 'json', 'csv'] as const;
export type Format = (typeof formats)[number];

export interface Rows {
  columns: { name: string; numeric: boolean }[];
  rows: (string | null)[][];
}

const widthOf = (text: string): number => [...text].length;
/** RFC 4180: quoted where it must be. */
export const csvField = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Rows as text: an aligned table (NULL as a word), JSON (one array of objects) or CSV (NULL as nothing). */
export function formatRows({ columns, rows }: Rows, format: Format): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(
        rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null]))),
        null,
        2,
      )}\n`;
    case 'csv':
      return [
        columns.map((column) => csvField(column.name)),
        ...rows.map((row) => row.map((value) => (value === null ? '' : value === '' ? '""' : csvField(value)))),
      ]
        .map((line) => `${line.join(',')}\n`)
        .join('');
    case 'table': {
      if (columns.length === 0) return '';
      const texts = rows.map((row) => row.map((value) => (value === null ? 'NULL' : value.replaceAll('\n', '⏎'))));
      const widths = columns.map((column, index) =>
        Math.max(widthOf(column.name), ...texts.map((row) => widthOf(row[index] ?? ''))),
      );
      const line = (cells: string[]) =>
        cells
          .map((cell, index) => {
            const space = ' '.repeat(widths[index]! - widthOf(cell));
            return columns[index]!.numeric ? space + cell : cell + space;
          })
          .join('  ')
          .trimEnd();
      return `${[line(columns.map((column) => column.name)), widths.map((width) => '─'.repeat(width)).join('  '), ...texts.map(line)].join('\n')}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`;
    }
  }
}
