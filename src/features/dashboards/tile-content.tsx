'use client';
import type { ChartSpec, RunSummary } from '@boathouse/contracts';
import { isNumericType } from '@boathouse/dashboards';
import { Hash } from 'lucide-react';
import { useState } from 'react';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { ResultChart } from '../charts/result-chart';
import { useChartRows } from '../charts/use-chart-rows';
import { ResultGrid } from '../results/result-grid';

type Answer = RunSummary & { result: NonNullable<RunSummary['result']> };

/** An answer as its tile shows it: a chart, a table or one number. `height` in pixels. */
export function TileContent({
  run,
  chart,
  title,
  height,
}: {
  run: Answer;
  chart: ChartSpec;
  title: string;
  height: number;
}) {
  if (chart.kind === 'counter') return <Counter run={run} chart={chart} title={title} />;
  if (run.result.rowCount === 0) return <EmptyState icon={Hash} title="The query answers no rows" />;
  if (chart.kind === 'table')
    return <ResultGrid key={run.result.hash} runId={run.id} manifest={run.result} maxHeight={height} />;
  return <ResultChart runId={run.id} manifest={run.result} spec={chart} height="100%" label={`Chart: ${title}`} />;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });

/** The first row's value of the chosen column; without a choice, of the first number. */
function Counter({ run, chart, title }: { run: Answer; chart: ChartSpec; title: string }) {
  const { rows, error } = useChartRows(run.id, run.result);
  const columns = run.result.columns;
  const chosen = columns.findIndex((column) => column.name === chart.y[0]);
  const first = columns.findIndex((column) => isNumericType(column.type));
  const column = chosen >= 0 ? chosen : Math.max(0, first);
  const value = rows && rows.rowCount > 0 ? rows.value(0, column) : undefined;
  // The last number stays while the next one is read: a live counter must not blink.
  const [last, setLast] = useState(value);
  if (rows && value !== last) setLast(value);
  const shown = rows ? value : last;
  if (error) return <ErrorState error={error} className="m-2" />;
  if (!rows && shown === undefined) return <Skeleton className="m-4 h-10 w-40" />;
  const exact = typeof shown === 'number' ? number.format(shown) : String(shown ?? '');
  return (
    <div className="flex h-full flex-col items-center justify-center gap-1 px-3">
      <span
        className="max-w-full truncate font-[620] text-4xl tabular-nums"
        title={exact}
        aria-label={`${title}: ${exact}`}
        role="img"
      >
        {shown === undefined || shown === null ? (
          <span className="text-faint">{shown === null ? 'NULL' : 'no rows'}</span>
        ) : typeof shown === 'number' && Math.abs(shown) >= 1e7 ? (
          compact.format(shown)
        ) : (
          exact
        )}
      </span>
      <span className="max-w-full truncate text-muted text-sm">{columns[column]?.name}</span>
    </div>
  );
}
