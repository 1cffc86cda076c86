'use client';
import type { ResultManifest } from '@boathouse/contracts';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { resultSource } from './result-source';

/** A result and the windows of it that are on screen. `ensure` loads rows; the component is drawn again when they come. */
export function useResult(runId: string, manifest: ResultManifest, firstPage?: Uint8Array) {
  // One source per result: the manifest's hash names its content.
  const source = useMemo(() => resultSource(runId, manifest, firstPage), [runId, manifest.hash]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [error, setError] = useState<Error | null>(null);
  const abort = useRef<AbortController>(null);

  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    setError(null);
    return () => controller.abort();
  }, [source]);

  const ensure = (from: number, to: number) => {
    source.load(from, to, abort.current?.signal).then(redraw, (thrown: unknown) => {
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return;
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  };
  return { source, ensure, error };
}
