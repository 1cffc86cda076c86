import { BoathouseError } from '@boathouse/contracts';

/** The error with its place in the whole script; `start`: where the text that failed begins there. */
export function relocated(error: unknown, text: string, start: number): unknown {
  if (!(error instanceof BoathouseError) || !error.position || moved.has(error)) return error;
  moved.add(error);
  const at = Math.max(0, error.position.start + start);
  const end = Math.max(at, error.position.end + start);
  const before = text.slice(0, at);
  error.position = { line: before.split('\n').length, column: at - before.lastIndexOf('\n'), start: at, end };
  return error;
}

/** An error is moved once: by the innermost script that it passes. */
const moved = new WeakSet<BoathouseError>();
