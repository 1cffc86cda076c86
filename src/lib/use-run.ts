'use client';
import { getRun, isFinal, type RunSummary } from '@boathouse/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call } from './api';
import { live } from './live';

/** One run, followed by push until it ends; `progress` is the last thing it said of how far it is. */
export function useRun(runId: string | null): {
  run: RunSummary | undefined;
  progress: { percent?: number | undefined; message: string } | null;
  error: Error | null;
} {
  const cache = useQueryClient();
  const key = ['run', runId];
  const run = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(getRun, { params: { id: runId! }, signal }),
    enabled: runId !== null,
  });
  const [progress, setProgress] = useState<{ percent?: number | undefined; message: string } | null>(null);
  const ended = run.data ? isFinal(run.data.state) : false;
  useEffect(() => {
    if (runId === null || ended) return;
    const refresh = () => void cache.invalidateQueries({ queryKey: ['run', runId] });
    const leave = live.follow(`run:${runId}`, (message) => {
      if (message.type === 'run') cache.setQueryData(['run', runId], message.run);
      if (message.type === 'event' && message.row.event.type === 'progress') setProgress(message.row.event);
      if (message.type === 'event' && message.row.event.type === 'finished') refresh();
      if (message.type === 'subscribed') refresh();
    });
    return leave;
  }, [cache, runId, ended]);
  return { run: run.data, progress, error: run.error };
}
