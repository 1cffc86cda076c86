import type { IncomingMessage } from 'node:http';
import { type ObjectInfo, type ObjectWriter, userError } from '@boathouse/contracts';

/**
 * Streams a request's body into an object at the speed of the disk: the whole body or nothing. Throws REQUEST_INCOMPLETE where the
 * connection was lost before the end, REQUEST_TIMEOUT where no byte came for `idleMs`: a laptop that was closed says no good-bye.
 */
export async function receive(body: IncomingMessage, writer: ObjectWriter, idleMs = 60_000): Promise<ObjectInfo> {
  let idle: NodeJS.Timeout | undefined;
  // Only the wait for the sender counts, not the time that the disk takes.
  const waiting = (): void => {
    idle = setTimeout(() => body.destroy(silent(idleMs)), idleMs);
  };
  try {
    waiting();
    for await (const chunk of body) {
      clearTimeout(idle);
      await writer.write(chunk);
      waiting();
    }
    if (!body.complete) throw incomplete();
    return await writer.commit();
  } catch (error) {
    await writer.abort();
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
    )
      throw incomplete();
    throw error;
  } finally {
    clearTimeout(idle);
  }
}

const silent = (idleMs: number) =>
  userError(
    'REQUEST_TIMEOUT',
    `No byte of the file came for ${Math.round(idleMs / 1000)} s. Nothing was kept: send it again.`,
    { status: 408 },
  );

const incomplete = () =>
  userError(
    'REQUEST_INCOMPLETE',
    'The connection was lost before the whole file had arrived. Nothing was kept: send it again.',
    { status: 400 },
  );
