'use client';
import {
  BoathouseError,
  createDashboard,
  createTile,
  type DashboardView,
  deleteTile,
  getDashboard,
  listDashboards,
  runDashboard,
  runTile,
  type TileLayout,
  updateDashboard,
  updateTile,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';
import { type CallInput, call } from '@/lib/api';
import { showRun } from './tile-news';

export const dashboardKeys = {
  all: ['dashboards'] as const,
  list: ['dashboards', 'list'] as const,
  one: (id: string) => ['dashboards', 'one', id] as const,
};

export const useDashboards = () =>
  useQuery({ queryKey: dashboardKeys.list, queryFn: ({ signal }) => call(listDashboards, { signal }) });

export const useDashboard = (id: string) =>
  useQuery({
    queryKey: dashboardKeys.one(id),
    queryFn: ({ signal }) => call(getDashboard, { params: { id }, signal }),
  });

export function useCreateDashboard() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call(createDashboard, { body: { name } }),
    onSuccess: (made) => {
      cache.setQueryData(dashboardKeys.one(made.id), made);
      void cache.invalidateQueries({ queryKey: dashboardKeys.list });
    },
    onError: toast.error,
  });
}

type NewTile = NonNullable<CallInput<typeof createTile>['body']>;
type TileChange = NonNullable<CallInput<typeof updateTile>['body']>;

/** Changes of one dashboard. Moving is shown at once and taken back where the server refuses it. */
export function useDashboardActions(id: string) {
  const cache = useQueryClient();
  const key = dashboardKeys.one(id);
  const settle = () => cache.invalidateQueries({ queryKey: key });
  const rename = useMutation({
    mutationFn: (name: string) => call(updateDashboard, { params: { id }, body: { name } }),
    onSuccess: (view) => cache.setQueryData(key, view),
    onError: toast.error,
  });
  const move = useMutation({
    mutationFn: ({ tiles, version }: { tiles: { id: string; layout: TileLayout }[]; version: number }) =>
      call(updateDashboard, {
        params: { id },
        body: { version, layout: tiles.map((tile) => ({ tileId: tile.id, layout: tile.layout })) },
      }),
    onMutate: ({ tiles }) => {
      const before = cache.getQueryData<DashboardView>(key);
      const layouts = new Map(tiles.map((tile) => [tile.id, tile.layout]));
      cache.setQueryData<DashboardView>(
        key,
        (view) =>
          view && {
            ...view,
            tiles: view.tiles.map((tile) => ({ ...tile, layout: layouts.get(tile.id) ?? tile.layout })),
          },
      );
      return { before };
    },
    onSuccess: (view) => cache.setQueryData(key, view),
    onError: (error, _change, context) => {
      if (context?.before) cache.setQueryData(key, context.before);
      toast.error(error);
      if (error instanceof BoathouseError && error.code === 'DASHBOARD_CHANGED') void settle();
    },
  });
  const addTile = useMutation({
    mutationFn: (body: NewTile) => call(createTile, { params: { id }, body }),
    onSettled: settle,
  });
  const changeTile = useMutation({
    mutationFn: ({ tileId, change }: { tileId: string; change: TileChange }) =>
      call(updateTile, { params: { id, tileId }, body: change }),
    onSettled: settle,
  });
  const removeTile = useMutation({
    mutationFn: (tileId: string) => call(deleteTile, { params: { id, tileId } }),
    onSettled: settle,
    onError: toast.error,
  });
  const refreshTile = useMutation({
    mutationFn: (tileId: string) => call(runTile, { params: { id, tileId }, body: {} }),
    onSuccess: (run, tileId) => showRun(cache, id, tileId, run),
    onError: toast.error,
  });
  const refreshAll = useMutation({
    mutationFn: () => call(runDashboard, { params: { id }, body: {} }),
    onSettled: settle,
    onError: toast.error,
  });
  return { rename, move, addTile, changeTile, removeTile, refreshTile, refreshAll };
}
