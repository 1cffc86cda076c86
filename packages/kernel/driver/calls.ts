import { idOf } from '../wire/frames.ts';
import type { CallError } from '../wire/protocol.ts';
import { callingCell, checkStopped, InterruptError, waitFor } from './cells.ts';
import { send } from './channel.ts';
import { CallFailed } from './failures.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let nextId = 1;

/**
 * Asks the host. The answer is a JSON value, or bytes (Uint8Array) for bulk. Rejects with CallFailed, or InterruptError
 * where the calling cell is stopped. A cell does not end before its calls do.
 */
export function call(method: string, params: unknown): Promise<unknown> {
  const site = new Error();
  const answer = new Promise<unknown>((resolve, reject) => {
    checkStopped();
    const id = nextId++;
    const stop = callingCell()?.stop.signal;
    const onStop = () => {
      waiting.delete(id);
      send({ t: 'cancel', id });
      reject(new InterruptError());
    };
    const settled = () => {
      waiting.delete(id);
      stop?.removeEventListener('abort', onStop);
    };
    stop?.addEventListener('abort', onStop);
    waiting.set(id, {
      resolve: (value) => {
        settled();
        resolve(value);
      },
      reject: (error) => {
        settled();
        // The answer arrives outside of the cell: the line that asked is what a person looks for.
        error.stack = `${error.name}: ${error.message}\n${String(site.stack).split('\n').slice(1).join('\n')}`;
        reject(error);
      },
    });
    try {
      send({ t: 'call', id, method, params });
    } catch (error) {
      settled();
      throw error;
    }
  });
  return waitFor(answer);
}

export const answered = (id: number, value: unknown): void => waiting.get(id)?.resolve(value);
export const answeredBytes = (body: Uint8Array): void => answered(idOf(body), body.subarray(4));
export const refused = (id: number, error: CallError): void => waiting.get(id)?.reject(new CallFailed(error));
