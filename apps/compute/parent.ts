const POLL_MS = 500;

/**
 * Calls `end` when the supervisor is gone: its IPC channel closes at once; where there is none (or the channel is held by
 * another process) its pid is polled, so that compute ends within 2 s in any case.
 */
export function endWithParent(parentPid: number | undefined, end: () => void): void {
  process.once('disconnect', end);
  if (parentPid === undefined) return;
  const timer = setInterval(() => {
    try {
      process.kill(parentPid, 0);
    } catch {
      clearInterval(timer);
      end();
    }
  }, POLL_MS);
  timer.unref();
}
