'use client';
import {
  type DashboardView,
  getDashboard,
  listDashboards,
  type TileLayout,
  updateDashboard,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { live } from '@/lib/live';

export const dashboardKeys = { list: ['dashboards'] as const, one: (id: string) => ['dashboards', id] as const };

export const useDashboards = () =>
  useQuery({ queryKey: dashboardKeys.list, queryFn: ({ signal }) => call(listDashboards, { signal }) });

/** A dashboard that repaints by push: a tile's new answer replaces the old one, and nothing polls. */
export function useDashboard(id: string) {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey: dashboardKeys.one(id),
    queryFn: ({ signal }) => call(getDashboard, { params: { id }, signal }),
    staleTime: 0,
  });
  useEffect(() => {
    const refresh = () => void cache.invalidateQueries({ queryKey: dashboardKeys.one(id) });
    const leave = live.follow(`dashboard:${id}`, (message) => {
      switch (message.type) {
        case 'run':
          cache.setQueryData<DashboardView>(dashboardKeys.one(id), (before) => before && withRun(before, message.run));
          break;
        case 'tile':
        case 'changed':
          refresh();
          break;
        default:
          break;
      }
    });
    const forget = live.onReconnect(refresh);
    return () => {
      leave();
      forget();
    };
  }, [cache, id]);
  return query;
}

type Run = NonNullable<DashboardView['tiles'][number]['latest']>;

/** The run of a tile moved on: shown at once where it succeeded, kept as the newest otherwise. */
function withRun(dashboard: DashboardView, run: Run): DashboardView {
  return {
    ...dashboard,
    tiles: dashboard.tiles.map((tile) => {
      const known = tile.latest?.id === run.id || tile.shown?.id === run.id;
      if (!known) return tile;
      return run.state === 'succeeded' ? { ...tile, shown: run, latest: run } : { ...tile, latest: run };
    }),
  };
}

/** Moves tiles: shown at once, taken back where the server refuses. */
export function useLayout(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (layout: { tileId: string; layout: TileLayout }[]) =>
      call(updateDashboard, { params: { id }, body: { layout } }),
    onMutate: (layout) => {
      const before = cache.getQueryData<DashboardView>(dashboardKeys.one(id));
      cache.setQueryData<DashboardView>(
        dashboardKeys.one(id),
        (view) =>
          view && {
            ...view,
            tiles: view.tiles.map((tile) => ({
              ...tile,
              layout: layout.find((one) => one.tileId === tile.id)?.layout ?? tile.layout,
            })),
          },
      );
      return before;
    },
    onError: (error, _layout, before) => {
      cache.setQueryData(dashboardKeys.one(id), before);
      toast.error(error);
    },
    onSuccess: (view) => cache.setQueryData(dashboardKeys.one(id), view),
  });
}
