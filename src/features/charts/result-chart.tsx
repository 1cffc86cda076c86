'use client';
import type { ChartSpec, ResultManifest } from '@boathouse/contracts';
import { prepareChart } from '@boathouse/dashboards';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';
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
  if (error) return <ErrorState error={error} className="m-2" />;
  if (!chart) return <Skeleton className="m-3 h-64" />;
  return <ChartView chart={chart} label={label} {...(height === undefined ? {} : { height })} />;
}
