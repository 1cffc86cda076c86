import { chooseFrom, type Parsed, wholeNumber } from '../arguments.ts';
import { formatRows, formats } from '../format.ts';
import type { Print } from './output.ts';

export type Cell =
  | string
  | number
  | boolean
  | null
  | undefined
  | Readonly<Record<string, unknown>>
  | readonly unknown[];

/** Records with the same names in each, as a table, CSV or JSON with its own types; `--limit` cuts them. */
export function showList(
  records: readonly Record<string, Cell>[],
  names: readonly string[],
  { options }: Parsed,
  print: Print,
): void {
  const format = chooseFrom(options.format, formats, 'format');
  const cut = records.slice(0, wholeNumber(options.limit, 'limit') ?? records.length);
  if (format === 'json') {
    const objects = cut.map((record) => Object.fromEntries(names.map((name) => [name, record[name] ?? null])));
    print(`${JSON.stringify(objects, null, 2)}\n`);
    return;
  }
  const columns = names.map((name) => ({
    name,
    numeric: cut.length > 0 && cut.every((record) => typeof (record[name] ?? 0) === 'number'),
  }));
  print(formatRows({ columns, rows: cut.map((record) => names.map((name) => textOf(record[name]))) }, format));
}

/** One record: a line a name in a table, one object in JSON. */
export function showOne(record: Record<string, Cell>, parsed: Parsed, print: Print): void {
  if (chooseFrom(parsed.options.format, formats, 'format') === 'json') {
    print(`${JSON.stringify(record, null, 2)}\n`);
    return;
  }
  const lines = Object.entries(record).map(([name, value]) => ({ name, value: textOf(value) }));
  showList(lines, ['name', 'value'], parsed, print);
}

function textOf(value: Cell): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
