'use client';
import { type DashboardTileView, deleteTile, isFinal, runTile } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { EllipsisVertical, LoaderCircle, MoveDown, MoveUp, Pencil, Radio, RotateCw, Trash2 } from 'lucide-react';
import { IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { Counter } from '../charts/counter';
import { ResultChart } from '../charts/result-chart';
import { ResultGrid } from '../results/result-grid';
import { dashboardKeys } from './use-dashboard';

export interface TileViewProps {
  dashboardId: string;
  tile: DashboardTileView;
  mayEdit: boolean;
  mayRun: boolean;
  /** Height of the tile in px, for what it draws. */
  height: number;
  onEdit: () => void;
  onMove: (by: -1 | 1) => void;
}

/** One tile: its answer as it is on show, how old it is, and whose rights it runs with. */
export function TileView({ dashboardId, tile, mayEdit, mayRun, height, onEdit, onMove }: TileViewProps) {
  const cache = useQueryClient();
  const refresh = () => cache.invalidateQueries({ queryKey: dashboardKeys.one(dashboardId) });
  const run = useMutation({
    mutationFn: () => call(runTile, { params: { id: dashboardId, tileId: tile.id }, body: {} }),
    onError: toast.error,
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => call(deleteTile, { params: { id: dashboardId, tileId: tile.id } }),
    onError: toast.error,
    onSettled: refresh,
  });
  const running = run.isPending || (tile.latest !== null && !isFinal(tile.latest.state));
  const failed = tile.latest && isFinal(tile.latest.state) && tile.latest.state !== 'succeeded' ? tile.latest : null;
  return (
    <section
      aria-label={tile.title}
      data-tile={tile.id}
      className="flex h-full flex-col overflow-hidden rounded-card border border-line bg-surface"
    >
      <header className="tile-handle flex h-8 shrink-0 items-center gap-2 border-line border-b px-2.5">
        <h2 className="min-w-0 truncate font-medium text-sm" title={tile.title}>
          {tile.title}
        </h2>
        {tile.live ? (
          <Pill tone="green" icon={Radio} title="Repaints when a table that it reads changes">
            Live
          </Pill>
        ) : null}
        <span className="ml-auto flex items-center" aria-live="polite">
          {running ? <LoaderCircle aria-label="Refreshing" className="mr-1 size-3.5 animate-spin text-blue" /> : null}
          {mayRun ? (
            <IconButton
              icon={RotateCw}
              label={`Refresh ${tile.title}`}
              className="size-6"
              onClick={() => run.mutate()}
            />
          ) : null}
          {mayEdit ? (
            <Menu
              trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${tile.title}`} className="size-6" />}
              items={[
                { label: 'Edit tile', icon: Pencil, onSelect: onEdit },
                { label: 'Move up', icon: MoveUp, onSelect: () => onMove(-1) },
                { label: 'Move down', icon: MoveDown, onSelect: () => onMove(1) },
                'separator',
                { label: `Remove ${tile.title}`, icon: Trash2, danger: true, onSelect: () => remove.mutate() },
              ]}
            />
          ) : null}
        </span>
      </header>
      <div className="min-h-0 flex-1 overflow-hidden">
        {failed ? (
          <ErrorState
            error={failed.error ?? { message: 'The last run of this tile did not end well. Refresh it.' }}
            className="m-2"
          />
        ) : null}
        <TileBody tile={tile} height={height - 32 - 26} pending={running} />
      </div>
      <footer className="flex h-[26px] shrink-0 items-center gap-2 truncate border-line border-t bg-sunken px-2.5 text-muted text-xs">
        <span className="truncate">Runs with the rights of {tile.publisherName}</span>
        {tile.shown?.endedAtMs ? (
          <span className="ml-auto shrink-0">
            <RelativeTime atMs={tile.shown.endedAtMs} />
          </span>
        ) : null}
      </footer>
    </section>
  );
}

function TileBody({ tile, height, pending }: { tile: DashboardTileView; height: number; pending: boolean }) {
  const shown = tile.shown;
  if (!shown?.result) return pending || !tile.latest ? <Skeleton className="m-3 h-2/3" /> : null;
  if (tile.chart.kind === 'table')
    return <ResultGrid key={shown.result.hash} runId={shown.id} manifest={shown.result} maxHeight={height} />;
  if (tile.chart.kind === 'counter') return <Counter runId={shown.id} manifest={shown.result} spec={tile.chart} />;
  return <ResultChart runId={shown.id} manifest={shown.result} spec={tile.chart} height={height} label={tile.title} />;
}
