import { dirname } from 'node:path';

/** How a kernel is shut in, best first. What the machine lacks is found out once by `openSandbox`. */
export type Walls = 'bubblewrap' | 'limits' | 'permissions';

export interface LaunchFacts {
  walls: Walls;
  deno: string;
  /** The script that Deno runs, and the folders of all that it imports. Absolute, links resolved. */
  entry: string;
  sources: readonly string[];
  /** A private folder for Deno's own cache where there is no namespace to hide one. */
  cacheDirectory: string;
  /** Bytes that V8 may use for objects. */
  heapBytes: number;
  /** Bytes of private memory all told, buffers included; null: no limit. */
  dataBytes: number | null;
  /** File descriptors that it may hold. */
  openFiles: number;
}

export interface Launch {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

const CACHE_INSIDE = '/deno-dir';
const MEBIBYTE = 2 ** 20;

/**
 * No permission at all, nothing fetched, nothing asked. Without the --no-… and --deny-import flags Deno fetches packages
 * and modules of known hosts even where a script has no right to the network.
 */
function denoCommand(facts: LaunchFacts): string[] {
  return [
    facts.deno,
    'run',
    '--quiet',
    '--no-prompt',
    '--no-config',
    '--no-lock',
    '--cached-only',
    '--no-remote',
    '--no-npm',
    '--deny-import',
    `--v8-flags=--max-old-space-size=${Math.max(64, Math.floor(facts.heapBytes / MEBIBYTE))}`,
    facts.entry,
  ];
}

/** --data, because RLIMIT_AS cannot hold V8, which reserves 50 GB of addresses, and V8's own limit knows no buffers. */
function limits({ dataBytes, openFiles }: LaunchFacts): string[] {
  return [
    'prlimit',
    '--core=0',
    `--nofile=${openFiles}`,
    `--fsize=${64 * MEBIBYTE}`,
    ...(dataBytes === null ? [] : [`--data=${dataBytes}`]),
  ];
}

function bubblewrap(facts: LaunchFacts): string[] {
  const folders = [...new Set([...facts.sources, dirname(facts.entry)])];
  return [
    'bwrap',
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...['--uid', '65534', '--gid', '65534', '--hostname', 'kernel'],
    ...['/lib', '/lib64', '/usr/lib', '/usr/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
    ...[facts.deno, ...folders].flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', CACHE_INSIDE],
    ...Object.entries(environment(CACHE_INSIDE)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', '/'],
  ];
}

/** Sessions are in UTC, as SQL's are. */
const environment = (cacheDirectory: string): Record<string, string> => ({
  DENO_DIR: cacheDirectory,
  DENO_NO_UPDATE_CHECK: '1',
  NO_COLOR: '1',
  TZ: 'UTC',
});

/** The command line of a kernel. */
export function launchCommand(facts: LaunchFacts): Launch {
  const deno = denoCommand(facts);
  const env: NodeJS.ProcessEnv = {
    ...environment(facts.cacheDirectory),
    NODE_ENV: 'production',
    PATH: '/usr/local/bin:/usr/bin:/bin',
  };
  const line = {
    bubblewrap: () => [...limits(facts), ...bubblewrap(facts), ...deno],
    // The kernel ends with the process that started it also where it never reads its pipe again.
    limits: () => ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', ...limits(facts), ...deno],
    permissions: () => deno,
  }[facts.walls]();
  return { command: line[0]!, args: line.slice(1), env };
}
