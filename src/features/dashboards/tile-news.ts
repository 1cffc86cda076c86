import type { DashboardTileView, DashboardView, RunSummary } from '@boathouse/contracts';
import type { QueryClient } from '@tanstack/react-query';

/**
 * A tile after news of one of its runs: an answer that succeeded is on show; anything else is told beside the answer that
 * stays. News may come late and out of order: the younger run wins.
 */
export function tileWith(tile: DashboardTileView, run: RunSummary): DashboardTileView {
  const isNewer = (than: RunSummary | null) => !than || than.id === run.id || run.createdAtMs >= than.createdAtMs;
  if (run.state === 'succeeded') {
    if (!isNewer(tile.shown)) return tile;
    const latest = tile.latest && tile.latest.createdAtMs > run.createdAtMs ? tile.latest : null;
    return { ...tile, shown: run, latest };
  }
  if (!isNewer(tile.latest) || !isNewer(tile.shown)) return tile;
  return { ...tile, latest: run };
}

export function showRun(cache: QueryClient, dashboardId: string, tileId: string, run: RunSummary): void {
  cache.setQueryData<DashboardView>(
    ['dashboards', 'one', dashboardId],
    (view) => view && { ...view, tiles: view.tiles.map((tile) => (tile.id === tileId ? tileWith(tile, run) : tile)) },
  );
}
