'use client';
import { BoathouseError, cancelRun, errorInfo, listRunEvents, listRuns, startRun } from '@boathouse/contracts';
import { apply, type Execution, newExecution, type Operation } from '@boathouse/notebook';
import { create } from 'zustand';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { live } from '@/lib/live';

interface ExecutionStore {
  execution: Execution;
  /** Arrow IPC of the first rows of a run, as pushed. */
  pages: Record<string, Uint8Array>;
  loaded: boolean;
  dispatch: (operation: Operation) => void;
  /** Starts the cell as it is in the document; shown as queued at once. */
  run: (request: {
    cellId: string;
    codeHash: string;
    documentVersion: string;
    me: { userId: string; name: string };
  }) => Promise<void>;
  stop: (runId: string) => void;
  begin: () => () => void;
}

/** The execution state of one notebook page: the shared state machine, fed by pushes and by reading what they missed. */
export function makeExecutionStore(notebookId: string) {
  const reading = new Set<string>();
  return create<ExecutionStore>((set, get) => ({
    execution: newExecution(),
    pages: {},
    loaded: false,
    dispatch: (operation) => {
      const { state, effects } = apply(get().execution, operation);
      set({ execution: state });
      for (const effect of effects) {
        if (reading.has(effect.runId)) continue;
        reading.add(effect.runId);
        void call(listRunEvents, { params: { id: effect.runId }, query: { after: effect.after } })
          .then((answer) => {
            for (const row of answer.events) {
              const step = apply(get().execution, { type: 'event', row });
              set({ execution: step.state });
            }
          })
          .catch(() => undefined) // the next push or reconnection reads again
          .finally(() => reading.delete(effect.runId));
      }
    },
    run: async ({ cellId, codeHash, documentVersion, me }) => {
      const id = crypto.randomUUID();
      get().dispatch({
        type: 'requested',
        runId: id,
        cellId,
        codeHash,
        principalId: me.userId,
        principalName: me.name,
        atMs: Date.now(),
      });
      for (let attempt = 0; ; attempt++) {
        try {
          const run = await call(startRun, { body: { id, notebookId, cellId, documentVersion } });
          get().dispatch({ type: 'summary', run });
          return;
        } catch (error) {
          // The id makes a repeated request harmless, so an unknown outcome is simply asked again.
          if (error instanceof BoathouseError && error.code === 'OFFLINE' && attempt < 5) {
            await new Promise((resolve) => setTimeout(resolve, 300 * 2 ** attempt));
            continue;
          }
          get().dispatch({ type: 'refused', runId: id, error: errorInfo(error), atMs: Date.now() });
          return;
        }
      }
    },
    stop: (runId) =>
      void call(cancelRun, { params: { id: runId }, body: {} }).then(
        (run) => get().dispatch({ type: 'summary', run }),
        toast.error,
      ),
    begin: () => {
      let ended = false;
      const read = () =>
        call(listRuns, { query: { notebookId, latest: 'true', limit: 200 } }).then(
          ({ runs }) => {
            if (ended) return;
            for (const run of runs) get().dispatch({ type: 'summary', run });
            set({ loaded: true });
          },
          (error: unknown) => {
            if (!ended) toast.error(error);
          },
        );
      const leave = live.follow(
        `notebook:${notebookId}`,
        (message) => {
          switch (message.type) {
            case 'run':
              get().dispatch({ type: 'summary', run: message.run });
              break;
            case 'event':
              get().dispatch({ type: 'event', row: message.row });
              break;
            case 'table.changed':
              get().dispatch({ type: 'tableChanged', fullName: message.fullName, version: message.version });
              break;
            case 'subscribed':
              void read();
              break;
            case 'refused':
              toast.error(new Error(message.message));
              break;
            default:
              break;
          }
        },
        { onPage: ({ header, body }) => set((state) => ({ pages: { ...state.pages, [header.runId]: body } })) },
      );
      const forget = live.onReconnect(() => void read());
      void read();
      return () => {
        ended = true;
        leave();
        forget();
      };
    },
  }));
}

export type UseExecution = ReturnType<typeof makeExecutionStore>;
