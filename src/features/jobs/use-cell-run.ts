'use client';
import { isFinal, listRunEvents, type RunSummary } from '@boathouse/contracts';
import { apply, type CellRun, type Execution, newExecution, type Operation } from '@boathouse/notebook';
import { useEffect, useMemo, useReducer, useRef } from 'react';
import { call } from '@/lib/api';
import { live } from '@/lib/live';

/** What one run shows, followed until it ends: the notebook's own state machine, with one cell. */
export function useCellRun(
  cellId: string,
  run: RunSummary | null,
): { run: CellRun | null; page: Uint8Array | undefined } {
  const state = useRef<Execution>(newExecution());
  const page = useRef<Uint8Array | undefined>(undefined);
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const hear = useMemo(() => {
    const reading = new Set<string>();
    const dispatch = (operation: Operation): void => {
      const step = apply(state.current, operation);
      state.current = step.state;
      redraw();
      for (const { runId, after } of step.effects) {
        if (reading.has(runId)) continue;
        reading.add(runId);
        void call(listRunEvents, { params: { id: runId }, query: { after } })
          .then(({ events }) => {
            for (const row of events) state.current = apply(state.current, { type: 'event', row }).state;
            redraw();
          })
          .catch(() => undefined) // the next push reads again
          .finally(() => reading.delete(runId));
      }
    };
    return dispatch;
  }, []);
  useEffect(() => {
    // Task runs belong to no cell of a notebook that may have changed since; here they do.
    if (run) hear({ type: 'summary', run: { ...run, cellId } });
  }, [run, cellId, hear]);
  const following = run && !isFinal(run.state) ? run.id : null;
  useEffect(() => {
    if (following === null) return;
    return live.follow(
      `run:${following}`,
      (message) => {
        if (message.type === 'run') hear({ type: 'summary', run: { ...message.run, cellId } });
        if (message.type === 'event') hear({ type: 'event', row: message.row });
      },
      {
        onPage: ({ body }) => {
          page.current = body;
          redraw();
        },
      },
    );
  }, [following, cellId, hear]);
  void version;
  return { run: (run && state.current.runs[run.id]) ?? null, page: page.current };
}
