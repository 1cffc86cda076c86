import { readFileSync, writeFileSync } from 'node:fs';
import { family } from '../../bench/support.ts';

/** Empty for a process that is gone, and for a zombie. */
export const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};

export const running = (pid: number): boolean => commandLine(pid) !== '';

/** The process of a product by its role. */
export function processOf(supervisorPid: number, role: 'server' | 'compute'): number {
  const pid = family(supervisorPid).find((it) => commandLine(it).endsWith(`apps/${role}/main.ts`));
  if (pid === undefined) throw new Error(`the ${role} does not run`);
  return pid;
}

/** The most memory that a process held at a time since `forgetPeak`, in bytes. */
export function peakBytes(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** From now on `peakBytes` counts anew (see proc_pid_clear_refs(5)). */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
