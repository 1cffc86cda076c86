import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { userError } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { openDuckDb } from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import { chooseFrom, readArguments, UsageError } from './arguments.ts';
import { type Format, formatRows, formats } from './format.ts';

export const usage = 'boathouse delta history|rows|files PATH [--version N] [--limit N] [--format table|json|csv]';

const column = (name: string, numeric = false) => ({ name, numeric });
const whole = (text: string | undefined, name: string, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} must be a whole number; it is "${text}".`);
  return Number(text);
};

/** Reads a Delta table's folder without a server: its log, its live files, its rows. */
export async function run(args: string[], _env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<number> {
  const { positionals, options } = readArguments(args, ['version', 'limit', 'format'], { min: 2, max: 2, usage });
  const [what, path] = positionals as [string, string];
  const format: Format = chooseFrom(options.format, formats, 'format');
  const limit = whole(options.limit, 'limit', 100);
  const version = options.version === undefined ? undefined : whole(options.version, 'version', 0);
  const folder = resolve(path);
  if (!statSync(join(folder, '_delta_log'), { throwIfNoEntry: false })?.isDirectory()) {
    throw userError('DELTA_TABLE_NOT_FOUND', `${folder} is no Delta table: it has no _delta_log folder.`);
  }
  const temporary = mkdtempSync(join(tmpdir(), 'boathouse-delta-'));
  const engine = await openDuckDb({
    memoryLimitBytes: 1 << 30,
    threads: 2,
    tempDirectory: temporary,
    allowedDirectories: [folder, temporary],
  });
  try {
    const delta = createDelta({
      store: createLocalStore(dirname(folder)),
      engine,
      compiler: createExpressionCompiler(),
    });
    const location = basename(folder);
    switch (what) {
      case 'history': {
        const entries = await delta.history(location, limit);
        print(
          formatRows(
            {
              columns: [
                column('version', true),
                column('timestamp'),
                column('operation'),
                column('rows', true),
                column('user'),
                column('engine'),
              ],
              rows: entries.map((entry) => [
                String(entry.version),
                new Date(entry.timestampMs).toISOString(),
                entry.operation,
                entry.operationMetrics.numOutputRows ?? null,
                entry.userName,
                entry.engineInfo,
              ]),
            },
            format,
          ),
        );
        break;
      }
      case 'files': {
        const snapshot = await delta.snapshot(location, version === undefined ? {} : { version });
        const { files } = await delta.prune(snapshot, []);
        print(
          formatRows(
            {
              columns: [column('path'), column('bytes', true)],
              rows: files.slice(0, limit).map((file) => [file.path, String(file.size)]),
            },
            format,
          ),
        );
        break;
      }
      case 'rows': {
        const snapshot = await delta.snapshot(location, version === undefined ? {} : { version });
        const { files } = await delta.prune(snapshot, []);
        const names = snapshot.columns.map((one) => one.name);
        const relation = await delta.relation(snapshot, files, names);
        const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
        // Text forms of the engine: nested values as JSON, so that every column prints.
        const texts = snapshot.columns.map(
          (one, index) =>
            `${/^(array|map|struct)/.test(one.type) ? `to_json(${quoted(one.name)})` : quoted(one.name)}::varchar as c${index}`,
        );
        const rows = await engine.rows(`select ${texts.join(', ')} from ${relation} limit ${limit}`);
        print(
          formatRows(
            {
              columns: snapshot.columns.map((one) =>
                column(one.name, /^(tinyint|smallint|int|bigint|float|double|decimal)/.test(one.type)),
              ),
              rows: rows.map((row) =>
                names.map((_name, index) =>
                  row[`c${index}`] === null || row[`c${index}`] === undefined ? null : String(row[`c${index}`]),
                ),
              ),
            },
            format,
          ),
        );
        break;
      }
      default:
        throw new UsageError(`Usage: ${usage}`);
    }
    await delta.idle();
    return 0;
  } finally {
    await engine.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
