'use client';
import { BoathouseError, cancelRun, getRun, isFinal, type RunSummary, startRun } from '@boathouse/contracts';
import { call } from './api';
import { live } from './live';

/**
 * Runs one statement as the person and answers its ended run. It is a run like any other: found under "Running", in lineage
 * and events. `onStart` gets its id, by which it can be stopped. Throws the run's error (BoathouseError).
 */
export async function runStatement(text: string, onStart?: (runId: string) => void): Promise<RunSummary> {
  const id = crypto.randomUUID();
  const started = await call(startRun, { body: { id, text } });
  onStart?.(id);
  const run = isFinal(started.state) ? await call(getRun, { params: { id } }) : await ended(id);
  if (run.state === 'succeeded') return run;
  if (run.error) throw BoathouseError.fromInfo(run.error);
  throw new BoathouseError(
    run.state === 'cancelled' ? 'CANCELLED' : 'RUN_LOST',
    run.state === 'cancelled'
      ? 'The statement was stopped.'
      : 'The compute process ended while the statement ran. Look at the history for what it has done, then try again.',
    'user',
  );
}

/** Follows a run until it has ended; every push only says that there is something to read. */
const ended = (id: string): Promise<RunSummary> =>
  new Promise((resolve, reject) => {
    let reading = false;
    let again = false;
    const read = async (): Promise<void> => {
      if (reading) {
        again = true;
        return;
      }
      reading = true;
      try {
        do {
          again = false;
          const run = await call(getRun, { params: { id } });
          if (isFinal(run.state)) {
            leave();
            resolve(run);
            return;
          }
        } while (again);
      } catch (error) {
        // Out of reach for a moment: the reconnection reads again.
        if (!(error instanceof BoathouseError) || error.code !== 'OFFLINE') {
          leave();
          reject(error);
        }
      } finally {
        reading = false;
      }
    };
    const stopFollowing = live.follow(`run:${id}`, (message) => {
      if (message.type === 'run' && !isFinal(message.run.state)) return;
      if (message.type === 'event' && message.row.event.type !== 'finished') return;
      void read();
    });
    const stopListening = live.onReconnect(() => void read());
    const leave = () => {
      stopFollowing();
      stopListening();
    };
    void read();
  });

export const stopStatement = (runId: string): Promise<unknown> => call(cancelRun, { params: { id: runId } });
