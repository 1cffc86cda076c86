'use client';
import type { PipelineGraph, PipelineUpdateDetail, PipelineView } from '@boathouse/contracts';
import { createContext, useContext, useMemo, useRef, useState } from 'react';
import { toast } from '@/components/toast';
import { useNotebookPipeline, usePipelineActions, usePipelineUpdate } from './use-pipelines';
import { isActive } from './words';

/** The pipeline of an open notebook: what its cells, its button and its panels share. */
export interface NotebookPipeline {
  pipeline: PipelineView | null;
  update: PipelineUpdateDetail | null;
  /** What the last check found, until the next run. */
  checked: PipelineGraph | null;
  active: boolean;
  busy: boolean;
  run: (options?: { fullRefresh?: boolean }) => void;
  check: () => void;
  stop: () => void;
}

const Context = createContext<NotebookPipeline | null>(null);
export const NotebookPipelineProvider = Context.Provider;
export const useNotebookPipelineState = (): NotebookPipeline | null => useContext(Context);

/** `version`: the document as this browser shows it; what runs is what is seen. The answer changes only with its contents. */
export function useNotebookPipelineOf(notebookId: string, version: () => string, enabled: boolean): NotebookPipeline {
  const found = useNotebookPipeline(notebookId, enabled);
  const pipeline = found.data?.pipeline ?? null;
  const update = usePipelineUpdate(pipeline?.id, pipeline?.latestUpdate?.id).data ?? null;
  const { startNotebook, validateNotebook, stop } = usePipelineActions();
  const [checked, setChecked] = useState<PipelineGraph | null>(null);
  const active = isActive(pipeline?.latestUpdate);
  const busy = startNotebook.isPending || active;
  // Functions that every cell holds must not change with each key that is typed.
  const latest = useRef({ version, busy, pipelineId: pipeline?.id });
  latest.current = { version, busy, pipelineId: pipeline?.id };
  const { mutate: start } = startNotebook;
  const { mutate: validate } = validateNotebook;
  const { mutate: end } = stop;
  return useMemo(
    () => ({
      pipeline,
      update,
      checked,
      active,
      busy,
      run: ({ fullRefresh = false } = {}) => {
        if (latest.current.busy) return;
        setChecked(null);
        start({ notebookId, documentVersion: latest.current.version(), fullRefresh });
      },
      check: () =>
        validate(
          { notebookId, documentVersion: latest.current.version() },
          {
            onSuccess: (graph) => {
              setChecked(graph);
              if (!graph.errors.length) toast.done('The pipeline has no errors.');
            },
          },
        ),
      stop: () => {
        if (latest.current.pipelineId) end(latest.current.pipelineId);
      },
    }),
    [pipeline, update, checked, active, busy, notebookId, start, validate, end],
  );
}
