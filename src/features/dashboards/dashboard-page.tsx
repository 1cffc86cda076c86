'use client';
import type { DashboardTileView, DashboardView } from '@boathouse/contracts';
import { moveTile } from '@boathouse/dashboards';
import { Check, EllipsisVertical, LayoutDashboard, Pencil, Plus, RotateCw, Share2, Trash2 } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { EditableTitle } from '../notebook/editable-title';
import { ShareDialog } from '../sharing/share-dialog';
import { DeleteDashboardDialog } from './delete-dialog';
import { TileEditor } from './tile-editor';
import { TileGrid } from './tile-grid';
import { useArrange } from './use-arrange';
import { useDashboard, useDashboardActions } from './use-dashboard';
import { useTileNews } from './use-tile-news';

/** A dashboard. `?edit=1` arranges it, `?tile=<id>` or `?tile=new` edits one tile. */
export function DashboardPage({ id }: { id: string }) {
  const dashboard = useDashboard(id);
  useTileNews(id);
  if (dashboard.error)
    return (
      <div className="p-6">
        <ErrorState error={dashboard.error} onRetry={() => void dashboard.refetch()} />
      </div>
    );
  if (!dashboard.data)
    return (
      <div className="flex flex-col gap-4 px-6 py-4" role="status" aria-label="Loading the dashboard">
        <Skeleton className="h-7 w-72" />
        <div className="grid grid-cols-2 gap-3">
          <Skeleton className="h-72" />
          <Skeleton className="h-72" />
        </div>
      </div>
    );
  return <Opened dashboard={dashboard.data} />;
}

function Opened({ dashboard }: { dashboard: DashboardView }) {
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const actions = useDashboardActions(dashboard.id);
  const { placed, arrange } = useArrange(dashboard);
  const [asking, setAsking] = useState<'share' | 'delete' | null>(null);
  const [said, setSaid] = useState('');
  const mayManage = dashboard.level === 'manage';
  const mayEdit = mayManage || dashboard.level === 'edit';
  const mayRun = mayEdit || dashboard.level === 'run';
  const editing = mayEdit && search.get('edit') === '1';
  const tileId = mayEdit ? search.get('tile') : null;
  const go = useCallback(
    (change: { edit?: boolean; tile?: string | null }) => {
      const query = new URLSearchParams(search);
      if (change.edit !== undefined) {
        if (change.edit) query.set('edit', '1');
        else query.delete('edit');
      }
      if (change.tile !== undefined) {
        if (change.tile) query.set('tile', change.tile);
        else query.delete('tile');
      }
      router.push(query.size > 0 ? `${path}?${query}` : path);
    },
    [router, path, search],
  );
  // Tiles are drawn anew only when they change: what they call finds the newest of everything here.
  const latest = useRef({ placed, actions, go });
  latest.current = { placed, actions, go };

  const refresh = useCallback((tile: DashboardTileView) => latest.current.actions.refreshTile.mutate(tile.id), []);
  const edit = useCallback((tile: DashboardTileView) => latest.current.go({ tile: tile.id }), []);
  const remove = useCallback((tile: DashboardTileView) => {
    const { title, query, catalog, schema, chart, layout, live } = tile;
    latest.current.actions.removeTile.mutate(tile.id, {
      onSuccess: () =>
        toast.done(`Removed ${title}.`, {
          label: 'Undo',
          run: () =>
            latest.current.actions.addTile.mutate(
              { title, query, catalog, schema, chart, layout, live },
              { onError: toast.error },
            ),
        }),
    });
  }, []);
  const nudge = useCallback(
    (tile: DashboardTileView, by: { x: number; y: number }, what: 'move' | 'resize') => {
      const from = latest.current.placed.find((one) => one.id === tile.id)?.layout ?? tile.layout;
      const to =
        what === 'move'
          ? { ...from, x: Math.max(0, from.x + by.x), y: Math.max(0, from.y + by.y) }
          : { ...from, w: Math.max(2, from.w + by.x), h: Math.max(3, from.h + by.y) };
      const tiles = moveTile(latest.current.placed, tile.id, to);
      const place = tiles.find((one) => one.id === tile.id)!.layout;
      setSaid(`${tile.title}: column ${place.x + 1}, row ${place.y + 1}, ${place.w} wide, ${place.h} high`);
      arrange(tiles);
    },
    [arrange],
  );
  const tiles = useMemo(() => {
    const layouts = new Map(placed.map((one) => [one.id, one.layout]));
    return dashboard.tiles.map((tile) => {
      const layout = layouts.get(tile.id) ?? tile.layout;
      return layout === tile.layout ? tile : { ...tile, layout };
    });
  }, [dashboard.tiles, placed]);

  if (tileId !== null) {
    const tile = dashboard.tiles.find((one) => one.id === tileId);
    if (tile || tileId === 'new')
      return <TileEditor key={tileId} dashboard={dashboard} tile={tile ?? null} onClose={() => go({ tile: null })} />;
  }
  const addTile = (
    <Button kind="primary" icon={Plus} onClick={() => go({ tile: 'new', edit: true })}>
      Add tile
    </Button>
  );
  return (
    <div className="px-6 pb-16">
      <PageHeader
        icon={LayoutDashboard}
        title={
          <EditableTitle
            value={dashboard.name}
            readOnly={!editing}
            label="Name of the dashboard"
            onChange={(name) => actions.rename.mutate(name)}
          />
        }
        path={dashboard.path.slice(0, dashboard.path.lastIndexOf('/'))}
        status={mayEdit ? null : <Pill>{mayRun ? 'Can run' : 'View only'}</Pill>}
        actions={
          <>
            <IconButton
              icon={RotateCw}
              label="Refresh all tiles"
              busy={actions.refreshAll.isPending}
              disabled={!mayRun || dashboard.tiles.length === 0}
              onClick={() => actions.refreshAll.mutate()}
            />
            {mayManage ? (
              <Menu
                trigger={<IconButton icon={EllipsisVertical} label="Actions for the dashboard" />}
                items={[{ label: 'Delete dashboard', icon: Trash2, danger: true, onSelect: () => setAsking('delete') }]}
              />
            ) : null}
            {mayManage ? (
              <Button icon={Share2} onClick={() => setAsking('share')}>
                Share
              </Button>
            ) : null}
            {mayEdit ? (
              editing ? (
                <Button icon={Check} onClick={() => go({ edit: false })}>
                  Done
                </Button>
              ) : (
                <Button icon={Pencil} onClick={() => go({ edit: true })}>
                  Edit
                </Button>
              )
            ) : null}
            {mayEdit && (editing || dashboard.tiles.length === 0) ? addTile : null}
          </>
        }
      />
      <p role="status" className="sr-only">
        {said}
      </p>
      {dashboard.tiles.length === 0 ? (
        <EmptyState icon={LayoutDashboard} title="No tiles yet" action={mayEdit ? addTile : null}>
          A tile shows the answer of a query as a chart, a number or a table. A cell of a notebook can be added as a
          tile, too.
        </EmptyState>
      ) : (
        <TileGrid
          tiles={tiles}
          editing={editing}
          mayRun={mayRun}
          onMove={arrange}
          onRefresh={refresh}
          onEdit={edit}
          onRemove={remove}
          onNudge={nudge}
        />
      )}
      {asking === 'share' ? (
        <ShareDialog objectId={dashboard.id} name={dashboard.name} onClose={() => setAsking(null)} />
      ) : null}
      {asking === 'delete' ? (
        <DeleteDashboardDialog
          id={dashboard.id}
          name={dashboard.name}
          onClose={() => setAsking(null)}
          onDeleted={() => router.push('/dashboards')}
        />
      ) : null}
    </div>
  );
}
