'use client';
import { type ChartSpec, downloadRunResult, type ResultManifest } from '@boathouse/contracts';
import { suggestChart } from '@boathouse/dashboards';
import { ChartNoAxesColumn, Download, Settings2, Table2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { urlOf } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import { formatCount } from '@/lib/format';
import { ChartEditor } from '../charts/chart-editor';
import { ResultChart } from '../charts/result-chart';
import { ResultGrid } from './result-grid';

export interface ResultViewProps {
  runId: string;
  manifest: ResultManifest;
  firstPage?: Uint8Array | undefined;
  name: string;
  /** What the run tells of itself, in the footer. */
  details?: ReactNode;
  /** More buttons in the footer, before the download. */
  footerActions?: ReactNode;
  /** The chart kept with the cell; null = as a grid. Without `onChart` there is no chart. */
  chart?: ChartSpec | null;
  onChart?: ((chart: ChartSpec | null) => void) | undefined;
}

/** A result as a grid or a chart, with its footer: rows, what it read, downloads. */
export function ResultView({
  runId,
  manifest,
  firstPage,
  name,
  details,
  footerActions,
  chart = null,
  onChart,
}: ResultViewProps) {
  const [chosen, setTab] = useState<'table' | 'chart' | null>(null);
  const [editing, setEditing] = useState(false);
  const shownChart = chart && chart.kind !== 'table' ? chart : null;
  // A chart made for other columns stays with the cell, but the rows are shown first.
  const fits =
    shownChart !== null && (shownChart.x === null || manifest.columns.some((column) => column.name === shownChart.x));
  const tab = chosen ?? (fits ? 'chart' : 'table');
  const showChart = tab === 'chart' && shownChart;
  const addChart = () => {
    onChart?.(suggestChart(manifest.columns));
    setTab('chart');
    setEditing(true);
  };
  const download = (format: 'csv' | 'parquet') => {
    const link = document.createElement('a');
    link.href = urlOf(
      downloadRunResult,
      { id: runId },
      { format, fileName: `${name || 'result'}.${format}`, hash: manifest.hash },
    );
    link.download = '';
    link.click();
  };
  const tabClass = (on: boolean) =>
    classNames(
      'flex items-center gap-1.5 px-2.5 py-[7px] text-sm',
      on ? 'font-medium text-text shadow-[inset_0_-2px_var(--accent)]' : 'text-muted hover:text-text',
    );
  return (
    <div>
      {manifest.rowCount > 0 && (onChart || shownChart) ? (
        <div role="tablist" aria-label="Result as" className="flex items-center border-line border-b px-1.5">
          <button
            type="button"
            role="tab"
            aria-selected={!showChart}
            className={tabClass(!showChart)}
            onClick={() => setTab('table')}
          >
            <Table2 aria-hidden className="size-3.5" /> Table
          </button>
          {shownChart ? (
            <button
              type="button"
              role="tab"
              aria-selected={Boolean(showChart)}
              className={tabClass(Boolean(showChart))}
              onClick={() => setTab('chart')}
            >
              <ChartNoAxesColumn aria-hidden className="size-3.5" /> {shownChart.title || 'Chart'}
            </button>
          ) : onChart ? (
            <button type="button" className={tabClass(false)} onClick={addChart}>
              <ChartNoAxesColumn aria-hidden className="size-3.5" /> Add chart
            </button>
          ) : null}
          {showChart && onChart ? (
            <IconButton
              icon={Settings2}
              label={editing ? 'Hide chart settings' : 'Chart settings'}
              aria-expanded={editing}
              className="ml-auto"
              onClick={() => setEditing(!editing)}
            />
          ) : null}
        </div>
      ) : null}
      {showChart ? (
        <>
          {editing && onChart ? (
            <div className="flex items-end gap-3 border-line border-b bg-sunken px-3 py-2">
              <ChartEditor spec={shownChart} columns={manifest.columns} onChange={onChart} />
              <Button
                className="ml-auto"
                onClick={() => {
                  onChart(null);
                  setTab('table');
                }}
              >
                Remove chart
              </Button>
            </div>
          ) : null}
          <ResultChart
            runId={runId}
            manifest={manifest}
            firstPage={firstPage}
            spec={shownChart}
            label={`Chart of ${name || 'the result'}`}
          />
        </>
      ) : manifest.columns.length > 0 ? (
        <ResultGrid key={manifest.hash} runId={runId} manifest={manifest} firstPage={firstPage} />
      ) : null}
      <footer className="flex min-h-8 flex-wrap items-center gap-x-3.5 gap-y-1 border-line border-t bg-sunken px-3 py-1 text-muted text-xs">
        <span>
          {manifest.truncated ? (
            <>
              first <strong className="font-medium text-text">{formatCount(manifest.rowCount)}</strong> rows: the result
              was cut at the size limit
            </>
          ) : (
            <>
              <strong className="font-medium text-text">{formatCount(manifest.rowCount)}</strong>{' '}
              {manifest.rowCount === 1 ? 'row' : 'rows'}
            </>
          )}
        </span>
        {details}
        {manifest.columns.length > 0 ? (
          <span className="ml-auto flex">
            {footerActions}
            <Menu
              trigger={<IconButton icon={Download} label="Download" />}
              items={[
                { label: 'Download CSV', onSelect: () => download('csv') },
                { label: 'Download Parquet', onSelect: () => download('parquet') },
              ]}
            />
          </span>
        ) : null}
      </footer>
    </div>
  );
}
