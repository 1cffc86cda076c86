import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersionComparison, VersionSide } from '@boathouse/contracts';
import { definitionDifferences, filesAddedText, restoreEffects, rowsText } from './compare.ts';

const side = (version: number, more: Partial<VersionSide>): VersionSide => ({
  version,
  timestampMs: 0,
  rowCount: 2,
  fileCount: 1,
  sizeBytes: 100,
  columns: [],
  partitionColumns: [],
  properties: {},
  comment: null,
  ...more,
});
const column = (name: string, type: string, more = {}) => ({ name, type, nullable: true, ...more });
const none = { count: 0, sizeBytes: 0, rows: 0 };
const comparison: VersionComparison = {
  from: side(1, {
    columns: [column('id', 'int'), column('city', 'string'), column('old', 'date')],
    properties: { team: 'north', 'delta.appendOnly': 'true' },
  }),
  to: side(4, {
    rowCount: 1002,
    columns: [
      column('city', 'string', { comment: 'where' }),
      column('id', 'bigint', { nullable: false }),
      column('new', 'int'),
    ],
    properties: { team: 'south', 'delta.constraints.positive': 'id > 0' },
  }),
  filesAdded: { count: 3, sizeBytes: 2500, rows: 1001 },
  filesRemoved: { count: 1, sizeBytes: 100, rows: null },
};

test('columns, their order, properties and constraints that differ are told with both sides', () => {
  assert.deepEqual(
    definitionDifferences(comparison).map(({ what, before, after }) => [what, before, after]),
    [
      ['Column city', 'string', 'string comment "where"'],
      ['Column id', 'int', 'bigint not null'],
      ['Column new', null, 'int'],
      ['Column old', 'date', null],
      ['Order of columns', 'id, city', 'city, id'],
      ['Property delta.appendOnly', 'true', null],
      ['Constraint positive', null, 'id > 0'],
      ['Property team', 'north', 'south'],
    ],
  );
  assert.deepEqual(definitionDifferences({ ...comparison, to: comparison.from }), []);
});

test('a restore says which files come back, which go, how many rows stay and what is undone', () => {
  assert.deepEqual(restoreEffects(comparison), [
    '1 file comes back.',
    '3 files with 1,001 rows go.',
    'The table then holds 2 rows; now it holds 1,002.',
    'As it was before: Column city, Column id, Column new, Column old, Order of columns, Property delta.appendOnly, and 2 more.',
  ]);
  const same = { ...comparison, to: side(4, comparison.from), filesAdded: none, filesRemoved: none };
  assert.deepEqual(restoreEffects(same).at(-1), 'Columns and properties stay as they are.');
});

test('numbers of files and rows are words', () => {
  assert.equal(rowsText(comparison), '2 → 1,002');
  assert.equal(filesAddedText(comparison), '+3 files, 2.5 KB, 1,001 rows');
});
