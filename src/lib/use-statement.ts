'use client';
import type { RunSummary } from '@boathouse/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from '@/components/toast';
import { runStatement, stopStatement } from './run-statement';

/** A statement that a button runs: busy, its answer, its error, and a stop. */
export function useStatement(onDone?: (run: RunSummary) => unknown) {
  const [runId, setRunId] = useState<string | null>(null);
  const mutation = useMutation({
    mutationFn: (text: string) => runStatement(text, setRunId),
    onSuccess: (run) => onDone?.(run),
    onSettled: () => setRunId(null),
  });
  return {
    run: mutation.mutate,
    busy: mutation.isPending,
    done: mutation.data,
    error: mutation.error,
    /** Null where nothing runs that could be stopped. */
    stop: runId === null ? null : () => void stopStatement(runId).catch(toast.error),
  };
}
