import { type Parsed, readArguments, UsageError, wholeNumber } from './arguments.ts';
import { fsck } from './delta/fsck.ts';
import { detail, files, history, schema } from './delta/look.ts';
import { checkpoint, optimize, restore, vacuum } from './delta/maintain.ts';
import { type OpenTable, withTable } from './delta/open.ts';
import type { Print } from './delta/output.ts';
import { changes, rows } from './delta/rows.ts';

interface Subcommand {
  summary: string;
  /** What follows the path. */
  usage: string;
  options: readonly string[];
  flags?: readonly string[];
  /** Whether the table is changed. */
  writes?: (parsed: Parsed) => boolean;
  /** A number is the exit code; anything else means 0. */
  run: (table: OpenTable, parsed: Parsed, print: Print) => Promise<unknown>;
}

const selecting =
  '[--columns A,B] [--where CONDITION] [--limit N] [--format table|json|csv|parquet|arrow] [--out FILE]';
const selectingOptions = ['columns', 'where', 'limit', 'format', 'out'];
const at = '[--version N | --timestamp T]';
const shown = '[--limit N] [--format table|json|csv]';

const subcommands = {
  rows: {
    summary: "print or save the table's rows; CONDITION is Spark SQL",
    usage: `${at} ${selecting}`,
    options: ['version', 'timestamp', ...selectingOptions],
    run: rows,
  },
  changes: {
    summary: 'print or save what versions changed: rows with _change_type, _commit_version and _commit_timestamp',
    usage: `--from N [--to M] ${selecting}`,
    options: ['from', 'to', ...selectingOptions],
    run: changes,
  },
  files: {
    summary: 'list the data files of a version',
    usage: `${at} ${shown}`,
    options: ['version', 'timestamp', 'limit', 'format'],
    run: files,
  },
  history: {
    summary: 'tell who changed the table when and how, newest first',
    usage: shown,
    options: ['limit', 'format'],
    run: history,
  },
  detail: {
    summary: 'tell size, properties, features and protocol',
    usage: '[--format table|json|csv]',
    options: ['format'],
    run: detail,
  },
  schema: {
    summary: 'list the columns of a version',
    usage: `${at} [--format table|json|csv]`,
    options: ['version', 'timestamp', 'format'],
    run: schema,
  },
  checkpoint: {
    summary: 'write a checkpoint of the latest version',
    usage: '[--format table|json|csv]',
    options: ['format'],
    writes: () => true,
    run: checkpoint,
  },
  optimize: {
    summary: 'put small files together; CONDITION is over partition columns, FULL clusters all files anew',
    usage: '[--where CONDITION] [--zorder A,B] [--full] [--format table|json|csv]',
    options: ['where', 'zorder', 'format'],
    flags: ['full'],
    writes: () => true,
    run: optimize,
  },
  vacuum: {
    summary: 'remove files that no retained version needs; --force allows less than the retention of the table',
    usage: '[--retain-hours N] [--dry-run] [--lite] [--force] [--format table|json|csv]',
    options: ['retain-hours', 'format'],
    flags: ['dry-run', 'lite', 'force'],
    writes: ({ flags }) => !flags.has('dry-run'),
    run: vacuum,
  },
  restore: {
    summary: 'make the table what it was, as a new version',
    usage: '--version N | --timestamp T [--format table|json|csv]',
    options: ['version', 'timestamp', 'format'],
    writes: () => true,
    run: restore,
  },
  fsck: {
    summary: 'find missing and damaged files and gaps in the log, tell what is lost, and mend what can be mended',
    usage: '[--repair] [--quick] [--format table|json|csv]',
    options: ['format'],
    flags: ['repair', 'quick'],
    writes: ({ flags }) => flags.has('repair'),
    run: fsck,
  },
} satisfies Record<string, Subcommand>;

const all: Record<string, Subcommand> = subcommands;

export const usage = `boathouse delta ${Object.keys(all).join('|')} PATH [options]`;

const usageOf = (name: string, command: Subcommand): string => `boathouse delta ${name} PATH ${command.usage}`;

/** Every subcommand with its options. */
export const help = (): string =>
  Object.entries(all)
    .map(([name, command]) => `  ${usageOf(name, command)}\n      ${command.summary}\n`)
    .join('');

/** Reads and maintains a Delta table in a folder or bucket without a server. Exit codes: 0, 1 what went wrong, 2 called wrongly. */
export async function run(args: string[], env: NodeJS.ProcessEnv, print: Print): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(all, name) ? all[name] : undefined;
  if (args.includes('--help') || args.includes('-h')) {
    print(command ? `${usageOf(name, command)}\n  ${command.summary}\n` : help());
    return 0;
  }
  if (!command) throw new UsageError(`Usage: ${usage}. "boathouse help delta" tells more.`);
  const parsed = readArguments(
    rest,
    command.options,
    { min: 1, max: 1, usage: usageOf(name, command) },
    command.flags ?? [],
  );
  const code = await withTable(parsed.positionals[0] ?? '', command.writes?.(parsed) ?? false, env, (table) =>
    command.run(table, parsed, print).catch(async (error: unknown) => {
      const version = wholeNumber(parsed.options.version, 'version');
      const at = version === undefined ? {} : { version };
      // A failure to find the reason must not hide what failed.
      const failure = await table.delta.fileFailure(table.location, at, error).catch(() => null);
      throw failure ?? error;
    }),
  );
  return typeof code === 'number' ? code : 0;
}
