import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogTree } from '@boathouse/contracts';
import { rowKey, treeRows } from './tree-rows.ts';

const node = (name: string) => ({ id: name, name, comment: null, owner: 'ada' });
const table = (name: string) => ({ id: name, name, kind: 'MANAGED' as const, comment: null });
const tree: CatalogTree = {
  catalogs: [
    {
      ...node('main'),
      schemas: [
        { ...node('default'), tables: [], volumes: [] },
        {
          ...node('samples'),
          tables: [table('airports'), table('flights')],
          volumes: [{ id: 'v', name: 'flights', comment: null }],
        },
      ],
    },
    { ...node('other'), schemas: [{ ...node('samples'), tables: [table('boats')], volumes: [] }] },
  ],
};
const shown = (expanded: string[], search = '') =>
  treeRows(tree, new Set(expanded), search).map((row) => `${row.level} ${row.kind} ${row.name}`);

test('a closed tree shows its catalogs', () => {
  assert.deepEqual(shown([]), ['1 catalog main', '1 catalog other']);
});

test('an open schema shows its tables and volumes, each with its place among its siblings', () => {
  const rows = treeRows(tree, new Set([rowKey('catalog', ['main']), rowKey('schema', ['main', 'samples'])]), '');
  assert.deepEqual(
    rows.map((row) => row.parts.join('.')),
    [
      'main',
      'main.default',
      'main.samples',
      'main.samples.airports',
      'main.samples.flights',
      'main.samples.flights',
      'other',
    ],
  );
  assert.deepEqual(
    rows.filter((row) => row.level === 3).map((row) => [row.position, row.siblings]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length, 'a table and a volume of one name are two rows');
});

test('searching opens what holds a match and hides the rest', () => {
  assert.deepEqual(shown([], 'BOAT'), ['1 catalog other', '2 schema samples', '3 table boats']);
});

test('a path finds a table in its schema', () => {
  assert.deepEqual(shown([], 'samples.air'), ['1 catalog main', '2 schema samples', '3 table airports']);
});

test('nothing that matches leaves no row', () => {
  assert.deepEqual(shown([], 'zebra'), []);
});
