import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Action, AddFile, RemoveFile } from '../actions/types.ts';
import { incompatibleColumn } from '../changes/compatible.ts';
import { changesOf } from '../changes/plan.ts';
import type { ChangesRequest } from '../changes/types.ts';
import { commitKey } from '../log/names.ts';
import type { DeltaField } from '../schema/types.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const location = 't/fed';
const columns = [column('id', 'bigint'), column('p', 'string')];
const target = { location, columns, partitionColumns: ['p'] };
const write = (sql: string) => room.delta.writeFiles(target, sql);
const logPath = (version: number) => join(room.root, commitKey(location, version));

/** Puts a commit as another writer would. */
async function put(version: number, actions: Action[]): Promise<void> {
  const lines = [{ commitInfo: { operation: 'TEST', timestamp: 0 } }, ...actions].map((action) =>
    JSON.stringify(action),
  );
  assert.ok(await room.store.putIfAbsent(commitKey(location, version), Buffer.from(lines.join('\n'))));
}

const metadata = (configuration: Record<string, string>, fields = columns): Action => ({
  metaData: {
    id: '5a8b2c14-3b5e-4a57-9f0a-2f5d8c1e7b60',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({
      type: 'struct',
      fields: fields.map(({ name, type }) => ({
        name,
        type: type === 'bigint' ? 'long' : type,
        nullable: true,
        metadata: {},
      })),
    }),
    partitionColumns: ['p'],
    configuration,
  },
});
const feed = { 'delta.enableChangeDataFeed': 'true' };
const protocol: Action = { protocol: { minReaderVersion: 1, minWriterVersion: 4 } };
const adds = (files: AddFile[]): Action[] => files.map((add) => ({ add }));
const removal = (file: AddFile): RemoveFile => ({
  path: file.path,
  dataChange: true,
  partitionValues: file.partitionValues,
  size: file.size,
});

async function changes(request: ChangesRequest): Promise<unknown[][]> {
  const { relation, columns: known } = await room.delta.changes(location, request);
  const names = request.needed ?? known.map(({ name }) => name).filter((name) => name !== '_commit_timestamp');
  const rows = await room.engine.rows(`SELECT * FROM ${relation} ORDER BY _commit_version, _change_type, p`);
  return rows.map((row) => names.map((name) => row[name]));
}

/** Version 0 empty with the feed on, 1 appends, 2 removes a file, 3 has a change file. */
async function fedTable(): Promise<void> {
  await put(0, [protocol, metadata(feed)]);
  const first = await write("SELECT unnest([1, 2])::BIGINT AS id, unnest(['a', 'b']) AS p");
  await put(1, adds(first));
  await put(2, [{ remove: removal(first.find((file) => file.partitionValues.p === 'a')!) }]);
  const changed = await room.delta.writeFiles(
    { location, columns: [...columns, column('_change_type', 'string')], partitionColumns: ['p'] },
    "SELECT unnest([2, 3])::BIGINT AS id, 'b' AS p, unnest(['update_preimage', 'update_postimage']) AS _change_type",
  );
  const second = await write("SELECT 3 AS id, 'b' AS p");
  await put(3, [
    { remove: removal(first.find((file) => file.partitionValues.p === 'b')!) },
    ...adds(second),
    ...changed.map(({ path, partitionValues, size }) => ({
      cdc: { path, partitionValues, size, dataChange: false as const },
    })),
  ]);
}

test('the feed gives inserted and deleted rows from added and removed files, and of a version with change files only those', async () => {
  await fedTable();
  assert.deepEqual(await changes({ fromVersion: 0 }), [
    [1n, 'a', 'insert', 1n],
    [2n, 'b', 'insert', 1n],
    [1n, 'a', 'delete', 2n],
    [3n, 'b', 'update_postimage', 3n],
    [2n, 'b', 'update_preimage', 3n],
  ]);
  assert.deepEqual(await changes({ fromVersion: 2, toVersion: 2 }), [[1n, 'a', 'delete', 2n]]);
  // An end after the latest version means the latest, as in Spark.
  assert.equal((await changes({ fromVersion: 3, toVersion: 99 })).length, 2);
  assert.deepEqual(await changes({ fromVersion: 2, toVersion: 2, needed: ['_commit_version', 'p', '_change_type'] }), [
    [2n, 'a', 'delete'],
  ]);
});

test('the feed of a time span holds the commits of that span, each with its time', async () => {
  await fedTable();
  const at = (seconds: number) => Date.UTC(2024, 0, 1) + seconds * 1000;
  for (const version of [0, 1, 2, 3]) await utimes(logPath(version), at(version) / 1000, at(version) / 1000);
  room.delta.forget(location);
  assert.deepEqual(await changes({ fromTimestampMs: at(1.5), toTimestampMs: at(2.5) }), [[1n, 'a', 'delete', 2n]]);
  // Two times between the same two commits: nothing, and no error.
  assert.deepEqual(await changes({ fromTimestampMs: at(1) + 1, toTimestampMs: at(2) - 1 }), []);
  const { relation } = await room.delta.changes(location, { fromVersion: 2, toVersion: 2 });
  const [row] = await room.engine.rows(`SELECT epoch_ms(_commit_timestamp) AS at FROM ${relation}`);
  assert.equal(row?.at, BigInt(at(2)));
  await assert.rejects(
    room.delta.changes(location, { fromTimestampMs: at(9) }),
    hasCode('DELTA_TIMESTAMP_GREATER_THAN_COMMIT'),
  );
  await assert.rejects(
    room.delta.changes(location, { fromTimestampMs: at(2), toTimestampMs: at(1) }),
    hasCode('DELTA_INVALID_CDC_RANGE'),
  );
});

test('versions without a feed are named, and a range that makes no sense is refused', async () => {
  await put(0, [protocol, metadata({})]);
  await put(1, adds(await write("SELECT 1 AS id, 'a' AS p")));
  await put(2, [metadata(feed)]);
  await put(3, adds(await write("SELECT 2 AS id, 'a' AS p")));
  await assert.rejects(
    room.delta.changes(location, { fromVersion: 0 }),
    hasCode('DELTA_MISSING_CHANGE_DATA', 'versions 0 to 1', 'delta.enableChangeDataFeed'),
  );
  assert.deepEqual(await changes({ fromVersion: 2 }), [[2n, 'a', 'insert', 3n]]);
  await assert.rejects(room.delta.changes(location, {}), hasCode('DELTA_NO_START_FOR_CDC_READ'));
  await assert.rejects(
    room.delta.changes(location, { fromVersion: 1, fromTimestampMs: 1 }),
    hasCode('DELTA_MULTIPLE_CDC_BOUNDARY'),
  );
  await assert.rejects(
    room.delta.changes(location, { fromVersion: 4 }),
    hasCode('DELTA_CDC_START_VERSION_AFTER_LATEST'),
  );
  await assert.rejects(
    room.delta.changes(location, { fromVersion: 3, toVersion: 2 }),
    hasCode('DELTA_INVALID_CDC_RANGE'),
  );
});

test('rows from before a new column have NULL there, and a dropped column is refused by name', async () => {
  await put(0, [protocol, metadata(feed)]);
  await put(1, adds(await write("SELECT 1 AS id, 'a' AS p")));
  await put(2, [metadata(feed, [...columns, column('more', 'string')])]);
  assert.deepEqual(await changes({ fromVersion: 0 }), [[1n, 'a', null, 'insert', 1n]]);
  await put(3, [metadata(feed, [columns[1]!, column('more', 'string')])]);
  await assert.rejects(
    room.delta.changes(location, { fromVersion: 1 }),
    hasCode('DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_SCHEMA_CHANGE', '"id"'),
  );
});

test('rows from before a column was widened have its wider type', async () => {
  const properties = { ...feed, 'delta.enableTypeWidening': 'true' };
  const narrow = [column('n', 'int'), column('p', 'string')];
  await room.delta.create('wide', { columns: narrow, properties });
  const append = async (of: typeof narrow, sql: string) => {
    const adds = await room.delta.writeFiles({ location: 'wide', columns: of, partitionColumns: [] }, sql);
    await room.delta.commit('wide', { operation: 'WRITE', mode: 'append', adds });
  };
  await append(narrow, "SELECT 1 AS n, 'a' AS p");
  await room.delta.alter('wide', { kind: 'alterColumn', column: ['n'], type: 'bigint' });
  await append([column('n', 'bigint'), column('p', 'string')], "SELECT 5000000000 AS n, 'a' AS p");
  const { relation } = await room.delta.changes('wide', { fromVersion: 0 });
  assert.deepEqual(await room.engine.rows(`SELECT n FROM ${relation} ORDER BY n`), [{ n: 1n }, { n: 5000000000n }]);
});

test('a removed file without its partition values has those of the version before', async () => {
  await put(0, [protocol, metadata(feed)]);
  const files = await write("SELECT 1 AS id, 'a' AS p");
  await put(1, adds(files));
  await put(2, [{ remove: { path: files[0]!.path, dataChange: true } }]);
  assert.deepEqual(await changes({ fromVersion: 2 }), [[1n, 'a', 'delete', 2n]]);
});

const file = (path: string, more: Partial<AddFile> = {}): AddFile => ({
  path,
  partitionValues: {},
  size: 1,
  modificationTime: 0,
  dataChange: true,
  ...more,
});

test('files that only rearrange rows are no changes, nor are those of a merge that found nothing to change', () => {
  const same = (path: string) => path;
  const rearranged: Action[] = [
    { add: file('new', { dataChange: false }) },
    { remove: { path: 'old', dataChange: false } },
  ];
  assert.deepEqual(changesOf(1, 0, rearranged, same), { stored: [], whole: [], rewritten: [] });
  const counts = { numTargetRowsInserted: '0', numTargetRowsUpdated: '0', numTargetRowsDeleted: '0' };
  const merge: Action[] = [
    { commitInfo: { operation: 'MERGE', operationMetrics: counts } },
    { add: file('new') },
    { remove: { path: 'old', dataChange: true } },
  ];
  assert.deepEqual(changesOf(1, 0, merge, same), { stored: [], whole: [], rewritten: [] });
  assert.equal(changesOf(1, 0, merge.slice(1), same).whole.length, 2);
});

test('a schema may have grown at any depth, but a renamed, retyped or tightened column does not fit', () => {
  const leaf = (name: string, kind: 'int' | 'bigint', more: Partial<DeltaField> = {}): DeltaField => ({
    name,
    type: { kind: 'leaf', type: { kind } },
    nullable: true,
    metadata: {},
    ...more,
  });
  const struct = (fields: DeltaField[]): DeltaField => ({
    name: 's',
    type: { kind: 'struct', fields },
    nullable: true,
    metadata: {},
  });
  const fits = (older: DeltaField[], read: DeltaField[], configuration = {}) =>
    incompatibleColumn({ fields: older, configuration }, { fields: read, configuration });
  assert.equal(
    fits([struct([leaf('a', 'int')])], [leaf('b', 'int'), struct([leaf('a', 'int'), leaf('c', 'int')])]),
    null,
  );
  assert.equal(fits([struct([leaf('a', 'int')])], [struct([leaf('a', 'bigint')])]), 's.a');
  assert.equal(fits([leaf('a', 'int')], [leaf('a', 'int', { nullable: false })]), 'a');
  const mapped = (name: string, physical: string) =>
    leaf(name, 'int', { metadata: { 'delta.columnMapping.physicalName': physical } });
  const byName = { 'delta.columnMapping.mode': 'name' };
  assert.equal(fits([mapped('a', 'x')], [mapped('b', 'x')], byName), 'a');
  assert.equal(fits([mapped('a', 'x')], [mapped('a', 'y')], byName), 'a');
  assert.equal(fits([mapped('a', 'x')], [mapped('a', 'x')], byName), null);
});

test('a table whose commits carry their own times gives these, whatever the times of its files are', async () => {
  let now = Date.UTC(2030, 0, 1);
  const delta = room.other({ clock: () => now });
  const properties = { ...feed, 'delta.enableInCommitTimestamps': 'true' };
  await delta.create('timed', { columns, properties });
  const target = { location: 'timed', columns, partitionColumns: [] };
  for (const id of [1, 2]) {
    now += 1000;
    const adds = await delta.writeFiles(target, `SELECT ${id} AS id, 'a' AS p`);
    await delta.commit('timed', { operation: 'WRITE', mode: 'append', adds });
  }
  const { relation, fromVersion } = await delta.changes('timed', { fromTimestampMs: now - 500 });
  assert.equal(fromVersion, 2);
  const rows = await room.engine.rows(`SELECT id, epoch_ms(_commit_timestamp) AS at FROM ${relation}`);
  assert.deepEqual(rows, [{ id: 2n, at: BigInt(now) }]);
});

test('where a file gets another deletion vector, the rows between the two are inserts or deletes', async () => {
  const properties = { ...feed, 'delta.enableDeletionVectors': 'true' };
  await room.delta.create('t/vectors', { columns, properties });
  const target = { location: 't/vectors', columns, partitionColumns: [] };
  const adds = await room.delta.writeFiles(target, "SELECT i AS id, 'a' AS p FROM range(70000) AS r(i)");
  await room.delta.commit('t/vectors', { operation: 'WRITE', mode: 'append', adds });
  // Written by a writer that leaves change files out, as the protocol allows for deletes by vectors alone.
  const off = { 'delta.enableChangeDataFeed': 'false' };
  await room.delta.alter('t/vectors', { kind: 'setProperties', properties: off });
  await room.delta.delete('t/vectors', { where: 'target."id" IN (3, 5, 69999)' });
  await room.delta.alter('t/vectors', { kind: 'setProperties', properties: feed });
  await room.delta.restore('t/vectors', { toVersion: 1 });
  await room.delta.restore('t/vectors', { toVersion: 4 });
  const { relation } = await room.delta.changes('t/vectors', { fromVersion: 5 });
  const rows = await room.engine.rows(`SELECT id, _change_type AS kind FROM ${relation} ORDER BY _commit_version, id`);
  const expected = ['insert', 'delete'].flatMap((kind) => [3n, 5n, 69999n].map((id) => ({ id, kind })));
  assert.deepEqual(rows, expected);
});

test('commits from before in-commit timestamps were enabled go by the times of their files, whatever they carry', async () => {
  const enabled = 'delta.enableInCommitTimestamps';
  const columns = [column('id', 'int')];
  await room.delta.create('ict', { columns, properties: { 'delta.enableChangeDataFeed': 'true', [enabled]: 'true' } });
  await room.delta.insert('ict', { mode: 'append', rows: 'SELECT 1 AS id' });
  for (const value of ['false', 'true'])
    await room.delta.alter('ict', { kind: 'setProperties', properties: { [enabled]: value } });
  await room.delta.insert('ict', { mode: 'append', rows: 'SELECT 2 AS id' });
  const old = Date.UTC(2020, 0, 1);
  for (const version of [0, 1, 2]) {
    const seconds = old / 1000 + version;
    await utimes(join(room.root, 'ict/_delta_log', `${String(version).padStart(20, '0')}.json`), seconds, seconds);
  }
  const ids = async (fromTimestampMs: number, toTimestampMs: number) => {
    const feed = await room.other().changes('ict', { fromTimestampMs, toTimestampMs, needed: ['id'] });
    return (await room.engine.rows(`SELECT id FROM ${feed.relation} AS feed ORDER BY id`)).map(({ id }) => id);
  };
  assert.deepEqual(await ids(old + 1000, old + 2000), [1]);
  const { timestampMs } = await room.delta.snapshot('ict');
  assert.deepEqual(await ids(old + 2000, timestampMs), [2]);
});
