import { readFile } from 'node:fs/promises';

/** The kernel itself: bubblewrap's process is its grandparent. */
export async function kernelPid(pid: number): Promise<number> {
  const name = /^Name:\s+(.+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (name?.startsWith('deno')) return pid;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(/\s+/).filter(Boolean);
  for (const child of children) {
    const found = await kernelPid(Number(child)).catch(() => 0);
    if (found) return found;
  }
  throw new Error(`no kernel below process ${pid}`);
}

/** Private writable mappings of a process: what RLIMIT_DATA counts. */
export const privateBytes = (pid: number): Promise<number> => statusBytes(pid, 'VmData');
export const residentBytes = (pid: number): Promise<number> => statusBytes(pid, 'VmRSS');

async function statusBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
