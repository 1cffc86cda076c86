'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { live } from '@/lib/live';

/** Query keys (first part) that a change of this kind makes old. Lists stay true by push. */
const staleKeys: Record<string, string[]> = {
  notebook: ['objects', 'recent', 'search'],
  dashboard: ['objects', 'recent', 'search', 'dashboards'],
  directory: ['objects'],
  object: ['objects', 'recent', 'search'],
  job: ['jobs'],
  jobRun: ['jobs'],
  pipeline: ['pipelines'],
  table: ['catalog', 'completion', 'samples'],
  schema: ['catalog', 'completion', 'samples'],
  catalog: ['catalog', 'completion'],
  volume: ['catalog'],
  grant: ['catalog', 'completion'],
  compute: ['compute'],
  run: ['running'],
};

/** Follows the topic `workspace` and marks what it names as old; after a reconnection, everything. */
export function useWorkspaceChanges(enabled: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const leave = live.follow('workspace', (message) => {
      if (message.type === 'changed')
        for (const key of staleKeys[message.kind] ?? [message.kind]) void cache.invalidateQueries({ queryKey: [key] });
      if (message.type === 'run') void cache.invalidateQueries({ queryKey: ['running'] });
    });
    const forget = live.onReconnect(() => void cache.invalidateQueries());
    return () => {
      leave();
      forget();
    };
  }, [cache, enabled]);
}
