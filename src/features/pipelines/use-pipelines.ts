'use client';
import {
  deletePipeline,
  foldFlows,
  getNotebookPipeline,
  getPipeline,
  getPipelineUpdate,
  listPipelines,
  listPipelineUpdates,
  PipelineEvent,
  type PipelineUpdateDetail,
  type RunEventRow,
  startNotebookPipeline,
  startPipelineUpdate,
  stopPipeline,
  updatePipeline,
  updateStateOf,
  validateNotebookPipeline,
  validatePipeline,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { live } from '@/lib/live';

/** Everything of pipelines lies under `pipelines`: a push about any of them makes it old. */
const keys = {
  all: ['pipelines'] as const,
  list: ['pipelines', 'list'] as const,
  pipeline: (id: string) => ['pipelines', 'pipeline', id] as const,
  ofNotebook: (id: string) => ['pipelines', 'notebook', id] as const,
  updates: (id: string) => ['pipelines', 'updates', id] as const,
  update: (id: string, updateId: string) => ['pipelines', 'update', id, updateId] as const,
};

export const usePipelines = () =>
  useQuery({ queryKey: keys.list, queryFn: ({ signal }) => call(listPipelines, { signal }) });

export const usePipeline = (id: string) =>
  useQuery({ queryKey: keys.pipeline(id), queryFn: ({ signal }) => call(getPipeline, { params: { id }, signal }) });

export const useNotebookPipeline = (notebookId: string, enabled: boolean) =>
  useQuery({
    queryKey: keys.ofNotebook(notebookId),
    queryFn: ({ signal }) => call(getNotebookPipeline, { params: { notebookId }, signal }),
    enabled,
  });

export const usePipelineUpdates = (id: string) =>
  useQuery({
    queryKey: keys.updates(id),
    queryFn: ({ signal }) => call(listPipelineUpdates, { params: { id }, query: { limit: 100 }, signal }),
  });

/** An update with its news as they come: what the live channel tells is folded into what was read. */
export function usePipelineUpdate(id: string | undefined, updateId: string | undefined) {
  const cache = useQueryClient();
  const queryKey = keys.update(id ?? '', updateId ?? '');
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => call(getPipelineUpdate, { params: { id: id!, updateId: updateId! }, signal }),
    enabled: id !== undefined && updateId !== undefined,
  });
  useEffect(() => {
    if (!id || !updateId) return;
    return live.follow(`pipeline:${id}`, (message) => {
      const key = keys.update(id, updateId);
      if (message.type === 'event' && message.row.runId === updateId)
        cache.setQueryData<PipelineUpdateDetail>(key, (old) => old && withRow(old, message.row));
      if (message.type === 'subscribed') void cache.invalidateQueries({ queryKey: key });
      if (message.type === 'run' && message.run.id === updateId && message.run.endedAtMs !== null)
        void cache.invalidateQueries({ queryKey: keys.all });
    });
  }, [cache, id, updateId]);
  return query;
}

/** The update after one more row of its run's log. */
export function withRow(update: PipelineUpdateDetail, row: RunEventRow): PipelineUpdateDetail {
  if (row.seq <= update.lastSeq) return update;
  const next = { ...update, lastSeq: row.seq };
  const event = row.event.type === 'flow' ? PipelineEvent.safeParse(row.event.details) : null;
  if (!event?.success) return next;
  return {
    ...next,
    state: updateStateOf(event.data) ?? update.state,
    flows: foldFlows(update.flows, event.data),
    events: [...update.events, event.data],
  };
}

export interface StartOptions {
  fullRefresh?: boolean;
}

/** What people do with pipelines; pages follow by themselves. */
export function usePipelineActions() {
  const cache = useQueryClient();
  const options = { onSettled: () => cache.invalidateQueries({ queryKey: keys.all }), onError: toast.error };
  return {
    // The id makes a press that is sent twice one update.
    start: useMutation({
      mutationFn: ({ id, fullRefresh = false }: { id: string } & StartOptions) =>
        call(startPipelineUpdate, { params: { id }, body: { id: crypto.randomUUID(), fullRefresh } }),
      ...options,
    }),
    startNotebook: useMutation({
      mutationFn: ({
        notebookId,
        documentVersion,
        fullRefresh = false,
      }: { notebookId: string; documentVersion: string } & StartOptions) =>
        call(startNotebookPipeline, {
          params: { notebookId },
          body: { id: crypto.randomUUID(), documentVersion, fullRefresh },
        }),
      ...options,
    }),
    validate: useMutation({
      mutationFn: (id: string) => call(validatePipeline, { params: { id }, body: {} }),
      onError: toast.error,
    }),
    validateNotebook: useMutation({
      mutationFn: ({ notebookId, documentVersion }: { notebookId: string; documentVersion: string }) =>
        call(validateNotebookPipeline, { params: { notebookId }, body: { documentVersion } }),
      onError: toast.error,
    }),
    stop: useMutation({
      mutationFn: (id: string) => call(stopPipeline, { params: { id }, body: {} }),
      ...options,
    }),
    change: useMutation({
      mutationFn: ({ id, ...body }: { id: string; name?: string; catalog?: string; schema?: string }) =>
        call(updatePipeline, { params: { id }, body }),
      ...options,
    }),
    remove: useMutation({ mutationFn: (id: string) => call(deletePipeline, { params: { id } }), ...options }),
  };
}
