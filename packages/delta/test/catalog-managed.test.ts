import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CommitCatalog, ObjectStore } from '@boathouse/contracts';
import { systemError } from '@boathouse/contracts';
import type { Delta } from '../types.ts';
import { fileCatalog } from './file-catalog.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
let catalog: CommitCatalog;
let delta: Delta;
beforeEach(async () => {
  room = await openRoom();
  catalog = fileCatalog(room.store);
  delta = room.other({ catalog });
});
afterEach(() => room.close());

const columns = [column('id', 'int')];
const properties = { 'delta.feature.catalogManaged': 'supported' };
const insert = (by: Delta, id: number) => by.insert('t', { mode: 'append', rows: `SELECT ${id} AS id` });
const log = async () =>
  (await readdir(join(room.root, 't/_delta_log'))).filter((name) => name.endsWith('.json')).sort();
const staged = () => readdir(join(room.root, 't/_delta_log/_staged_commits')).catch(() => []);
const idsBy = async (by: Delta, version?: number) => {
  const snapshot = await by.snapshot('t', { version });
  const relation = await by.relation(snapshot, await snapshot.files(), ['id']);
  return (await room.engine.rows(`SELECT id FROM ${relation} ORDER BY id`)).map((row) => row.id);
};

/** The store of a process that never comes to publish: `until` it may. */
function unpublishing(): { store: ObjectStore; until: { stopped: boolean } } {
  const until = { stopped: false };
  return {
    until,
    store: {
      ...room.store,
      async putIfAbsent(key, body) {
        if (!until.stopped && /_delta_log\/\d+\.json$/.test(key)) throw systemError('STORAGE_UNAVAILABLE', 'not now');
        return room.store.putIfAbsent(key, body);
      },
    },
  };
}

test('a catalog-managed table is asked for by its feature, and its commits end under the names of their versions', async () => {
  await delta.create('t', { columns, properties });
  await insert(delta, 1);
  await insert(room.other({ catalog }), 2);
  await delta.delete('t', { where: 'target."id" = 1' });
  const { protocol, metadata, version } = await delta.snapshot('t');
  assert.deepEqual(protocol.writerFeatures, [
    'appendOnly',
    'catalogManaged',
    'inCommitTimestamp',
    'invariants',
    'vacuumProtocolCheck',
  ]);
  assert.equal(metadata.configuration['delta.enableInCommitTimestamps'], 'true');
  assert.deepEqual([version, await idsBy(delta)], [3, [2]]);
  assert.deepEqual([(await log()).length, await staged()], [4, []]);
});

test('a version counts from the catalog on: who is asked reads it before it is published, and the next writer publishes it', async () => {
  await delta.create('t', { columns, properties });
  await insert(delta, 1);
  const late = room.other({ catalog, store: unpublishing().store });
  assert.equal((await insert(late, 2)).version, 2);
  assert.equal((await insert(late, 3)).version, 3);
  assert.deepEqual([(await log()).length, (await staged()).length], [2, 2]);
  for (const reader of [delta, room.other({ catalog }), late]) {
    assert.deepEqual(await idsBy(reader), [1, 2, 3]);
    assert.deepEqual(await idsBy(reader, 2), [1, 2]);
    assert.deepEqual(
      (await reader.history('t', 10)).map((entry) => entry.version),
      [3, 2, 1, 0],
    );
  }
  assert.deepEqual(await idsBy(room.other({ catalog }), 3), [1, 2, 3]);
  // Without the catalog nobody knows more than what is published.
  assert.deepEqual(await idsBy(room.other()), [1]);
  await late.checkpoint('t');
  assert.equal(
    (await readdir(join(room.root, 't/_delta_log'))).some((name) => name.includes('checkpoint')),
    false,
  );
  assert.equal((await insert(delta, 4)).version, 4);
  assert.deepEqual([(await log()).length, await staged()], [5, []]);
  assert.deepEqual(await idsBy(room.other()), [1, 2, 3, 4]);
});

test('a writer meets winners that are not published yet as it meets any others', async () => {
  await delta.create('t', { columns, properties });
  await insert(delta, 1);
  const late = room.other({ catalog, store: unpublishing().store });
  const read = (await delta.snapshot('t')).version;
  await late.delete('t', { where: 'target."id" = 1' });
  const overwrite = { operation: 'WRITE', mode: 'overwrite' as const, adds: [], readVersion: read };
  await assert.rejects(delta.commit('t', overwrite), hasCode('DELTA_CONCURRENT_DELETE_DELETE', 'DELETE', 'version 2'));
  assert.equal(
    (await delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [], readVersion: read })).version,
    3,
  );
  assert.deepEqual(await idsBy(delta), []);
});

test('an answer of the catalog that was lost is found there, and the rows are not doubled', async () => {
  await delta.create('t', { columns, properties });
  const deaf: CommitCatalog = {
    ...catalog,
    async ratify(...all) {
      await catalog.ratify(...all);
      throw systemError('CATALOG_UNAVAILABLE', 'the connection was reset');
    },
  };
  assert.equal((await insert(room.other({ catalog: deaf }), 1)).version, 1);
  assert.deepEqual(await idsBy(delta), [1]);
  const silent = { ...catalog, ratify: () => Promise.reject(systemError('CATALOG_UNAVAILABLE', 'nobody is there')) };
  await assert.rejects(insert(room.other({ catalog: silent }), 2), hasCode('CATALOG_UNAVAILABLE'));
  assert.deepEqual(await idsBy(delta), [1]);
  assert.equal((await insert(delta, 3)).version, 2);
});

test('a table becomes catalog-managed later, and its commits carry their own time from then on', async () => {
  await delta.create('t', { columns });
  await insert(room.other(), 1);
  await delta.alter('t', { kind: 'setProperties', properties });
  const { configuration } = (await delta.snapshot('t')).metadata;
  assert.equal(configuration['delta.inCommitTimestampEnablementVersion'], '2');
  await assert.rejects(
    delta.alter('t', { kind: 'setProperties', properties: { 'delta.enableInCommitTimestamps': 'false' } }),
    hasCode('UNSUPPORTED_TABLE_CHANGE', 'catalog-managed'),
  );
  const other = room.other({ catalog });
  await insert(other, 2);
  await insert(delta, 3);
  assert.deepEqual(await idsBy(other), [1, 2, 3]);
  assert.deepEqual(
    (await catalog.unpublished('t/_delta_log', -1)).map(({ version }) => version),
    [],
  );
});

test('without its catalog such a table is not written, and none is made', async () => {
  await delta.create('t', { columns, properties });
  const refused = hasCode('DELTA_UNSUPPORTED_FEATURES_FOR_WRITE', 'catalogManaged');
  await assert.rejects(insert(room.delta, 1), refused);
  await assert.rejects(room.delta.create('u', { columns, properties }), refused);
  await room.delta.create('v', { columns });
  await assert.rejects(room.delta.alter('v', { kind: 'setProperties', properties }), refused);
  assert.deepEqual(await idsBy(room.delta), []);
});

test('staged commits that lost and were left behind go with the log that is cleaned', async () => {
  let now = Date.now();
  const old = room.other({ catalog, clock: () => now });
  await old.create('t', { columns, properties });
  await insert(old, 1);
  await room.store.put(
    `t/_delta_log/_staged_commits/${'0'.repeat(19)}1.${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.json`,
    Buffer.from('{}'),
  );
  await old.checkpoint('t');
  assert.equal((await staged()).length, 1);
  now += 2 * 864e5;
  await insert(old, 2);
  await old.checkpoint('t');
  assert.deepEqual([await staged(), await idsBy(delta)], [[], [1, 2]]);
});
