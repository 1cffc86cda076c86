import assert from 'node:assert/strict';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('id', 'bigint'), column('name', 'string')];
const target = { location: 't/one', columns, partitionColumns: [] };
const write = (sql: string) => room.delta.writeFiles(target, sql);
const logText = (version: number) =>
  readFile(join(room.root, 't/one/_delta_log', `${String(version).padStart(20, '0')}.json`), 'utf8');

test('a table is created with its rows in version 0, appended to, overwritten, and every version stays readable', async () => {
  const first = await room.delta.create('t/one', {
    columns,
    files: await write("SELECT 1::BIGINT AS id, 'a' AS name"),
    comment: 'People',
  });
  assert.deepEqual(first, { version: 0 });
  const append = await room.delta.commit('t/one', {
    operation: 'WRITE',
    mode: 'append',
    adds: await write('SELECT 2 AS id, NULL AS name'),
  });
  assert.equal(append.version, 1);
  const overwrite = await room.delta.commit('t/one', {
    operation: 'WRITE',
    mode: 'overwrite',
    adds: await write("(SELECT 'z' AS name, 9 AS id)"),
  });
  assert.equal(overwrite.version, 2);
  assert.deepEqual(await room.read('t/one'), [[9n, 'z']]);
  assert.deepEqual(await room.read('t/one', 1), [
    [1n, 'a'],
    [2n, null],
  ]);
  assert.deepEqual(await room.read('t/one', 0), [[1n, 'a']]);
  const snapshot = await room.delta.snapshot('t/one');
  assert.equal(snapshot.metadata.description, 'People');
  assert.equal((await snapshot.totals()).numRows, 1);
  assert.equal((await snapshot.totals()).numFiles, 1);
});

test('a plain new table has the protocol that Spark gives, and one with timestamp_ntz the feature that it needs', async () => {
  await room.delta.create('t/one', { columns });
  assert.deepEqual((await room.delta.snapshot('t/one')).protocol, { minReaderVersion: 1, minWriterVersion: 2 });
  await room.delta.create('t/ntz', { columns: [column('at', 'timestamp_ntz')] });
  const { protocol } = await room.delta.snapshot('t/ntz');
  assert.deepEqual(
    [protocol.minReaderVersion, protocol.minWriterVersion, protocol.readerFeatures],
    [3, 7, ['timestampNtz']],
  );
});

test('a table with no rows has no files, its schema, and an empty typed relation', async () => {
  await room.delta.create('t/one', {
    columns,
    files: await write('SELECT * FROM (SELECT 1 AS id, NULL AS name) WHERE false'),
  });
  const snapshot = await room.delta.snapshot('t/one');
  assert.equal((await snapshot.totals()).numFiles, 0);
  const described = await room.engine.rows(
    `DESCRIBE SELECT * FROM ${await room.delta.relation(snapshot, [], ['name', 'id'])}`,
  );
  assert.deepEqual(
    described.map((row) => [row.column_name, row.column_type]),
    [
      ['name', 'VARCHAR'],
      ['id', 'BIGINT'],
    ],
  );
});

test('replacing a table gives it a new schema in one version and keeps its id', async () => {
  await room.delta.create('t/one', { columns, files: await write("SELECT 1 AS id, 'a' AS name") });
  const before = await room.delta.snapshot('t/one');
  const definition = { columns: [column('at', 'timestamp_ntz'), column('v', 'decimal(38,2)')], comment: 'New' };
  const adds = await room.delta.writeFiles(
    { ...target, columns: definition.columns },
    "SELECT TIMESTAMP '2024-01-01' AS at, 12345678901234567890.12 AS v",
  );
  await room.delta.commit('t/one', {
    operation: 'CREATE OR REPLACE TABLE AS SELECT',
    mode: 'replace',
    adds,
    definition,
  });
  const after = await room.delta.snapshot('t/one');
  assert.equal(after.metadata.id, before.metadata.id);
  assert.deepEqual(
    after.columns.map((one) => one.type),
    ['timestamp_ntz', 'decimal(38,2)'],
  );
  assert.equal(after.protocol.minReaderVersion, 3);
  assert.equal((await room.read('t/one')).length, 1);
  assert.deepEqual(await room.read('t/one', 0), [[1n, 'a']]);
});

test('creating where a table is, and opening where none is, are errors that say so', async () => {
  await room.delta.create('t/one', { columns });
  await assert.rejects(room.delta.create('t/one', { columns }), hasCode('DELTA_TABLE_ALREADY_EXISTS', 't/one'));
  await assert.rejects(room.other().create('t/one', { columns }), hasCode('DELTA_TABLE_ALREADY_EXISTS'));
  await assert.rejects(room.delta.snapshot('t/none'), hasCode('DELTA_TABLE_NOT_FOUND', 't/none'));
  await assert.rejects(
    room.delta.snapshot('t/one', { version: 7 }),
    hasCode('DELTA_VERSION_NOT_FOUND', '7', 'latest version is 0'),
  );
  assert.equal(await room.delta.exists('t/one'), true);
  assert.equal(await room.delta.exists('t/none'), false);
});

test('repeating a create or a commit with the same transaction id succeeds without doubling', async () => {
  await room.delta.create('t/one', { columns, txnId: 'create-1' });
  assert.deepEqual(await room.delta.create('t/one', { columns, txnId: 'create-1' }), { version: 0 });
  const request = {
    operation: 'WRITE',
    mode: 'append' as const,
    adds: await write("SELECT 1 AS id, 'a' AS name"),
    txnId: 'w-1',
    readVersion: 0,
  };
  assert.deepEqual(await room.delta.commit('t/one', request), { version: 1 });
  assert.deepEqual(await room.other().commit('t/one', request), { version: 1 });
  assert.equal(await room.delta.latestVersion('t/one'), 1);
});

test('columns that a Delta table cannot have are refused by name', async () => {
  await assert.rejects(
    room.delta.create('t/x', { columns: [column('i', 'interval day')] }),
    hasCode('DELTA_UNSUPPORTED_DATA_TYPES', '"i"'),
  );
  await assert.rejects(
    room.delta.create('t/x', { columns: [column('a', 'int'), column('A', 'int')] }),
    hasCode('DELTA_DUPLICATE_COLUMNS_FOUND', '"A"'),
  );
  await assert.rejects(
    room.delta.create('t/x', { columns, partitionColumns: ['none'] }),
    hasCode('DELTA_INVALID_PARTITION_COLUMN', '"none"'),
  );
  await assert.rejects(
    room.delta.create('t/x', { columns, properties: { 'delta.noSuchThing': 'true' } }),
    hasCode('DELTA_UNKNOWN_CONFIGURATION'),
  );
  assert.equal(await room.delta.exists('t/x'), false);
});

test('the schema comes back with comments, nesting, nullability and declared lengths', async () => {
  const wanted = [
    {
      name: 'a b',
      type: 'struct<x:int,`y z`:array<map<string,decimal(10,2)>>>',
      nullable: true,
      comment: 'it is "so"',
    },
    { name: 'c', type: 'varchar(10)', nullable: false },
    { name: 'd', type: 'date', nullable: true },
  ];
  await room.delta.create('t/one', { columns: wanted, properties: { owner: 'me', 'delta.appendonly': 'true' } });
  const snapshot = await room.other().snapshot('t/one');
  assert.deepEqual(snapshot.columns, wanted);
  assert.deepEqual(snapshot.metadata.configuration, { owner: 'me', 'delta.appendOnly': 'true' });
});

test('history tells who did what, newest first, and detail counts files, bytes and rows', async () => {
  await room.delta.create('t/one', { columns, partitionColumns: ['name'], userName: 'ada@example.org' });
  const adds = await room.delta.writeFiles(
    { ...target, partitionColumns: ['name'] },
    "SELECT i AS id, 'p' || (i % 2) AS name FROM range(10) r(i)",
  );
  await room.delta.commit('t/one', {
    operation: 'STREAMING UPDATE',
    mode: 'append',
    adds,
    userName: 'bob@example.org',
    runId: 'run-7',
    operationParameters: { outputMode: 'Append', epochId: 3 },
    txn: { appId: 'app', version: 3 },
  });
  const history = await room.delta.history('t/one', 10);
  assert.deepEqual(
    history.map((entry) => [entry.version, entry.operation, entry.userName, entry.isBlindAppend]),
    [
      [1, 'STREAMING UPDATE', 'bob@example.org', true],
      [0, 'CREATE TABLE', 'ada@example.org', true],
    ],
  );
  assert.equal(history[0]?.operationMetrics.numOutputRows, '10');
  assert.equal(history[0]?.operationMetrics.numFiles, '2');
  assert.equal(history[0]?.operationParameters.epochId, '3');
  assert.match(history[0]?.engineInfo ?? '', /^Boathouse\//);
  assert.equal((await room.delta.history('t/one', 1)).length, 1);
  const detail = await room.delta.detail('t/one');
  assert.deepEqual([detail.version, detail.fileCount, detail.rowCount, detail.partitionColumns], [1, 2, 10, ['name']]);
  assert.equal(
    detail.sizeBytes,
    adds.reduce((sum, file) => sum + file.size, 0),
  );
  assert.match(detail.files[0]!.path, /^name=p\d\/part-/);
  assert.match(await logText(1), /"runId":"run-7"/);
});

test('a time names the version that was the latest then; before the first and after the last are errors', async () => {
  await room.delta.create('t/one', { columns });
  for (let index = 0; index < 3; index++) {
    await room.delta.commit('t/one', {
      operation: 'WRITE',
      mode: 'append',
      adds: await write(`SELECT ${index} AS id, NULL AS name`),
    });
  }
  // A copied table: versions 1 and 2 carry the same time, and 3 an earlier one.
  for (const [version, second] of [100, 200, 200, 150].entries()) {
    const path = join(room.root, 't/one/_delta_log', `${String(version).padStart(20, '0')}.json`);
    await utimes(path, 1_700_000_000 + second, 1_700_000_000 + second);
  }
  const at = async (second: number, ms = 0) =>
    (await room.other().snapshot('t/one', { timestampMs: (1_700_000_000 + second) * 1000 + ms })).version;
  assert.equal(await at(100), 0);
  assert.equal(await at(199), 0);
  assert.equal(await at(200), 1);
  assert.equal(await at(200, 1), 2);
  assert.equal(await at(200, 2), 3);
  await assert.rejects(at(99), hasCode('DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION'));
  await assert.rejects(at(201), hasCode('DELTA_TIMESTAMP_GREATER_THAN_COMMIT'));
});

test('a snapshot is refreshed by what is new, never changes in the hands that hold it, and costs little where nothing is', async () => {
  await room.delta.create('t/one', { columns });
  const held = await room.delta.snapshot('t/one');
  const writer = room.other();
  for (let index = 0; index < 5; index++) {
    await writer.commit('t/one', {
      operation: 'WRITE',
      mode: 'append',
      adds: await write(`SELECT ${index} AS id, NULL AS name`),
    });
  }
  assert.equal((await (await room.delta.snapshot('t/one')).totals()).numFiles, 5);
  assert.equal((await held.totals()).numFiles, 0);
  assert.deepEqual(await room.delta.listNew('t/one', 3).then((found) => found.map(({ version }) => version)), [4, 5]);
  const began = performance.now();
  for (let index = 0; index < 200; index++) await room.delta.snapshot('t/one');
  assert.ok((performance.now() - began) / 200 < 2, `${(performance.now() - began) / 200} ms a look`);
});

test('a table that was dropped and made again at the same place is seen as the new one', async () => {
  await room.delta.create('t/one', { columns, files: await write("SELECT 1 AS id, 'old' AS name") });
  await room.delta.snapshot('t/one');
  await room.store.deletePrefix('t/one/');
  await assert.rejects(room.delta.snapshot('t/one'), hasCode('DELTA_TABLE_NOT_FOUND'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  await room.other().create('t/one', { columns: [column('x', 'int')] });
  assert.deepEqual((await room.delta.snapshot('t/one')).columns[0]?.name, 'x');
});
