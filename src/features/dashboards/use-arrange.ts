'use client';
import { BoathouseError, type DashboardView, type TileLayout, updateDashboard } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { dashboardKeys } from './use-dashboard';

export interface Placed {
  id: string;
  layout: TileLayout;
}

/**
 * Where tiles lie while they are being moved: shown at once, and sent at once unless a request is under way. Then the newest
 * places follow it, for the version that it made: a held arrow key makes few requests, and none meets its own change. What
 * the server refuses is taken back.
 */
export function useArrange(dashboard: DashboardView): { placed: Placed[]; arrange: (tiles: Placed[]) => void } {
  const cache = useQueryClient();
  const [draft, setDraft] = useState<Placed[] | null>(null);
  const wanted = useRef<Placed[] | null>(null);
  const sending = useRef<Promise<void>>(Promise.resolve());
  const { id } = dashboard;

  const send = useCallback(() => {
    sending.current = sending.current.then(async () => {
      const tiles = wanted.current;
      if (!tiles) return;
      const key = dashboardKeys.one(id);
      const now = cache.getQueryData<DashboardView>(key);
      const there = new Set(now?.tiles.map((tile) => tile.id));
      try {
        const view = await call(updateDashboard, {
          params: { id },
          body: {
            ...(now ? { version: now.version } : {}),
            layout: tiles
              .filter((tile) => there.has(tile.id))
              .map((tile) => ({ tileId: tile.id, layout: tile.layout })),
          },
        });
        cache.setQueryData(key, view);
        if (wanted.current !== tiles) return; // moved on meanwhile: the next request is queued already
      } catch (error) {
        toast.error(error);
        if (error instanceof BoathouseError && error.code === 'DASHBOARD_CHANGED')
          await cache.invalidateQueries({ queryKey: key });
      }
      wanted.current = null;
      setDraft(null);
    });
  }, [cache, id]);

  const arrange = useCallback(
    (tiles: Placed[]) => {
      wanted.current = tiles;
      setDraft(tiles);
      send();
    },
    [send],
  );
  return { placed: draft ?? dashboard.tiles, arrange };
}
