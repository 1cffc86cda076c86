'use client';
import type { ResultManifest } from '@boathouse/contracts';
import type { ChartRows } from '@boathouse/dashboards';
import { useEffect, useMemo, useState } from 'react';
import { cellText, columnType, isNumeric } from '../results/format-cell';
import { resultSource } from '../results/result-source';

/** Rows that a chart reads at most; longer results are charted from their beginning, and say so. */
const chartRows = 50_000;

/** The first rows of a result for a chart; undefined while they come. */
export function useChartRows(
  runId: string,
  manifest: ResultManifest,
  firstPage?: Uint8Array,
): { rows: ChartRows | undefined; error: Error | null } {
  const source = useMemo(() => resultSource(runId, manifest, firstPage), [runId, manifest, firstPage]);
  const [loaded, setLoaded] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const wanted = Math.min(manifest.rowCount, chartRows);
  useEffect(() => {
    const abort = new AbortController();
    setLoaded(0);
    setError(null);
    source.load(0, wanted, abort.signal).then(
      () => setLoaded(wanted),
      (thrown: unknown) => {
        if (!(thrown instanceof DOMException)) setError(thrown as Error);
      },
    );
    return () => abort.abort();
  }, [source, wanted]);
  const rows = useMemo((): ChartRows | undefined => {
    if (loaded < wanted) return undefined;
    const types = manifest.columns.map((column) => columnType(column.type));
    return {
      columns: manifest.columns,
      rowCount: wanted,
      totalRows: manifest.rowCount,
      value: (row, column) => {
        const value = source.value(row, column);
        if (value === null || value === undefined) return null;
        const type = types[column]!;
        if (type.kind === 'decimal') return Number((cellText(value, type).title ?? '').replaceAll(',', ''));
        if (isNumeric(type) || type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamp_ntz')
          return Number(value);
        return cellText(value, type).text;
      },
    };
  }, [loaded, wanted, manifest, source]);
  return { rows, error };
}
