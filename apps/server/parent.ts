/**
 * Calls `end` within a second of losing the supervisor: the IPC channel closes at once where there is one, and the poll
 * covers a supervisor that was killed while the channel was handed on.
 */
export function endWithParent(parentPid: number | undefined, end: () => void): void {
  process.on('disconnect', end);
  if (parentPid === undefined) return;
  setInterval(() => {
    try {
      process.kill(parentPid, 0);
    } catch {
      end();
    }
  }, 1_000).unref();
}
