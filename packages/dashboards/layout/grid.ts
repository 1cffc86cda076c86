import type { TileLayout } from '@boathouse/contracts';

/** Columns of the grid on which tiles lie. */
export const GRID_COLUMNS = 12;
/** A new tile: half the width, and high enough for a chart. */
export const NEW_TILE = { w: 6, h: 8 } as const;

export const overlap = (a: TileLayout, b: TileLayout): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** The layout inside of the grid: too wide is cut, too far right is moved left. */
export function fit(layout: TileLayout): TileLayout {
  const w = Math.min(layout.w, GRID_COLUMNS);
  return { ...layout, w, x: Math.min(layout.x, GRID_COLUMNS - w) };
}

/** The first free place, row by row, for a tile of this size. */
export function placeTile(tiles: readonly TileLayout[], size: { w: number; h: number } = NEW_TILE): TileLayout {
  const w = Math.min(size.w, GRID_COLUMNS);
  const bottom = tiles.reduce((lowest, tile) => Math.max(lowest, tile.y + tile.h), 0);
  // Only where something ends can a first free place begin.
  const rows = [...new Set([0, ...tiles.map((tile) => tile.y + tile.h)])].sort((a, b) => a - b);
  for (const y of rows) {
    for (let x = 0; x + w <= GRID_COLUMNS; x++) {
      const place = { x, y, w, h: size.h };
      if (!tiles.some((tile) => overlap(tile, place))) return place;
    }
  }
  return { x: 0, y: bottom, w, h: size.h };
}

/**
 * Tiles pushed down until none lies on another, in reading order: who comes first keeps their place. Two people who move
 * tiles at once end with a layout that can be drawn.
 */
export function settleLayout<T extends { layout: TileLayout }>(tiles: readonly T[]): T[] {
  const settled: T[] = [];
  for (const tile of tiles.toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x)) {
    let layout = fit(tile.layout);
    for (;;) {
      const below = settled.filter((other) => overlap(other.layout, layout));
      if (below.length === 0) break;
      layout = { ...layout, y: Math.max(...below.map((other) => other.layout.y + other.layout.h)) };
    }
    settled.push({ ...tile, layout });
  }
  return settled;
}

/**
 * The layouts after one tile was given a new place: it stays where it was put and whatever it lies on moves down, in
 * reading order. The answer has every tile, in the order given.
 */
export function moveTile(
  tiles: readonly { id: string; layout: TileLayout }[],
  id: string,
  to: TileLayout,
): { id: string; layout: TileLayout }[] {
  const moved = { id, layout: fit(to) };
  const settled = [moved];
  const others = tiles
    .filter((tile) => tile.id !== id)
    .toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
  for (const tile of others) {
    let layout = tile.layout;
    for (;;) {
      const below = settled.filter((other) => overlap(other.layout, layout));
      if (below.length === 0) break;
      layout = { ...layout, y: Math.max(...below.map((other) => other.layout.y + other.layout.h)) };
    }
    settled.push({ id: tile.id, layout });
  }
  const byId = new Map(settled.map((tile) => [tile.id, tile]));
  return tiles.map((tile) => byId.get(tile.id) ?? tile);
}
