'use client';
import type { DashboardTileView, RunSummary } from '@boathouse/contracts';
import { isFinal } from '@boathouse/contracts';
import {
  CircleAlert,
  EllipsisVertical,
  GripVertical,
  LoaderCircle,
  LockKeyhole,
  Pencil,
  Radio,
  RotateCw,
  Trash2,
} from 'lucide-react';
import { type KeyboardEvent, memo } from 'react';
import { IconButton } from '@/components/button';
import { Menu, type MenuEntry } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { TileContent } from './tile-content';

export interface TileProps {
  tile: DashboardTileView;
  mayRun: boolean;
  editing: boolean;
  /** Of the content, in pixels. */
  height: number;
  onRefresh: (tile: DashboardTileView) => void;
  onEdit: (tile: DashboardTileView) => void;
  onRemove: (tile: DashboardTileView) => void;
  /** Moves by cells of the grid, or changes the size by them. */
  onNudge: (tile: DashboardTileView, by: { x: number; y: number }, what: 'move' | 'resize') => void;
}

const arrows: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** One tile: title, answer, whose rights it runs with, and what is the matter where something is. */
export const Tile = memo(function Tile({
  tile,
  mayRun,
  editing,
  height,
  onRefresh,
  onEdit,
  onRemove,
  onNudge,
}: TileProps) {
  const { shown, latest } = tile;
  const running = latest !== null && !isFinal(latest.state);
  const items: MenuEntry[] = [
    { label: 'Refresh', icon: RotateCw, disabled: !mayRun || running, onSelect: () => onRefresh(tile) },
    ...(editing
      ? [
          { label: 'Edit tile', icon: Pencil, onSelect: () => onEdit(tile) },
          'separator' as const,
          { label: 'Remove tile', icon: Trash2, danger: true, onSelect: () => onRemove(tile) },
        ]
      : []),
  ];
  const nudge = (event: KeyboardEvent) => {
    const by = arrows[event.key];
    if (!by) return;
    event.preventDefault();
    onNudge(tile, by, event.shiftKey ? 'resize' : 'move');
  };
  return (
    <section
      aria-label={tile.title}
      aria-busy={running}
      data-tile={tile.id}
      data-run={shown?.id}
      className="flex h-full flex-col overflow-hidden rounded-card border border-line bg-surface"
    >
      <header className="flex h-9 shrink-0 items-center gap-1.5 pr-1 pl-3">
        {editing ? (
          <button
            type="button"
            className="tile-handle -ml-2 grid size-6 shrink-0 cursor-grab place-items-center rounded text-faint hover:text-text"
            aria-label={`Move ${tile.title}: arrow keys move it, with Shift they change its size`}
            onKeyDown={nudge}
          >
            <GripVertical aria-hidden className="size-4" />
          </button>
        ) : null}
        <h2 className="min-w-0 truncate text-sm" title={tile.title}>
          {tile.title}
        </h2>
        <span className="ml-auto flex shrink-0 items-center gap-1" aria-live="polite">
          {running ? <LoaderCircle aria-label="Running" className="size-4 animate-spin text-blue" /> : null}
          <TileBadge tile={tile} />
        </span>
        <Menu trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${tile.title}`} />} items={items} />
      </header>
      <div className="min-h-0 flex-1">
        <Content tile={tile} running={running} height={height} {...(mayRun ? { onRefresh } : {})} />
      </div>
      <footer className="flex h-7 shrink-0 items-center gap-2 border-line border-t px-3 text-[11px] text-muted">
        <span className="min-w-0 truncate" title="Everybody who may see this dashboard sees this answer.">
          Runs with the rights of {tile.publisherName}
        </span>
        {shown ? (
          <span className="ml-auto shrink-0">
            <RelativeTime atMs={shown.endedAtMs ?? shown.createdAtMs} />
          </span>
        ) : null}
      </footer>
    </section>
  );
});

function TileBadge({ tile: { live, latest, shown } }: { tile: DashboardTileView }) {
  if (shown && latest && isFinal(latest.state) && latest.state !== 'succeeded')
    return (
      <Pill tone="red" icon={CircleAlert} title={latest.error?.message ?? 'The newest run did not succeed.'}>
        Last run failed
      </Pill>
    );
  if (live)
    return (
      <Pill tone="green" icon={Radio} title="Runs again at every commit to a table that it reads">
        Live
      </Pill>
    );
  const old = shown?.stale[0];
  if (old)
    return (
      <Pill
        tone="amber"
        icon={CircleAlert}
        title={`${old.fullName}: read version ${old.readVersion}, now ${old.latestVersion}`}
      >
        Stale
      </Pill>
    );
  return null;
}

function Content({
  tile,
  running,
  height,
  onRefresh,
}: {
  tile: DashboardTileView;
  running: boolean;
  height: number;
  onRefresh?: (tile: DashboardTileView) => void;
}) {
  const { shown, latest } = tile;
  const withheld = (shown ?? latest)?.withheld;
  if (withheld)
    return (
      <EmptyState icon={LockKeyhole} title="You may not see this answer">
        {withheld.message}
      </EmptyState>
    );
  if (shown?.result)
    return <TileContent run={withResult(shown)} chart={tile.chart} title={tile.title} height={height} />;
  if (running || !latest) return <Skeleton className="m-3 h-2/3" />;
  return (
    <div className="h-full overflow-auto p-2">
      <ErrorState
        error={
          latest.error ?? {
            message:
              latest.state === 'cancelled'
                ? 'The run was cancelled before it had an answer.'
                : 'The run ended without an answer. Refresh the tile.',
          }
        }
        {...(onRefresh ? { onRetry: () => onRefresh(tile) } : {})}
      />
    </div>
  );
}

const withResult = (run: RunSummary) => run as RunSummary & { result: NonNullable<RunSummary['result']> };
