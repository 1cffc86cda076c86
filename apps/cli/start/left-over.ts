import { readdirSync, readFileSync } from 'node:fs';

const endWithinMs = 2500;

/**
 * Server and compute of a supervisor that was killed: they end by themselves within two seconds, and until then they hold
 * the port and may still write. Processes of a supervisor that lives are not among them.
 */
export function leftOver(home: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!/apps\/(server|compute)\/main\.ts\0$/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8'))) return [];
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      const parent = environment.find((entry) => entry.startsWith('BOATHOUSE_PARENT_PID='))?.split('=')[1];
      const ours = environment.includes(`BOATHOUSE_HOME=${home}`) && parent !== undefined && !lives(Number(parent));
      return ours ? [Number(name)] : [];
    } catch {
      return []; // ended meanwhile, or somebody else's
    }
  });
}

/** Waits until they have ended, and ends those that hang. The caller holds the lock of the home, or only waits for the port. */
export async function endLeftOver(home: string): Promise<void> {
  const deadline = performance.now() + endWithinMs;
  let left = leftOver(home);
  while (left.length > 0) {
    if (performance.now() > deadline) for (const pid of left) end(pid);
    await new Promise((resolve) => setTimeout(resolve, 30));
    left = leftOver(home);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
