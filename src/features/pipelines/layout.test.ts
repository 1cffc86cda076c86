import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutGraph } from './layout.ts';

const graph = (...edges: [string, string][]) => ({
  nodes: [...new Set(edges.flat())].map((name) => ({
    name,
    fullName: name,
    kind: 'table' as const,
    expectations: [],
    cellId: null,
  })),
  edges: edges.map(([from, to]) => ({ from, to })),
});
const at = (placed: ReturnType<typeof layoutGraph>, name: string) => placed.find((it) => it.fullName === name)!;

test('each dataset stands right of everything that it reads', () => {
  const placed = layoutGraph(
    graph(['files', 'raw'], ['raw', 'clean'], ['rules', 'clean'], ['raw', 'report'], ['clean', 'report']),
  );
  for (const [from, to] of [
    ['files', 'raw'],
    ['raw', 'clean'],
    ['rules', 'clean'],
    ['clean', 'report'],
  ] as const)
    assert.ok(at(placed, from).x < at(placed, to).x, `${from} before ${to}`);
});

test('no two datasets lie on one another', () => {
  const placed = layoutGraph(graph(['a', 'b'], ['a', 'c'], ['a', 'd'], ['b', 'e'], ['c', 'e']));
  assert.equal(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size, placed.length);
});

test('a graph with a circle is drawn too', () => {
  const placed = layoutGraph(graph(['a', 'b'], ['b', 'a'], ['b', 'c']));
  assert.equal(placed.length, 3);
  assert.ok(placed.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  assert.equal(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size, 3);
});
