'use client';
import {
  createDashboard,
  createTile,
  deleteTile,
  getDashboard,
  listDashboards,
  runDashboard,
  runTile,
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

/** Changes of one dashboard, besides the places of its tiles. */
export function useDashboardActions(id: string) {
  const cache = useQueryClient();
  const key = dashboardKeys.one(id);
  const settle = () => cache.invalidateQueries({ queryKey: key });
  const rename = useMutation({
    mutationFn: (name: string) => call(updateDashboard, { params: { id }, body: { name } }),
    onSuccess: (view) => cache.setQueryData(key, view),
    onError: toast.error,
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
  return { rename, addTile, changeTile, removeTile, refreshTile, refreshAll };
}
