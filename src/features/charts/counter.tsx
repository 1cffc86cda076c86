'use client';
import type { ChartSpec, ResultManifest } from '@boathouse/contracts';
import { ErrorState, Skeleton } from '@/components/states';
import { useChartRows } from './use-chart-rows';

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** One big value: the chosen column (or the first) of the first row. */
export function Counter({ runId, manifest, spec }: { runId: string; manifest: ResultManifest; spec: ChartSpec }) {
  const { rows, error } = useChartRows(runId, manifest);
  if (error) return <ErrorState error={error} className="m-2" />;
  if (!rows) return <Skeleton className="m-4 h-10 w-32" />;
  const name = spec.y[0];
  const column = Math.max(0, name === undefined ? 0 : rows.columns.findIndex((one) => one.name === name));
  const value = rows.rowCount > 0 ? rows.value(0, column) : null;
  return (
    <div className="grid h-full place-items-center p-2 text-center">
      <div>
        <p className="font-semibold text-4xl tabular-nums">
          {value === null ? (
            <span className="text-faint text-base">No value</span>
          ) : typeof value === 'number' ? (
            number.format(value)
          ) : (
            String(value)
          )}
        </p>
        <p className="mt-1 text-muted text-xs">{rows.columns[column]?.name}</p>
      </div>
    </div>
  );
}
