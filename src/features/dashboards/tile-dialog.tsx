'use client';
import {
  ChartKind,
  type ChartSpec,
  createTile,
  type DashboardTileView,
  type RunSummary,
  startRun,
  updateTile,
} from '@boathouse/contracts';
import { suggestChart } from '@boathouse/dashboards';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Checkbox, Field, Input, Select, Textarea } from '@/components/field';
import { ErrorState, Skeleton } from '@/components/states';
import { call } from '@/lib/api';
import { useRun } from '@/lib/use-run';
import { ChartEditor } from '../charts/chart-editor';
import { Counter } from '../charts/counter';
import { ResultChart } from '../charts/result-chart';
import { ResultGrid } from '../results/result-grid';
import { useMe } from '../session/use-session';
import { dashboardKeys } from './use-dashboard';

const kinds: Record<ChartKind, string> = {
  table: 'Table',
  counter: 'Counter',
  bar: 'Bar',
  line: 'Line',
  scatter: 'Scatter',
};

/** Makes or changes a tile: the query is tried before it is kept. */
export function TileDialog({
  dashboardId,
  tile,
  onClose,
}: {
  dashboardId: string;
  tile: DashboardTileView | null;
  onClose: () => void;
}) {
  const cache = useQueryClient();
  const me = useMe().data;
  const [title, setTitle] = useState(tile?.title ?? '');
  const [query, setQuery] = useState(tile?.query ?? '');
  const [chart, setChart] = useState<ChartSpec>(
    tile?.chart ?? { kind: 'table', x: null, y: [], color: null, aggregation: 'none' },
  );
  const [isLive, setLive] = useState(tile?.live ?? true);
  const [runId, setRunId] = useState<string | null>(null);
  const preview = useRun(runId);
  const start = useMutation({
    mutationFn: (id: string) =>
      call(startRun, {
        body: { id, text: query, language: 'sql', catalog: tile?.catalog ?? 'main', schema: tile?.schema ?? 'default' },
      }),
    onSuccess: (run) => setRunId(run.id),
  });
  const save = useMutation({
    mutationFn: () => {
      const fields = { title: title.trim() || 'Untitled tile', query, chart, live: isLive };
      return tile
        ? call(updateTile, { params: { id: dashboardId, tileId: tile.id }, body: fields })
        : call(createTile, { params: { id: dashboardId }, body: fields });
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: dashboardKeys.one(dashboardId) });
      onClose();
    },
  });
  const run = preview.run;
  const pickKind = (kind: ChartKind) => {
    const columns = run?.result?.columns;
    setChart(
      columns && kind !== 'table' && kind !== 'counter' && chart.x === null
        ? suggestChart(columns, kind)
        : { ...chart, kind },
    );
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={tile ? `Edit ${tile.title}` : 'Add a tile'}
      description={`It runs with your rights (${me?.name ?? ''}); everybody who sees the dashboard sees its answer.`}
      actions={
        <>
          <Checkbox
            label="Live: repaint when a table that it reads changes"
            checked={isLive}
            onChange={(event) => setLive(event.target.checked)}
            className="mr-auto"
          />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={query.trim() === ''} busy={save.isPending} onClick={() => save.mutate()}>
            {tile ? 'Save tile' : 'Add tile'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex gap-3">
          <Field label="Title" className="flex-1">
            {(ids) => (
              <Input
                {...ids}
                value={title}
                maxLength={300}
                onChange={(event) => setTitle(event.target.value)}
                placeholder="Flights by origin"
              />
            )}
          </Field>
          <Field label="Shown as" className="w-32">
            {(ids) => (
              <Select {...ids} value={chart.kind} onChange={(event) => pickKind(ChartKind.parse(event.target.value))}>
                {ChartKind.options.map((kind) => (
                  <option key={kind} value={kind}>
                    {kinds[kind]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Query">
          {(ids) => (
            <Textarea
              {...ids}
              spellCheck={false}
              rows={5}
              className="w-full font-mono text-[13px]"
              value={query}
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) {
                  event.preventDefault();
                  start.mutate(crypto.randomUUID());
                }
              }}
              placeholder="select origin, count(*) as flights from main.samples.flights group by origin"
            />
          )}
        </Field>
        <div>
          <Button
            icon={Play}
            busy={start.isPending || run?.state === 'running' || run?.state === 'queued'}
            disabled={query.trim() === ''}
            onClick={() => start.mutate(crypto.randomUUID())}
          >
            Try the query
          </Button>
        </div>
        {start.error ? <ErrorState error={start.error} /> : null}
        {save.error ? <ErrorState error={save.error} /> : null}
        {runId ? <Preview run={run} chart={chart} onChart={setChart} /> : null}
      </div>
    </Dialog>
  );
}

function Preview({
  run,
  chart,
  onChart,
}: {
  run: RunSummary | undefined;
  chart: ChartSpec;
  onChart: (chart: ChartSpec) => void;
}) {
  if (!run || run.state === 'queued' || run.state === 'running') return <Skeleton className="h-40" />;
  if (run.error) return <ErrorState error={run.error} />;
  if (!run.result) return null;
  return (
    <div className="overflow-hidden rounded-card border border-line">
      {chart.kind === 'table' ? (
        <ResultGrid key={run.result.hash} runId={run.id} manifest={run.result} maxHeight={220} />
      ) : chart.kind === 'counter' ? (
        <div className="h-32">
          <Counter runId={run.id} manifest={run.result} spec={chart} />
        </div>
      ) : (
        <>
          <div className="border-line border-b bg-sunken px-3 py-2">
            <ChartEditor spec={chart} columns={run.result.columns} onChange={onChart} />
          </div>
          <ResultChart runId={run.id} manifest={run.result} spec={chart} height={220} label="Preview" />
        </>
      )}
    </div>
  );
}
