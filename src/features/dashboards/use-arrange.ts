'use client';
import { BoathouseError, type DashboardView, type TileLayout, updateDashboard } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { dashboardKeys } from './use-dashboard';

export interface Placed {
  id: string;
  layout: TileLayout;
}

/** A pause after which the places are kept: a held arrow key makes one request, not thirty. */
const pauseMs = 300;

/**
 * Where tiles lie while they are being moved: shown at once, kept after a pause, one request after the other, each for the
 * version that the one before made. What the server refuses is taken back.
 */
export function useArrange(dashboard: DashboardView): { placed: Placed[]; arrange: (tiles: Placed[]) => void } {
  const cache = useQueryClient();
  const [draft, setDraft] = useState<Placed[] | null>(null);
  const wanted = useRef<Placed[] | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sending = useRef<Promise<void>>(Promise.resolve());
  const { id } = dashboard;

  const send = useCallback(() => {
    clearTimeout(timer.current);
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
        if (wanted.current !== tiles) return; // moved on meanwhile: the next request tells
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
      clearTimeout(timer.current);
      timer.current = setTimeout(send, pauseMs);
    },
    [send],
  );
  // Leaving the page keeps what was moved last.
  useEffect(() => () => send(), [send]);

  return { placed: draft ?? dashboard.tiles, arrange };
}
