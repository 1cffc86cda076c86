import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdtemp, open, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@boathouse/contracts';
import { FrameReader } from '../wire/frames.ts';
import { launchCommand, type Walls } from './command.ts';
import { highestInherited } from './descriptors.ts';
import { kernelPid, privateBytes } from './proc.ts';

export interface SandboxOptions {
  /** Path of the Deno binary. */
  deno: string;
  /** Folder for private caches; each kernel removes its own. */
  tempDirectory: string;
  /** What kernels run, and the folders of all that it imports. */
  entry: string;
  sources: readonly string[];
  /** Memory of one kernel beyond what an idle one has; default 512 MB, of which half for V8's objects. */
  memoryBytes?: number;
  /** Tries only these; for tests. */
  walls?: readonly Walls[];
}

export interface SandboxedProcess {
  child: ChildProcess;
  /** Removes what the process leaves behind. */
  clean(): Promise<void>;
}

/** A proven way to start kernels on this machine. */
export interface Sandbox {
  readonly walls: Walls;
  readonly memoryBytes: number;
  start(): Promise<SandboxedProcess>;
}

const DEFAULT_MEMORY_BYTES = 512 * 2 ** 20;
const PROBE_MS = 10_000;
const ALL_WALLS: readonly Walls[] = ['bubblewrap', 'limits', 'permissions'];

/**
 * Finds by trying what this machine has: namespaces may be forbidden where bwrap is installed. Throws KERNEL_UNAVAILABLE.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  const [deno, entry, ...sources] = await Promise.all(
    [options.deno, options.entry, ...options.sources].map((path) => realpath(path)),
  );
  const starter = (walls: Walls, dataBytes: number | null) => async (): Promise<SandboxedProcess> => {
    const cacheDirectory = walls === 'bubblewrap' ? '' : await mkdtemp(join(options.tempDirectory, 'kernel-'));
    const inherited = await highestInherited();
    const { command, args, env } = launchCommand({
      openFiles: 256 + inherited,
      walls,
      deno: deno!,
      entry: entry!,
      sources,
      cacheDirectory,
      heapBytes: memoryBytes / 2,
      dataBytes,
    });
    const child = await spawnAlone(command, args, env, inherited);
    return {
      child,
      clean: async () => {
        if (cacheDirectory) await rm(cacheDirectory, { recursive: true, force: true });
      },
    };
  };
  const failures: string[] = [];
  for (const walls of options.walls ?? ALL_WALLS) {
    const probe = await tryStart(starter(walls, null));
    if (!probe.ok) {
      failures.push(`${walls}: ${probe.why}`);
      continue;
    }
    // An idle kernel's mappings depend on the machine (threads, pages): the limit is what it has plus the budget.
    const dataBytes = walls === 'permissions' || !probe.privateBytes ? null : probe.privateBytes + memoryBytes;
    return { walls, memoryBytes, start: starter(walls, dataBytes) };
  }
  throw systemError('KERNEL_UNAVAILABLE', 'TypeScript cells cannot run on this machine: Deno does not start.', {
    detail: failures.join('\n').slice(0, 4000),
  });
}

/** Starts a child with pipes 0, 1 and 2; whatever it would inherit beside them (up to `inherited`) is the null device. */
async function spawnAlone(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  inherited: number,
): Promise<ChildProcess> {
  const none = await open('/dev/null');
  try {
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...Array<number>(inherited - 2).fill(none.fd)];
    return spawn(command, args, { stdio, env, cwd: '/' });
  } finally {
    await none.close();
  }
}

type Probe = { ok: true; privateBytes: number } | { ok: false; why: string };

async function tryStart(start: () => Promise<SandboxedProcess>): Promise<Probe> {
  const { child, clean } = await start();
  let errors = '';
  try {
    return await new Promise<Probe>((resolve) => {
      const fail = (why: string) => resolve({ ok: false, why });
      const timer = setTimeout(() => fail('it did not answer in time'), PROBE_MS);
      child.on('error', (error) => fail(error.message));
      child.on('exit', (code) => {
        clearTimeout(timer);
        fail(errors.trim() || `it ended with ${code}`);
      });
      child.stderr?.on('data', (data) => {
        errors = (errors + String(data)).slice(-2000);
      });
      child.stdin?.on('error', () => {});
      const reader = new FrameReader(1 << 16);
      child.stdout?.on('data', (data: Buffer) => {
        // The first frame says ready.
        reader.push(data, () => {
          clearTimeout(timer);
          void measure(child.pid).then((privateBytes) => resolve({ ok: true, privateBytes }));
        });
      });
    });
  } finally {
    child.kill('SIGKILL');
    await clean();
  }
}

async function measure(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  try {
    return await privateBytes(await kernelPid(pid));
  } catch {
    return 0;
  }
}

/** Where the npm package of Deno lies. Throws KERNEL_UNAVAILABLE. */
export async function findDeno(resolvePackage: (name: string) => string): Promise<string> {
  try {
    const file = resolvePackage('@deno/linux-x64-glibc/package.json');
    await readFile(file);
    return join(file, '..', 'deno');
  } catch (cause) {
    throw systemError(
      'KERNEL_UNAVAILABLE',
      'TypeScript cells cannot run: the package @deno/linux-x64-glibc is not installed. Run npm ci.',
      { cause },
    );
  }
}
