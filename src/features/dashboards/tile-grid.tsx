'use client';
import 'react-grid-layout/css/styles.css';
import type { DashboardTileView, TileLayout } from '@boathouse/contracts';
import { GRID_COLUMNS } from '@boathouse/dashboards';
import { useMemo } from 'react';
import { GridLayout, type Layout, noCompactor, useContainerWidth } from 'react-grid-layout';
import { Tile, type TileProps } from './tile';

/** Pixels of a cell of the grid and between cells. */
const rowHeight = 30;
const gap = 12;
/** Head and foot of a tile, with its borders. */
const tileFrame = 36 + 28 + 2;

/** Tiles on a grid of 12 columns. In edit mode they are dragged by their handle and resized at their corner. */
export function TileGrid({
  tiles,
  editing,
  mayRun,
  onMove,
  ...tileActions
}: {
  tiles: DashboardTileView[];
  editing: boolean;
  mayRun: boolean;
  onMove: (tiles: { id: string; layout: TileLayout }[]) => void;
} & Pick<TileProps, 'onRefresh' | 'onEdit' | 'onRemove' | 'onNudge'>) {
  const { width, containerRef, mounted } = useContainerWidth();
  const layout = useMemo(
    (): Layout => tiles.map((tile) => ({ i: tile.id, ...tile.layout, minW: 2, minH: 3 })),
    [tiles],
  );
  const stop = (next: Layout) => {
    const places = new Map(next.map(({ i, x, y, w, h }) => [i, { x, y, w, h }]));
    const changed = tiles.some((tile) => {
      const place = places.get(tile.id);
      return place && (['x', 'y', 'w', 'h'] as const).some((side) => place[side] !== tile.layout[side]);
    });
    if (changed) onMove(tiles.map((tile) => ({ id: tile.id, layout: places.get(tile.id) ?? tile.layout })));
  };
  return (
    <div ref={containerRef} className="min-h-40">
      {mounted ? (
        <GridLayout
          width={width}
          layout={layout}
          gridConfig={{ cols: GRID_COLUMNS, rowHeight, margin: [gap, gap], containerPadding: [0, 8] }}
          dragConfig={{ enabled: editing, handle: '.tile-handle' }}
          resizeConfig={{ enabled: editing, handles: ['se'] }}
          compactor={noCompactor}
          onDragStop={stop}
          onResizeStop={stop}
        >
          {tiles.map((tile) => (
            <div key={tile.id}>
              <Tile
                tile={tile}
                editing={editing}
                mayRun={mayRun}
                height={tile.layout.h * rowHeight + (tile.layout.h - 1) * gap - tileFrame}
                {...tileActions}
              />
            </div>
          ))}
        </GridLayout>
      ) : null}
    </div>
  );
}
