'use client';
import { type DashboardTileView, runDashboard, updateDashboard } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LayoutDashboard, Plus, RotateCw, Share2 } from 'lucide-react';
import { useState } from 'react';
import ReactGridLayout, { useContainerWidth } from 'react-grid-layout';
import 'react-grid-layout/css/styles.css';
import { Button } from '@/components/button';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { EditableTitle } from '../notebook/editable-title';
import { ShareDialog } from '../sharing/share-dialog';
import { TileDialog } from './tile-dialog';
import { TileView } from './tile-view';
import { dashboardKeys, useDashboard, useLayout } from './use-dashboard';

const rowHeight = 40;
const gap = 12;
const heightOf = (tile: DashboardTileView) => tile.layout.h * rowHeight + (tile.layout.h - 1) * gap;

/** Tiles on a grid of twelve columns; they repaint by push. */
export function DashboardPage({ id }: { id: string }) {
  const dashboard = useDashboard(id);
  const cache = useQueryClient();
  const layout = useLayout(id);
  const { width, containerRef, mounted } = useContainerWidth();
  const [editing, setEditing] = useState<DashboardTileView | 'new' | null>(null);
  const [sharing, setSharing] = useState(false);
  const rename = useMutation({
    mutationFn: (name: string) => call(updateDashboard, { params: { id }, body: { name } }),
    onSuccess: (view) => cache.setQueryData(dashboardKeys.one(id), view),
    onError: toast.error,
  });
  const refresh = useMutation({
    mutationFn: () => call(runDashboard, { params: { id }, body: {} }),
    onError: toast.error,
    onSettled: () => cache.invalidateQueries({ queryKey: dashboardKeys.one(id) }),
  });

  if (dashboard.error) {
    return (
      <div className="p-6">
        <ErrorState error={dashboard.error} onRetry={() => void dashboard.refetch()} />
      </div>
    );
  }
  const view = dashboard.data;
  const mayEdit = view?.level === 'edit' || view?.level === 'manage';
  const mayRun = mayEdit || view?.level === 'run';

  /** The keyboard's way to arrange: a tile changes places with the one above or below. */
  const move = (tile: DashboardTileView, by: -1 | 1) => {
    const order = [...(view?.tiles ?? [])].sort((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
    const other = order[order.findIndex((one) => one.id === tile.id) + by];
    if (!other) return;
    layout.mutate([
      { tileId: tile.id, layout: { ...tile.layout, x: other.layout.x, y: other.layout.y } },
      { tileId: other.id, layout: { ...other.layout, x: tile.layout.x, y: tile.layout.y } },
    ]);
  };

  return (
    <div className="px-6 pb-16">
      <PageHeader
        icon={LayoutDashboard}
        title={
          view ? (
            <EditableTitle
              value={view.name}
              readOnly={!mayEdit}
              label="Name of the dashboard"
              onChange={(name) => rename.mutate(name)}
            />
          ) : (
            <Skeleton className="h-6 w-56" />
          )
        }
        path={view?.path.slice(0, view.path.lastIndexOf('/')) || undefined}
        status={view && !mayEdit ? <Pill>View only</Pill> : null}
        actions={
          view ? (
            <>
              {mayRun && view.tiles.length ? (
                <Button icon={RotateCw} busy={refresh.isPending} onClick={() => refresh.mutate()}>
                  Refresh all
                </Button>
              ) : null}
              <Button icon={Share2} disabled={view.level !== 'manage'} onClick={() => setSharing(true)}>
                Share
              </Button>
              {mayEdit ? (
                <Button kind="primary" icon={Plus} onClick={() => setEditing('new')}>
                  Add tile
                </Button>
              ) : null}
            </>
          ) : null
        }
      />
      <div ref={containerRef} className="-mx-3">
        {!view ? (
          <div className="grid grid-cols-2 gap-3 px-3">
            <Skeleton className="h-64" />
            <Skeleton className="h-64" />
          </div>
        ) : view.tiles.length === 0 ? (
          <EmptyState
            icon={LayoutDashboard}
            title="No tiles yet"
            action={
              mayEdit ? (
                <Button kind="primary" icon={Plus} onClick={() => setEditing('new')}>
                  Add tile
                </Button>
              ) : null
            }
          >
            A tile is a query and how it is drawn. Live tiles repaint for everybody within a second of a commit.
          </EmptyState>
        ) : mounted ? (
          <ReactGridLayout
            width={width}
            layout={view.tiles.map((tile) => ({ i: tile.id, ...tile.layout, minW: 2, minH: 3 }))}
            gridConfig={{ cols: 12, rowHeight, margin: [gap, gap] }}
            dragConfig={{ enabled: mayEdit, handle: '.tile-handle' }}
            resizeConfig={{ enabled: mayEdit }}
            onDragStop={(next) => keep(next)}
            onResizeStop={(next) => keep(next)}
          >
            {view.tiles.map((tile) => (
              <div key={tile.id}>
                <TileView
                  dashboardId={id}
                  tile={tile}
                  mayEdit={mayEdit}
                  mayRun={Boolean(mayRun)}
                  height={heightOf(tile)}
                  onEdit={() => setEditing(tile)}
                  onMove={(by) => move(tile, by)}
                />
              </div>
            ))}
          </ReactGridLayout>
        ) : null}
      </div>
      {editing ? (
        <TileDialog dashboardId={id} tile={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      ) : null}
      {sharing && view ? <ShareDialog objectId={id} name={view.name} onClose={() => setSharing(false)} /> : null}
    </div>
  );

  function keep(next: readonly { i: string; x: number; y: number; w: number; h: number }[]): void {
    const changed = next.filter((one) => {
      const before = view?.tiles.find((tile) => tile.id === one.i)?.layout;
      return before && (before.x !== one.x || before.y !== one.y || before.w !== one.w || before.h !== one.h);
    });
    if (changed.length) layout.mutate(changed.map(({ i, x, y, w, h }) => ({ tileId: i, layout: { x, y, w, h } })));
  }
}
