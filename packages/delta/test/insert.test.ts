import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { CreateRequest, Delta } from '../types.ts';
import type { InsertRequest } from '../write/types.ts';
import { column, hasCode, openRoom, plainCompiler, type Room } from './support.ts';

let room: Room;
let delta: Delta;
beforeEach(async () => {
  room = await openRoom();
  delta = room.other({ compiler: plainCompiler });
});
afterEach(() => room.close());

const columns = [column('id', 'int'), column('v', 'string'), column('d', 'string')];
const create = (request: Partial<CreateRequest> = {}) => delta.create('t', { columns, ...request });
const insert = (rows: string, request: Partial<InsertRequest> = {}) =>
  delta.insert('t', { mode: 'append', ...request, rows });
const values = (...rows: string[]) => `SELECT * FROM (VALUES ${rows.join(', ')}) AS r(id, v, d)`;
const four = values("(1, 'a', 'x')", "(2, 'b', 'x')", "(3, 'c', 'y')", "(4, 'd', NULL)");
const ids = async () => (await room.read('t')).map(([id]) => id);
const last = async () => (await delta.history('t', 1))[0]!;
const where = (text: string, prune?: NonNullable<InsertRequest['replaceWhere']>['prune']): Partial<InsertRequest> => ({
  mode: 'replaceWhere',
  replaceWhere: { condition: `target.${text}`, text: `(${text})`, prune },
});

test('rows are appended and overwrite the table, columns that they lack are filled', async () => {
  await create();
  const done = await insert("SELECT 'a' AS v, 1 AS ID");
  assert.deepEqual([done.version, done.metrics.numOutputRows], [1, 1]);
  assert.deepEqual(await room.read('t'), [[1, 'a', null]]);
  assert.equal((await last()).isBlindAppend, true);
  await insert(four, { mode: 'overwrite', given: ['ID', 'v', 'd'] });
  assert.deepEqual(await ids(), [1, 2, 3, 4]);
  const { operationParameters, operationMetrics } = await last();
  assert.equal(operationParameters.mode, 'Overwrite');
  assert.equal(operationMetrics.numRemovedFiles, '1');
});

test('a dynamic overwrite replaces the partitions that rows come for, that of NULL too', async () => {
  const both: Record<string, string>[] = [{}, { 'delta.columnMapping.mode': 'name' }];
  for (const properties of both) {
    const location = `d/${Object.keys(properties).length}`;
    await delta.create(location, { columns, properties, partitionColumns: ['d'] });
    await delta.insert(location, { mode: 'append', rows: four });
    await delta.insert(location, {
      mode: 'dynamic',
      rows: values("(9, 'z', 'x')", "(10, 'n', 'new')", "(11, 'o', NULL)"),
    });
    assert.deepEqual(
      (await room.read(location)).map(([id]) => id),
      [3, 9, 10, 11],
    );
  }
});

test('replaceWhere replaces the rows that fulfil the condition, whole files or parts of them', async () => {
  for (const vectors of ['false', 'true']) {
    const location = `r/${vectors}`;
    await delta.create(location, { columns, properties: { 'delta.enableDeletionVectors': vectors } });
    await delta.insert(location, { mode: 'append', rows: four });
    const done = await delta.insert(location, {
      ...where('id >= 2', [{ column: 'id', op: '>=', values: ['2'] }]),
      mode: 'replaceWhere',
      rows: values("(2, 'new', 'q')"),
    });
    assert.deepEqual(await room.read(location), [
      [1, 'a', 'x'],
      [2, 'new', 'q'],
    ]);
    assert.equal(done.metrics.numDeletedRows, 3);
    assert.equal(done.metrics.numCopiedRows, vectors === 'true' ? 0 : 1);
  }
});

test('a row that does not fulfil the condition of replaceWhere is refused, NULL too, and the table stays', async () => {
  await create({ partitionColumns: ['d'] });
  await insert(four);
  await assert.rejects(
    insert(values("(9, 'z', 'y')"), where("d = 'x'")),
    hasCode('DELTA_REPLACE_WHERE_MISMATCH', "(d = 'x')", ' - d : y'),
  );
  await assert.rejects(insert(values("(9, 'z', NULL)"), where("d = 'x'")), hasCode('DELTA_REPLACE_WHERE_MISMATCH'));
  assert.deepEqual(await ids(), [1, 2, 3, 4]);
  const done = await insert(values("(9, 'z', 'x')"), where("d = 'x'", [{ column: 'd', op: '=', values: ['x'] }]));
  assert.deepEqual(await ids(), [3, 4, 9]);
  assert.deepEqual([done.metrics.numRemovedFiles, done.metrics.numCopiedRows, done.metrics.numDeletedRows], [1, 0, 2]);
  assert.deepEqual((await last()).operationParameters, {
    mode: 'Overwrite',
    partitionBy: '[]',
    predicate: "(d = 'x')",
  });
});

test('the change feed tells what replaceWhere deletes and inserts', async () => {
  await create({ properties: { 'delta.enableChangeDataFeed': 'true' } });
  await insert(four);
  await insert(values("(2, 'new', 'q')"), {
    ...where('id >= 2'),
    addColumns: [column('e', 'int')],
  });
  const { relation } = await delta.changes('t', { fromVersion: 2 });
  const rows = await room.engine.rows(`SELECT id, _change_type AS c FROM ${relation} ORDER BY ALL`);
  assert.deepEqual(
    rows.map(({ id, c }) => [id, c]),
    [
      [2, 'delete'],
      [2, 'insert'],
      [3, 'delete'],
      [4, 'delete'],
    ],
  );
});

test('rows bring new columns and wider types, where the table allows them', async () => {
  await create({ properties: { 'delta.enableTypeWidening': 'true' } });
  await insert(four);
  await insert("SELECT 3000000000 AS id, 'z' AS v, 5 AS extra", {
    addColumns: [column('extra', 'int')],
    changeTypes: [{ column: 'id', type: 'bigint' }],
  });
  assert.deepEqual((await room.read('t')).at(-1), [3000000000n, 'z', null, 5]);
  assert.deepEqual((await room.read('t'))[0], [1n, 'a', 'x', null]);
  await assert.rejects(
    insert(four, { changeTypes: [{ column: 'id', type: 'int' }] }),
    hasCode('NOT_SUPPORTED_CHANGE_COLUMN', 'bigint'),
  );
});

test('identity values go on over appends, overwrites and two writers at once', async () => {
  const identity = { always: true, start: '1', step: '1' };
  await delta.create('t', { columns: [{ ...column('id', 'bigint'), identity }, column('v', 'int')] });
  await insert('SELECT i AS v FROM range(3) r(i)');
  await insert('SELECT 7 AS v', { mode: 'overwrite' });
  assert.deepEqual(await room.read('t'), [[4n, 7]]);
  const both = await Promise.allSettled([
    insert('SELECT 8 AS v'),
    room.other({ compiler: plainCompiler }).insert('t', { mode: 'append', rows: 'SELECT 9 AS v' }),
  ]);
  const won = both.filter(({ status }) => status === 'fulfilled').length;
  const given = (await room.read('t')).map(([id]) => id);
  assert.equal(new Set(given).size, given.length);
  assert.equal(given.length, 1 + won);
});

test('a repeated transaction of an application adds nothing', async () => {
  await create();
  const txn = { appId: 'loader', version: 1 };
  await insert(four, { txn });
  const again = await insert(four, { txn });
  assert.equal(again.alreadyApplied, true);
  assert.deepEqual(await ids(), [1, 2, 3, 4]);
});

test('a table is made of rows in its own shape, and replaced with its features kept', async () => {
  await delta.createAs('t', {
    mode: 'create',
    columns: [column('id', 'bigint'), column('p', 'string'), { ...column('g', 'bigint'), generatedAs: 'id + 1' }],
    partitionColumns: ['p'],
    clusterBy: [],
    properties: { 'delta.columnMapping.mode': 'id', 'delta.enableRowTracking': 'true', k: 'v' },
    rows: "SELECT 1 AS id, 'x' AS p",
  });
  assert.deepEqual(await room.read('t'), [[1n, 'x', 2n]]);
  const before = await delta.snapshot('t');
  await assert.rejects(
    delta.createAs('t', { mode: 'create', columns, rows: four }),
    hasCode('DELTA_TABLE_ALREADY_EXISTS'),
  );
  const replaced = await delta.createAs('t', {
    mode: 'replace',
    columns,
    clusterBy: ['id'],
    rows: four,
    comment: 'new',
  });
  assert.equal(replaced.version, 1);
  assert.deepEqual(await ids(), [1, 2, 3, 4]);
  const after = await delta.snapshot('t');
  assert.equal(after.metadata.id, before.metadata.id);
  assert.deepEqual(after.metadata.configuration, {});
  assert.ok(after.protocol.writerFeatures?.includes('columnMapping'));
  assert.match(after.domain('delta.clustering') ?? '', /"id"/);
  assert.equal((await last()).operation, 'CREATE OR REPLACE TABLE AS SELECT');
  const made = await delta.createAs('new', { mode: 'replace', columns, rows: four });
  assert.equal(made.version, 0);
});

test('rows that are staged for a table that is there are written by its rules', async () => {
  const target = { location: 't', columns, partitionColumns: [] };
  await create({ properties: { 'delta.columnMapping.mode': 'name' } });
  await delta.alter('t', { kind: 'addConstraint', name: 'pos', check: 'id > 0' });
  await assert.rejects(
    delta.writeFiles(target, values("(0, 'a', 'x')")),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES'),
  );
  const adds = await delta.writeFiles(target, values("(1, 'a', 'x')"));
  await delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  assert.deepEqual(await room.read('t'), [[1, 'a', 'x']]);
  const identity = { always: true, start: '1', step: '1' };
  await delta.create('i', { columns: [{ ...column('id', 'bigint'), identity }, column('v', 'int')] });
  const staged = { location: 'i', columns: [column('id', 'bigint'), column('v', 'int')], partitionColumns: [] };
  await assert.rejects(delta.writeFiles(staged, 'SELECT 1 AS v'), hasCode('DELTA_IDENTITY_COLUMNS_NEED_INSERT'));
  await assert.rejects(
    delta.create('m', { columns, files: adds, properties: { 'delta.columnMapping.mode': 'id' } }),
    hasCode('DELTA_COLUMN_MAPPING_OF_WRITTEN_FILES'),
  );
});

test('replaceOn replaces the rows that match a new one, and runs the query once', async () => {
  for (const vectors of ['false', 'true']) {
    const location = `o/${vectors}`;
    await delta.create(location, { columns, properties: { 'delta.enableDeletionVectors': vectors } });
    await delta.insert(location, { mode: 'append', rows: four });
    const replaceOn = {
      condition: 'target.d IS NOT DISTINCT FROM source.d AND target.id <> 1',
      text: 'target.d <=> source.d AND target.id <> 1',
    };
    await delta.insert(location, {
      mode: 'replaceOn',
      replaceOn,
      rows: "SELECT (100 + random())::INT AS id, v, d FROM (VALUES ('n', 'x'), ('m', NULL)) AS r(v, d)",
    });
    assert.deepEqual((await room.read(location)).map(([, v, d]) => [v, d]).sort(), [
      ['a', 'x'],
      ['c', 'y'],
      ['m', null],
      ['n', 'x'],
    ]);
  }
});
