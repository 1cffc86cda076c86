import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { decodePath } from '../log/paths.ts';
import { fileStats } from '../stats/file-stats.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('id', 'bigint'), column('p', 'string')];
const vectors = { 'delta.enableDeletionVectors': 'true' };
async function put(sql: string, location = 's'): Promise<void> {
  const adds = await room.delta.writeFiles({ location, columns, partitionColumns: ['p'] }, sql);
  await room.delta.commit(location, { operation: 'WRITE', mode: 'append', adds });
}
/** Partitioned, one file a partition, with a deletion vector on one of them. */
async function source(): Promise<void> {
  await room.delta.create('s', { columns, partitionColumns: ['p'], properties: { ...vectors, owner: 'me' } });
  await put("SELECT unnest([1, 2, 3]) AS id, unnest(['a b', 'a b', 'c']) AS p");
  await room.delta.delete('s', { where: 'target."id" = 1' });
}
const clone = (mode: 'deep' | 'shallow', more = {}) => room.delta.clone('s', 'c', { mode, ...more });

test('a deep clone has the rows, properties and features of its source, and lives on without it', async () => {
  await source();
  const { metrics } = await clone('deep', { properties: { owner: 'you' }, sourceName: 'main.x.s' });
  assert.deepEqual([metrics.sourceNumOfFiles, metrics.numCopiedFiles], [2, 2]);
  await room.store.deletePrefix('s/');
  const delta = room.other();
  const snapshot = await delta.snapshot('c');
  const rows = await room.engine.rows(
    `FROM ${await delta.relation(snapshot, await snapshot.files(), ['id', 'p'])} ORDER BY id`,
  );
  assert.deepEqual(rows, [
    { id: 2n, p: 'a b' },
    { id: 3n, p: 'c' },
  ]);
  assert.equal(snapshot.metadata.configuration.owner, 'you');
  assert.equal(snapshot.metadata.configuration['delta.enableDeletionVectors'], 'true');
  assert.ok(snapshot.protocol.writerFeatures?.includes('deletionVectors'));
  const [entry] = await delta.history('c', 1);
  assert.equal(entry?.operation, 'CLONE');
  assert.deepEqual({ ...entry?.operationParameters }, { source: 'main.x.s', sourceVersion: '2', isShallow: 'false' });
});

test('a deep clone that is repeated copies only what is new, and removes what is gone', async () => {
  await source();
  await clone('deep');
  assert.equal((await clone('deep')).version, null);
  await put("SELECT 4 AS id, 'c' AS p");
  await room.delta.delete('s', { where: `target."p" = 'a b'` });
  const { version, metrics } = await clone('deep');
  assert.equal(version, 1);
  assert.deepEqual([metrics.numCopiedFiles, metrics.numRemovedFiles], [1, 1]);
  assert.deepEqual(await room.read('c'), [
    [3n, 'c'],
    [4n, 'c'],
  ]);
  // What the clone was is still there.
  assert.deepEqual(await room.read('c', 0), [
    [2n, 'a b'],
    [3n, 'c'],
  ]);
});

test('deletion vectors in files go with a deep clone, and a shallow one names them in the source', async () => {
  await room.delta.create('s', { columns, partitionColumns: ['p'], properties: vectors });
  await put("SELECT i AS id, 'x' AS p FROM range(20000) AS r(i)");
  await room.delta.delete('s', { where: 'target."id" % 2 = 0' });
  const vectorOf = async (location: string) => (await (await room.delta.snapshot(location)).files())[0]?.deletionVector;
  assert.equal((await vectorOf('s'))?.storageType, 'u');
  await clone('shallow');
  const named = decodePath((await vectorOf('c'))?.pathOrInlineDv ?? '').replace('file://', '');
  assert.ok(named.startsWith(`${room.root}/s/deletion_vector_`));
  assert.ok(await room.store.head(named.slice(room.root.length + 1)));
  await clone('deep', { replace: true });
  await room.store.deletePrefix('s/');
  assert.equal((await vectorOf('c'))?.storageType, 'u');
  assert.equal((await room.read('c')).length, 10000);
});

test('a clone of an earlier version has its rows', async () => {
  await source();
  await clone('deep', { sourceVersion: 1 });
  assert.equal((await room.read('c')).length, 3);
});

test('a shallow clone names its files in the source, and is refused where a table is unless it replaces it', async () => {
  await source();
  const { metrics } = await clone('shallow');
  assert.deepEqual([metrics.numCopiedFiles, metrics.sourceNumOfFiles], [0, 2]);
  const files = await (await room.delta.snapshot('c')).files();
  const uris = files.map(({ path }) => decodePath(path).replace('file://', ''));
  assert.ok(uris.every((uri) => uri.startsWith(`${room.root}/s/p=`)));
  const [row] = await room.engine.rows(
    `SELECT count(*) AS n FROM read_parquet([${uris.map((uri) => `'${uri}'`).join(', ')}])`,
  );
  assert.equal(row?.n, 3n);
  await assert.rejects(clone('shallow'), hasCode('DELTA_TABLE_ALREADY_EXISTS'));
  await room.delta.create('other', { columns: [column('x', 'int')] });
  await assert.rejects(room.delta.clone('s', 'other', { mode: 'deep' }), hasCode('DELTA_TABLE_ALREADY_EXISTS'));
  await room.delta.clone('s', 'other', { mode: 'deep', replace: true });
  assert.equal((await room.read('other')).length, 2);
  await assert.rejects(room.delta.clone('s', 's', { mode: 'deep' }), hasCode('DELTA_CLONE_INTO_SOURCE'));
});

test('a shallow clone is changed, compacted, restored and vacuumed without touching its source', async () => {
  await source();
  await clone('shallow');
  const delta = room.other({ allowOutside: (uri) => uri.startsWith(room.root), clock: () => Date.now() + 8 * 864e5 });
  const ids = async (location: string) => {
    const snapshot = await delta.snapshot(location);
    const rows = await delta.relation(snapshot, await snapshot.files(), ['id']);
    return (await room.engine.rows(`FROM ${rows} ORDER BY id`)).map(({ id }) => id);
  };
  assert.deepEqual(await ids('c'), [2n, 3n]);
  await delta.update('c', { where: 'target."id" = 2', set: [{ column: 'id', value: '20' }] });
  await delta.reorg('c');
  await delta.vacuum('c');
  assert.deepEqual(await ids('c'), [3n, 20n]);
  assert.deepEqual(await ids('s'), [2n, 3n]);
  await delta.restore('c', { toVersion: 0 });
  assert.deepEqual(await ids('c'), [2n, 3n]);
});

test('statistics are computed anew for every file, with wide bounds under deletion vectors', async () => {
  await source();
  const key = 's/_delta_log/00000000000000000003.json';
  const bare = await (await room.delta.snapshot('s')).files();
  const lines = bare.map(({ stats: _, ...add }) => JSON.stringify({ add: { ...add, dataChange: false } }));
  await room.store.putIfAbsent(key, Buffer.from(lines.join('\n')));
  assert.equal(fileStats((await (await room.delta.snapshot('s')).files())[0]!).numRecords, null);
  const { version } = await room.delta.analyze('s');
  assert.equal(version, 4);
  const files = await (await room.delta.snapshot('s')).files();
  const stats = files.map((file) => JSON.parse(file.stats!));
  stats.sort((left, right) => left.numRecords - right.numRecords);
  assert.deepEqual(stats, [
    { numRecords: 1, minValues: { id: 3 }, maxValues: { id: 3 }, nullCount: { id: 0 } },
    { numRecords: 2, minValues: { id: 1 }, maxValues: { id: 2 }, nullCount: { id: 0 }, tightBounds: false },
  ]);
  assert.equal((await room.read('s')).length, 2);
  assert.equal((await room.delta.history('s', 1))[0]?.operation, 'COMPUTE STATS');
});

test('a manifest lists the data files of each partition, and is refused where files have deletion vectors', async () => {
  await source();
  await assert.rejects(
    room.delta.generateManifest('s'),
    hasCode('DELTA_UNSUPPORTED_GENERATE_WITH_DELETION_VECTORS', 'REORG'),
  );
  const { metrics } = await room.delta.reorg('s');
  assert.deepEqual(
    [metrics.numFilesAdded, metrics.numFilesRemoved, metrics.deletionVectorStats?.numDeletionVectorRowsRemoved],
    [1, 1, 1],
  );
  assert.equal((await room.delta.reorg('s')).version, null);
  assert.deepEqual(await room.delta.generateManifest('s'), { manifests: 2 });
  const body = new TextDecoder().decode(await room.store.get('s/_symlink_format_manifest/p=a b/manifest'));
  const [row] = await room.engine.rows(`SELECT id FROM read_parquet('${body.trim()}', hive_partitioning = false)`);
  assert.equal(row?.id, 2n);
  await room.delta.delete('s', { where: `target."p" = 'c'` });
  assert.deepEqual(await room.delta.generateManifest('s'), { manifests: 1 });
  assert.equal(await room.store.head('s/_symlink_format_manifest/p=c/manifest'), null);
});
