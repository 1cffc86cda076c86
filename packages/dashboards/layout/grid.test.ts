import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, moveTile, overlap, placeTile, settleLayout } from './grid.ts';

test('a new tile takes the first free place beside the others, then below them', () => {
  const first = placeTile([]);
  const second = placeTile([first]);
  const third = placeTile([first, second]);
  assert.deepEqual(
    [first, second, third].map(({ x, y }) => [x, y]),
    [
      [0, 0],
      [6, 0],
      [0, 8],
    ],
  );
});

test('a tile that was drawn beyond the grid comes back into it', () => {
  assert.deepEqual(fit({ x: 10, y: 0, w: 6, h: 2 }), { x: 6, y: 0, w: 6, h: 2 });
  assert.deepEqual(fit({ x: 3, y: 0, w: 40, h: 2 }), { x: 0, y: 0, w: 12, h: 2 });
});

test('tiles that two people moved onto each other end apart, and the upper one stays', () => {
  const tiles = settleLayout([
    { id: 'low', layout: { x: 2, y: 1, w: 6, h: 4 } },
    { id: 'high', layout: { x: 0, y: 0, w: 6, h: 4 } },
    { id: 'beside', layout: { x: 8, y: 0, w: 4, h: 2 } },
  ]);
  const layouts = Object.fromEntries(tiles.map((tile) => [tile.id, tile.layout]));
  assert.deepEqual(layouts.high, { x: 0, y: 0, w: 6, h: 4 });
  assert.deepEqual(layouts.low, { x: 2, y: 4, w: 6, h: 4 });
  for (const a of tiles) for (const b of tiles) if (a !== b) assert.equal(overlap(a.layout, b.layout), false);
});

test('a tile that is put onto others stays where it was put, and they move below it', () => {
  const tiles = [
    { id: 'a', layout: { x: 0, y: 0, w: 6, h: 8 } },
    { id: 'b', layout: { x: 0, y: 8, w: 6, h: 8 } },
    { id: 'c', layout: { x: 6, y: 0, w: 6, h: 8 } },
  ];
  const up = moveTile(tiles, 'b', { x: 0, y: 7, w: 6, h: 8 });
  assert.deepEqual(
    up.map((tile) => [tile.id, tile.layout.y]),
    [
      ['a', 15],
      ['b', 7],
      ['c', 0],
    ],
    'the one above gives way, the one beside stays',
  );
  const wide = moveTile(tiles, 'a', { x: 3, y: 0, w: 12, h: 8 });
  assert.deepEqual(wide[0]!.layout, { x: 0, y: 0, w: 12, h: 8 }, 'it stays on the grid');
  assert.deepEqual(
    wide.map((tile) => tile.layout.y),
    [0, 8, 8],
  );
});
