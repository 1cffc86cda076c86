import type { IncomingMessage } from 'node:http';
import { type ObjectInfo, type ObjectWriter, userError } from '@boathouse/contracts';

/**
 * Streams a request's body into an object at the speed of the disk: the whole body or nothing. `progress` hears the bytes
 * received so far. Throws REQUEST_INCOMPLETE where the connection was lost before the end.
 */
export async function receive(
  body: IncomingMessage,
  writer: ObjectWriter,
  progress?: (bytes: number) => void,
): Promise<ObjectInfo> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      await writer.write(chunk);
      progress?.(received);
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
  }
}

const incomplete = () =>
  userError(
    'REQUEST_INCOMPLETE',
    'The connection was lost before the whole file had arrived. Nothing was kept: send it again.',
    { status: 400 },
  );
