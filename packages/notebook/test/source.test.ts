import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportSource, importSource, looksLikeSource, type NewCell } from '../index.ts';

const importCells = (text: string) => {
  let count = 0;
  return importSource(text, () => `c${++count}`);
};
const plain = (cells: NewCell[]) => cells.map(({ kind, source, title }) => ({ kind, source, title }));

test('a Databricks SQL notebook becomes SQL and Markdown cells', () => {
  const text = [
    '-- Databricks notebook source',
    '-- MAGIC %md',
    '-- MAGIC # Flights',
    '-- MAGIC',
    '-- MAGIC of one year',
    '',
    '-- COMMAND ----------',
    '',
    '-- DBTITLE 1,How many',
    'select count(*)',
    'from flights',
    '',
    '-- COMMAND ----------',
    '',
    '-- MAGIC %md short',
  ].join('\r\n');
  assert.ok(looksLikeSource(text));
  assert.deepEqual(plain(importCells(text)), [
    { kind: 'markdown', source: '# Flights\n\nof one year', title: '' },
    { kind: 'sql', source: 'select count(*)\nfrom flights', title: 'How many' },
    { kind: 'markdown', source: 'short', title: '' },
  ]);
});

const notebooks: Record<string, Omit<NewCell, 'id'>[]> = {
  'of every kind': [
    { kind: 'sql', source: 'select 1', title: '' },
    { kind: 'typescript', source: "const a = await spark.sql('select 1');\n\ndisplay(a);", title: 'Look' },
    { kind: 'pipeline', source: 'CREATE OR REFRESH STREAMING TABLE t AS SELECT 1', title: '' },
    { kind: 'markdown', source: '# Title\n\n- a\n- b', title: '' },
  ],
  'whose SQL looks like the format itself': [
    { kind: 'sql', source: 'select 1\n-- COMMAND ----------\nselect 2', title: '' },
    { kind: 'sql', source: '-- MAGIC %md\nselect 3', title: '' },
    { kind: 'sql', source: '-- DBTITLE 1,no title\nselect 4', title: '' },
  ],
  'with an empty cell': [
    { kind: 'sql', source: '', title: '' },
    { kind: 'sql', source: 'select 5', title: '' },
  ],
  'without cells': [],
};
for (const [title, cells] of Object.entries(notebooks)) {
  test(`a notebook ${title} comes back from its file as it was`, () => {
    const text = exportSource(cells);
    assert.deepEqual(plain(importCells(text)), cells, text);
  });
}

test('a cell in a language that we cannot run is refused by name and line', () => {
  const text =
    '-- Databricks notebook source\nselect 1\n\n-- COMMAND ----------\n\n-- MAGIC %python\n-- MAGIC print(1)\n';
  assert.throws(() => importCells(text), { code: 'UNSUPPORTED_CELL_LANGUAGE', message: /line 5 is %python/ });
});

test('a plain SQL file is one cell', () => {
  assert.deepEqual(plain(importCells('\uFEFFselect 1;\nselect 2;\n')), [
    { kind: 'sql', source: 'select 1;\nselect 2;', title: '' },
  ]);
});
