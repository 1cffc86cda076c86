'use client';
import {
  type ChartKind,
  type ChartSpec,
  type Column,
  type DashboardTileView,
  type DashboardView,
  ErrorInfo,
  isFinal,
  startRun,
} from '@boathouse/contracts';
import { isNumericType, suggestChart } from '@boathouse/dashboards';
import { useMutation } from '@tanstack/react-query';
import { ArrowLeft, LayoutDashboard, Play } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Checkbox, Field, Input, Select } from '@/components/field';
import { PageHeader } from '@/components/page-header';
import { Progress } from '@/components/progress';
import { EmptyState, ErrorState } from '@/components/states';
import { call } from '@/lib/api';
import { formatCount, formatDuration } from '@/lib/format';
import { useRun } from '@/lib/use-run';
import { useCatalogTree } from '../catalog/use-catalog';
import { ChartEditor } from '../charts/chart-editor';
import { SqlField } from '../editor/sql-field';
import { TileContent } from './tile-content';
import { useDashboardActions } from './use-dashboard';

const kinds: Record<ChartKind, string> = {
  table: 'Table',
  counter: 'Number',
  bar: 'Bar chart',
  line: 'Line chart',
  scatter: 'Scatter chart',
};
const noChart: ChartSpec = { kind: 'table', x: null, y: [], color: null, aggregation: 'none' };

/** Writes a tile: its query, how its answer is drawn, and a preview by a run of one's own. */
export function TileEditor({
  dashboard,
  tile,
  onClose,
}: {
  dashboard: DashboardView;
  /** Null for a new one. */
  tile: DashboardTileView | null;
  onClose: () => void;
}) {
  const { addTile, changeTile } = useDashboardActions(dashboard.id);
  const [title, setTitle] = useState(tile?.title ?? '');
  const [query, setQuery] = useState(tile?.query ?? '');
  const [place, setPlace] = useState(`${tile?.catalog ?? 'main'}.${tile?.schema ?? 'default'}`);
  const [live, setLive] = useState(tile?.live ?? true);
  const [chart, setChart] = useState<ChartSpec>(tile?.chart ?? noChart);
  const tree = useCatalogTree();
  const places = (tree.data?.catalogs ?? []).flatMap((catalog) =>
    catalog.schemas.map((schema) => ({ catalog: catalog.name, schema: schema.name })),
  );
  const chosen = places.find((one) => `${one.catalog}.${one.schema}` === place) ?? {
    catalog: tile?.catalog ?? 'main',
    schema: tile?.schema ?? 'default',
  };
  const preview = useMutation({
    mutationFn: () => call(startRun, { body: { id: crypto.randomUUID(), text: query, language: 'sql', ...chosen } }),
  });
  const { run: followed } = useRun(preview.data?.id ?? null);
  const begun = followed ?? preview.data;
  // Before the first preview, the answer that the tile shows already.
  const run = begun ?? tile?.shown ?? undefined;
  const running = preview.isPending || (begun !== undefined && !isFinal(begun.state));
  const columns: Column[] = run?.result?.columns ?? [];
  const failure = preview.error ?? (begun?.state === 'failed' ? begun.error : null);
  const saving = tile ? changeTile : addTile;
  const refused = saving.error;
  const info = ErrorInfo.safeParse(refused ?? failure);

  const save = () => {
    const fields = { title: title.trim() || 'Untitled tile', query, chart, live, ...chosen };
    if (tile) changeTile.mutate({ tileId: tile.id, change: fields }, { onSuccess: onClose });
    else addTile.mutate(fields, { onSuccess: onClose });
  };
  const chooseKind = (kind: ChartKind) => {
    if (kind === 'table') setChart(noChart);
    else if (kind === 'counter') {
      const first = columns.find((column) => isNumericType(column.type)) ?? columns[0];
      setChart({ ...noChart, kind, y: first ? [first.name] : [] });
    } else if (chart.kind === 'table' || chart.kind === 'counter') setChart(suggestChart(columns, kind));
    else setChart({ ...chart, kind });
  };

  return (
    <div className="flex min-h-full flex-col px-6 pb-6">
      <PageHeader
        icon={LayoutDashboard}
        title={tile ? 'Edit tile' : 'New tile'}
        path={dashboard.name}
        actions={
          <>
            <IconButton icon={ArrowLeft} label="Back to the dashboard" onClick={onClose} />
            <Button icon={Play} busy={running} disabled={!query.trim()} onClick={() => preview.mutate()}>
              Preview
            </Button>
            <Button kind="primary" busy={saving.isPending} disabled={!query.trim()} onClick={save}>
              {tile ? 'Save tile' : 'Add tile'}
            </Button>
          </>
        }
        description="The query runs with your rights, and everybody who may see the dashboard sees its answer."
      />
      <div className="mt-2 grid min-h-0 flex-1 content-start gap-4 xl:grid-cols-2">
        <div className="flex flex-col gap-3">
          <div className="flex flex-wrap items-end gap-3">
            <Field label="Title" className="min-w-48 flex-1">
              {(ids) => (
                <Input
                  {...ids}
                  large
                  value={title}
                  maxLength={300}
                  placeholder="Untitled tile"
                  onChange={(event) => setTitle(event.target.value)}
                />
              )}
            </Field>
            <Field label="Schema" className="w-48">
              {(ids) => (
                <Select {...ids} large value={place} onChange={(event) => setPlace(event.target.value)}>
                  {places.some((one) => `${one.catalog}.${one.schema}` === place) ? null : <option>{place}</option>}
                  {places.map((one) => (
                    <option key={`${one.catalog}.${one.schema}`}>{`${one.catalog}.${one.schema}`}</option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
          <div>
            <div className="mb-1 font-medium text-sm">Query</div>
            <SqlField
              initial={tile?.query ?? ''}
              label="Query of the tile"
              error={info.success ? info.data : null}
              autoFocus={!tile}
              onChange={setQuery}
              onRun={() => query.trim() && preview.mutate()}
              className="max-h-96 min-h-40"
            />
            <p className="mt-1 text-muted text-xs">Ctrl Enter previews. One query: a tile changes nothing.</p>
          </div>
          <Checkbox
            label="Live: run again at every commit to a table that it reads"
            checked={live}
            onChange={(event) => setLive(event.target.checked)}
          />
          {refused ? <ErrorState error={refused} /> : null}
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <div className="flex flex-wrap items-end gap-3">
            <Field label="Show as" className="w-36">
              {(ids) => (
                <Select
                  {...ids}
                  large
                  value={chart.kind}
                  onChange={(event) => chooseKind(event.target.value as ChartKind)}
                >
                  {(Object.keys(kinds) as ChartKind[]).map((kind) => (
                    <option key={kind} value={kind}>
                      {kinds[kind]}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {chart.kind === 'counter' && columns.length > 0 ? (
              <Field label="Column" className="w-48">
                {(ids) => (
                  <Select
                    {...ids}
                    large
                    value={chart.y[0] ?? ''}
                    onChange={(event) => setChart({ ...chart, y: [event.target.value] })}
                  >
                    {columns.map((column) => (
                      <option key={column.name}>{column.name}</option>
                    ))}
                  </Select>
                )}
              </Field>
            ) : null}
          </div>
          {chart.kind !== 'table' && chart.kind !== 'counter' && columns.length > 0 ? (
            <ChartEditor spec={chart} columns={columns} onChange={setChart} />
          ) : null}
          <div aria-live="polite">
            {running ? <Progress label="Running the preview" /> : null}
            {failure ? <ErrorState error={failure} /> : null}
          </div>
          {run?.result && !failure ? (
            <section aria-label="Preview" className="overflow-hidden rounded-card border border-line bg-surface">
              <div className="h-80">
                <TileContent
                  run={{ ...run, result: run.result }}
                  chart={chart}
                  title={title || 'Untitled tile'}
                  height={318}
                />
              </div>
              <p className="border-line border-t px-3 py-1.5 text-muted text-xs">
                {formatCount(run.result.rowCount)} rows
                {run.totalMs === null ? '' : ` · ${formatDuration(run.totalMs)}`}
              </p>
            </section>
          ) : !running && !failure ? (
            <EmptyState icon={Play} title="No preview yet">
              Preview the query to see its answer and choose how it is drawn.
            </EmptyState>
          ) : null}
        </div>
      </div>
    </div>
  );
}
