'use client';
import type { ErrorInfo } from '@boathouse/contracts';
import { useMemo } from 'react';
import { StatusBadge } from '@/components/status';
import { useNotebookPipelineState } from './notebook-pipeline';
import { badgeOf } from './words';

/** How the update goes that a pipeline cell belongs to. */
export function PipelineCellStatus() {
  const state = useNotebookPipelineState();
  const update = state?.update ?? state?.pipeline?.latestUpdate;
  if (!update || state?.checked) return null;
  return <StatusBadge status={badgeOf(update.state)} />;
}

/** What is wrong with the text of a cell, for the editor to mark; null where nothing is, or it is no cell of a pipeline. */
export function usePipelineCellError(cellId: string): ErrorInfo | null {
  const state = useNotebookPipelineState();
  const errors = (state?.checked ?? state?.update?.graph)?.errors;
  return useMemo(() => {
    const found = errors?.find((error) => error.cellId === cellId);
    if (!found) return null;
    const { code, message, position } = found;
    return { code, message, fault: 'user', status: 400, ...(position ? { position } : {}) };
  }, [errors, cellId]);
}
