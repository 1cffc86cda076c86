'use client';
import type { ChartSpec, ResultManifest } from '@boathouse/contracts';
import { prepareChart } from '@boathouse/dashboards';
import dynamic from 'next/dynamic';
import { useMemo, useState } from 'react';
import { ErrorState, Skeleton } from '@/components/states';
import { useChartRows } from './use-chart-rows';

const ChartView = dynamic(() => import('./chart-view').then((module) => module.ChartView), {
  ssr: false,
  loading: () => <Skeleton className="m-3 h-64" />,
});

/** A stored result as a chart. */
export function ResultChart({
  runId,
  manifest,
  firstPage,
  spec,
  height,
  label,
}: {
  runId: string;
  manifest: ResultManifest;
  firstPage?: Uint8Array | undefined;
  spec: ChartSpec;
  height?: number | '100%';
  label: string;
}) {
  const { rows, error } = useChartRows(runId, manifest, firstPage);
  const chart = useMemo(() => (rows ? prepareChart(rows, spec) : undefined), [rows, spec]);
  // The last drawing stays until the next one is ready: a live chart must not blink.
  const [last, setLast] = useState(chart);
  if (chart && chart !== last) setLast(chart);
  const shown = chart ?? last;
  if (error) return <ErrorState error={error} className="m-2" />;
  if (!shown) return <Skeleton className="m-3 h-64" />;
  return <ChartView chart={shown} label={label} {...(height === undefined ? {} : { height })} />;
}
