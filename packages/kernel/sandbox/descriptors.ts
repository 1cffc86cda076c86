import { readdir, readFile } from 'node:fs/promises';

const O_CLOEXEC = 0o2000000;

/**
 * The highest file descriptor that a child would inherit beside its own three: what the process that started this one
 * left open without close-on-exec (shells do). A cell could adopt such a descriptor with no permission at all. 2: none.
 */
export async function highestInherited(): Promise<number> {
  const names = await readdir('/proc/self/fdinfo');
  const inherited = await Promise.all(
    names.map(Number).map(async (fd) => {
      if (fd < 3) return 2;
      // Gone again: the descriptor of this very look.
      const info = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => '');
      const flags = /^flags:\s+([0-7]+)$/m.exec(info)?.[1];
      return flags === undefined || Number.parseInt(flags, 8) & O_CLOEXEC ? 2 : fd;
    }),
  );
  return Math.max(2, ...inherited);
}
