'use client';
import type { RunSummary } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { runStatement } from '@/lib/run-statement';
import { catalogKeys } from '../use-catalog';

/** A short statement that changes a table's definition; the page is read again before it counts as done. */
export function useTableStatement(fullName: string) {
  const cache = useQueryClient();
  const refresh = () => cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) });
  const mutation = useMutation({
    mutationFn: async (text: string): Promise<RunSummary> => {
      const run = await runStatement(text);
      await refresh();
      return run;
    },
  });
  return { run: mutation.mutate, busy: mutation.isPending, error: mutation.error, refresh };
}
