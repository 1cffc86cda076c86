import { callingCell, checkStopped } from './cells.ts';
import { send, sendText } from './channel.ts';
import { deno } from './deno.ts';

export type Bundle = Record<string, unknown>;
type StreamName = 'stdout' | 'stderr';

const inspect = deno.Deno.inspect.bind(deno.Deno);
const CUT = '… the rest of the output was cut: a cell may print 1 MB. Save large results as a table or show a part.\n';

/** Prints for the calling cell, up to its share. */
export function print(name: StreamName, text: string): void {
  checkStopped();
  const cell = callingCell();
  if (cell) {
    if (cell.printable < 0) return;
    cell.printable -= text.length;
    if (cell.printable < 0) {
      sendText(name, `${text.slice(0, text.length + cell.printable)}\n`);
      sendText('stderr', CUT);
      return;
    }
  }
  for (let at = 0; at < text.length; at += PIECE) sendText(name, text.slice(at, at + PIECE));
}

/** Characters of one message. */
const PIECE = 256 * 1024;

/** Shows a bundle of MIME types. */
export function show(data: Bundle): void {
  checkStopped();
  send({ t: 'display', data });
}

/** A value as text, as a REPL prints it. */
export const plain = (value: unknown): string =>
  inspect(value, { depth: 4, iterableLimit: 100, strAbbreviateSize: 10_000 });

const line = (values: unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? value : plain(value))).join(' ');

/** The console of cells. The runtime's own writes to the pipe that the host reads. */
export function installConsole(): void {
  let indent = '';
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  const to =
    (name: StreamName) =>
    (...values: unknown[]) =>
      print(name, `${indent}${line(values).replaceAll('\n', `\n${indent}`)}\n`);
  const log = to('stdout');
  const error = to('stderr');
  const sinceStart = (label: string) =>
    `${label}: ${Math.round((performance.now() - (timers.get(label) ?? performance.now())) * 1000) / 1000} ms`;
  const group = (...values: unknown[]) => {
    if (values.length) log(...values);
    indent += '  ';
  };
  const methods: Record<string, (...values: never[]) => void> = {
    log,
    info: log,
    debug: log,
    dir: (value: unknown) => log(plain(value)),
    dirxml: log,
    warn: error,
    error,
    trace: (...values: unknown[]) => error('Trace:', ...values),
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) error('Assertion failed', ...values);
    },
    table: (value: unknown) => log(textTable(value)),
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2);
    },
    count: (label = 'default') => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      log(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = 'default') => counts.delete(label),
    time: (label = 'default') => timers.set(label, performance.now()),
    timeLog: (label = 'default', ...values: unknown[]) => log(sinceStart(label), ...values),
    timeEnd: (label = 'default') => {
      log(sinceStart(label));
      timers.delete(label);
    },
    clear: () => {},
  };
  Object.assign(console, methods);
  const decoder = new TextDecoder();
  for (const name of ['stdout', 'stderr'] as const) {
    const writeSync = (bytes: Uint8Array) => {
      print(name, decoder.decode(bytes));
      return bytes.length;
    };
    Object.assign(deno.Deno[name], { writeSync, write: async (bytes: Uint8Array) => writeSync(bytes) });
  }
}

/** Rows of objects or arrays in columns; anything else as `log` prints it. */
function textTable(value: unknown): string {
  if (!Array.isArray(value) || !value.length || value.some((row) => typeof row !== 'object' || row === null))
    return line([value]);
  const rows = value.map((row: object) => Object.entries(row));
  const names = [...new Set(rows.flatMap((row) => row.map(([name]) => name)))];
  const cells = [names, ...rows.map((row) => names.map((name) => line([new Map(row).get(name) ?? ''])))];
  const widths = names.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
