import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Y from 'yjs';
import {
  addCell,
  compareVersion,
  deleteCell,
  documentVersion,
  mergeWithNext,
  moveCell,
  newNotebook,
  readCells,
  sourceOf,
  splitCell,
  updateCell,
} from '../index.ts';
import { isOrder, orderBetween } from '../order.ts';

const sync = (a: Y.Doc, b: Y.Doc): void => {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
};
const ids = (doc: Y.Doc): string =>
  readCells(doc)
    .map((cell) => cell.id)
    .join('');
const abc = () => newNotebook(['a', 'b', 'c'].map((id) => ({ id, kind: 'sql', source: `select '${id}'` })));

test('between any two places there is another one, however often a place is halved', () => {
  let seed = 20261121;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const places: string[] = [];
  for (let count = 0; count < 2_000; count++) {
    const at = Math.floor(random() * (places.length + 1));
    const place = orderBetween(places[at - 1] ?? null, places[at] ?? null);
    assert.ok(isOrder(place), place);
    places.splice(at, 0, place);
  }
  assert.deepEqual(
    places,
    [...places].sort((a, b) => (a < b ? -1 : 1)),
    'seed 20261121',
  );
  assert.equal(new Set(places).size, places.length);
});

test('adding a thousand cells at the end keeps places short', () => {
  let place: string | null = null;
  for (let count = 0; count < 1_000; count++) place = orderBetween(place, null);
  assert.ok(place!.length < 20, place!);
});

for (const [title, move, expected] of [
  ['to the start', (doc: Y.Doc) => moveCell(doc, 'c', 'start'), 'cab'],
  ['to the end', (doc: Y.Doc) => moveCell(doc, 'a', 'end'), 'bca'],
  ['before another', (doc: Y.Doc) => moveCell(doc, 'c', { before: 'b' }), 'acb'],
  ['after another', (doc: Y.Doc) => moveCell(doc, 'a', { after: 'b' }), 'bac'],
  ['that is gone nowhere', (doc: Y.Doc) => moveCell(doc, 'x', 'start'), 'abc'],
] as const) {
  test(`a cell moves ${title}`, () => {
    const doc = abc();
    move(doc);
    assert.equal(ids(doc), expected);
  });
}

test('two people who add at one place at once see the same order, and can still move between the two', () => {
  const one = abc();
  const two = new Y.Doc();
  sync(one, two);
  addCell(one, { id: 'x', kind: 'sql' }, { after: 'a' });
  addCell(two, { id: 'y', kind: 'sql' }, { after: 'a' });
  sync(one, two);
  assert.equal(ids(one), 'axybc');
  assert.equal(ids(two), 'axybc');
  moveCell(two, 'c', { before: 'y' });
  assert.equal(ids(two), 'axcyb');
});

test('moving a cell while somebody types in it keeps both', () => {
  const one = abc();
  const two = new Y.Doc();
  sync(one, two);
  moveCell(one, 'a', 'end');
  sourceOf(two, 'a')!.insert(0, '-- typed\n');
  sync(one, two);
  assert.equal(ids(two), 'bca');
  assert.equal(readCells(one)[2]!.source, "-- typed\nselect 'a'");
});

test('what is no cell is left out of a notebook and breaks nothing', () => {
  const doc = abc();
  const cells = doc.getMap('cells');
  cells.set('text', 'not a map');
  const half = new Y.Map();
  half.set('kind', 'python');
  cells.set('half', half);
  assert.equal(ids(doc), 'abc');
});

test('a chart of a cell is kept, and taken off with null', () => {
  const doc = abc();
  updateCell(doc, 'a', {
    chart: { kind: 'bar', x: 'day', y: ['flights'], color: null, aggregation: 'sum' },
    title: 'Flights',
  });
  assert.equal(readCells(doc)[0]!.chart?.kind, 'bar');
  assert.equal(readCells(doc)[0]!.title, 'Flights');
  updateCell(doc, 'a', { chart: null });
  assert.equal(readCells(doc)[0]!.chart, null);
});

test('a version tells whether a document holds what somebody saw, deletions included', () => {
  const one = abc();
  const two = new Y.Doc();
  sync(one, two);
  assert.equal(documentVersion(one), documentVersion(two));
  const before = documentVersion(one);
  sourceOf(one, 'a')!.insert(0, '-- ');
  assert.equal(compareVersion(two, documentVersion(one)), 'behind');
  assert.equal(compareVersion(one, before), 'ahead');
  sync(one, two);
  assert.equal(compareVersion(two, documentVersion(one)), 'same');
  sourceOf(one, 'a')!.delete(0, 3);
  assert.notEqual(documentVersion(one), documentVersion(two), 'a deletion alone is another version');
  sync(one, two);
  deleteCell(two, 'b');
  sync(one, two);
  assert.equal(documentVersion(one), documentVersion(two));
  assert.equal(compareVersion(two, 'no version'), 'unknown');
});

const texts = (doc: Y.Doc): string[] => readCells(doc).map((cell) => `${cell.id}: ${cell.source}`);

test('a cell is split at the cursor: it keeps what is above, the rest is a new cell of its kind below', () => {
  const doc = newNotebook([
    { id: 'a', kind: 'typescript', source: 'const x = 1;\nx + 1' },
    { id: 'b', kind: 'sql', source: 'select 1' },
  ]);
  assert.equal(splitCell(doc, 'a', 'const x = 1;\n'.length, 'n'), true);
  assert.deepEqual(texts(doc), ['a: const x = 1;', 'n: x + 1', 'b: select 1']);
  assert.equal(readCells(doc)[1]?.kind, 'typescript');
  assert.equal(splitCell(doc, 'b', 7, 'm'), true);
  assert.deepEqual(texts(doc).slice(2), ['b: select ', 'm: 1']);
  assert.equal(splitCell(doc, 'gone', 0, 'k'), false);
});

test('what a colleague types above the cut while a cell is split stays above it', () => {
  const one = newNotebook([{ id: 'a', kind: 'sql', source: 'select 1;\nselect 2' }]);
  const two = new Y.Doc();
  sync(one, two);
  splitCell(one, 'a', 'select 1;\n'.length, 'n');
  sourceOf(two, 'a')?.insert('select '.length, '10 + ');
  sync(one, two);
  assert.deepEqual(texts(one), ['a: select 10 + 1;', 'n: select 2']);
  assert.deepEqual(texts(two), texts(one));
});

test('a cell is merged with the next one of its kind, and with no other', () => {
  const doc = newNotebook([
    { id: 'a', kind: 'sql', source: 'select 1;' },
    { id: 'b', kind: 'sql', source: 'select 2' },
    { id: 'c', kind: 'markdown', source: 'Text' },
  ]);
  assert.equal(mergeWithNext(doc, 'a'), true);
  assert.deepEqual(texts(doc), ['a: select 1;\nselect 2', 'c: Text']);
  assert.equal(mergeWithNext(doc, 'a'), false);
  assert.equal(mergeWithNext(doc, 'c'), false);
  assert.deepEqual(texts(doc), ['a: select 1;\nselect 2', 'c: Text']);
});
