import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BoathouseError } from '@boathouse/contracts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** A command takes its arguments and answers the exit code. Each is loaded when it is called: `start` must be quick. */
type Command = {
  summary: string;
  usage: string;
  run: (args: string[]) => Promise<number>;
  /** What `help COMMAND` tells beyond usage and summary. */
  help?: () => Promise<string>;
};

const commands: Record<string, Command> = {
  start: {
    summary: 'start the workspace on this machine',
    usage: 'boathouse start [--dev [--no-watch]]',
    run: async (args) => {
      const { start } = await import('./start/start.ts');
      await start({
        root,
        version,
        env: process.env,
        dev: args.includes('--dev'),
        watch: !args.includes('--no-watch'),
        say: (text) => process.stdout.write(`${text}\n`),
      });
      return 0;
    },
  },
  sql: {
    summary: 'run a statement on a running workspace',
    usage: 'boathouse sql "STATEMENT" [--format table|json|csv] [--catalog C] [--schema S] [--url URL] [--token TOKEN]',
    run: async (args) => (await import('./commands/sql.ts')).run(args, process.env, print),
  },
  import: {
    summary: 'load a CSV, JSON or Parquet file into a new table',
    usage: 'boathouse import FILE CATALOG.SCHEMA.TABLE [--url URL] [--token TOKEN]',
    run: async (args) => (await import('./commands/import.ts')).run(args, process.env, print),
  },
  token: {
    summary: 'make an access token, on the machine that runs the workspace',
    usage: 'boathouse token create [--user EMAIL] [--comment TEXT] [--days N]',
    run: async (args) => (await import('./commands/token.ts')).run(args, process.env, print),
  },
  delta: {
    summary: "read and maintain a Delta table's folder, without a server",
    usage:
      'boathouse delta rows|changes|files|history|detail|schema|checkpoint|optimize|vacuum|restore|fsck PATH [options]',
    run: async (args) => (await import('./commands/delta.ts')).run(args, process.env, print),
    help: async () => (await import('./commands/delta.ts')).help(),
  },
  version: {
    summary: 'print the version',
    usage: 'boathouse version',
    run: async () => {
      process.stdout.write(`boathouse ${version}\n`);
      return 0;
    },
  },
};

/** What it returns is to be awaited by whoever has more: a slow reader then slows the command. */
const print = (text: string | Uint8Array) => (process.stdout.write(text) ? undefined : once(process.stdout, 'drain'));

function help(): string {
  const rows = Object.values(commands).map((command) => `  ${command.usage}\n      ${command.summary}`);
  return `Boathouse ${version}: an open lakehouse workspace.\n\nUsage:\n${rows.join('\n')}\n\n"boathouse help COMMAND" tells more of one command.\n`;
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  if (!name || name === 'help' || name === '--help' || name === '-h') {
    const command = args[0] ? commands[args[0]] : undefined;
    const more = command?.help ? `\n${await command.help()}` : '';
    process.stdout.write(command ? `${command.usage}\n  ${command.summary}\n${more}` : help());
    return 0;
  }
  const command = name === '--version' ? commands.version : commands[name];
  if (!command) {
    process.stderr.write(`boathouse: there is no command "${name}". "boathouse help" lists them.\n`);
    return 2;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof BoathouseError) {
      process.stderr.write(`${error.message}\n`);
      // Whoever works on this machine may see what the engine itself says.
      if (/^(ENGINE_ERROR|UNSUPPORTED_BY_ENGINE)$/.test(error.code) && error.detail)
        process.stderr.write(`${error.detail.split('\n')[0]}\n`);
      return error.code === 'USAGE' ? 2 : 1;
    }
    process.stderr.write(`boathouse ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.BOATHOUSE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

// A reader that has seen enough (`| head`) ends a command; the supervisor outlives its terminal (start.ts).
if (process.argv[2] !== 'start') {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}
process.exitCode = await main();
if (process.exitCode !== 0) process.exit();
