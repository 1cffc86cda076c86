/** A table that a cell made itself, as the host stores it: wire values by column type. */
export interface LocalTable {
  columns: { name: string; type: 'boolean' | 'bigint' | 'double' | 'timestamp' | 'string' }[];
  rows: (string | number | boolean | null)[][];
  /** Rows that there were: more than `rows` where the table was cut. */
  total: number;
}

export const MAX_LOCAL_ROWS = 10_000;

type ColumnType = LocalTable['columns'][number]['type'];
type Wire = LocalTable['rows'][number][number];

const isRecord = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** An array of objects as a table; undefined where it is none. Columns in the order in which their names first come. */
export function localTable(value: unknown): LocalTable | undefined {
  if (!Array.isArray(value) || !value.length || !value.every(isRecord)) return undefined;
  const shown = value.slice(0, MAX_LOCAL_ROWS);
  const names = [...new Set(shown.flatMap(Object.keys))];
  if (!names.length) return undefined;
  const columns = names.map((name) => ({ name, type: typeOf(shown.map((row) => row[name])) }));
  const rows = shown.map((row) => columns.map(({ name, type }) => wire(row[name], type)));
  return { columns, rows, total: value.length };
}

const MAX_LONG = 2n ** 63n;
const isLong = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (typeof value === 'bigint' && value >= -MAX_LONG && value < MAX_LONG);

/** The narrowest type that holds every value of a column. */
function typeOf(values: readonly unknown[]): ColumnType {
  const present = values.filter((value) => value !== null && value !== undefined);
  if (!present.length) return 'string';
  if (present.every((value) => typeof value === 'boolean')) return 'boolean';
  if (present.every(isLong)) return 'bigint';
  if (present.every((value) => typeof value === 'number')) return 'double';
  if (present.every((value) => value instanceof Date && !Number.isNaN(value.getTime()))) return 'timestamp';
  return 'string';
}

function wire(value: unknown, type: ColumnType): Wire {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'boolean':
      return value === true;
    case 'bigint':
      return String(value);
    case 'double':
      return Number.isFinite(value) ? (value as number) : String(value);
    case 'timestamp':
      return (value as Date).toISOString();
    case 'string':
      return text(value);
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  try {
    return (
      JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? String(value)
    );
  } catch {
    return String(value);
  }
}
