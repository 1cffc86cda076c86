'use client';
import { getRun } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '@/lib/api';
import { live } from '@/lib/live';
import { showRun } from './tile-news';
import { dashboardKeys } from './use-dashboard';

/** Follows the tiles: each new answer is read and painted as it comes, whoever's commit or press it came from. */
export function useTileNews(dashboardId: string): void {
  const cache = useQueryClient();
  useEffect(() => {
    const again = () => void cache.invalidateQueries({ queryKey: dashboardKeys.one(dashboardId) });
    let first = true;
    return live.follow(`dashboard:${dashboardId}`, (message) => {
      if (message.type === 'tile') {
        call(getRun, { params: { id: message.runId } }).then(
          (run) => showRun(cache, dashboardId, message.tileId, run),
          again,
        );
      }
      // Between reading the dashboard and following it a tile may have got its answer.
      if (message.type === 'subscribed') {
        if (!first) again();
        first = false;
      }
    });
  }, [cache, dashboardId]);
}
