import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createStoreCommitter } from '../index.ts';
import { commitKey } from '../log/names.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
const columns = [column('id', 'bigint')];
const files = (value: number) =>
  room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, `SELECT ${value} AS id`);
const append = async (value: number) => ({ operation: 'WRITE', mode: 'append' as const, adds: await files(value) });
beforeEach(async () => {
  room = await openRoom();
  await room.delta.create('t', { columns, properties: { 'delta.isolationLevel': 'WriteSerializable' } });
});
afterEach(() => room.close());

test('many writers appending at once all succeed, each in a version of its own', async () => {
  const writers = Array.from({ length: 12 }, () => room.other());
  const requests = await Promise.all(writers.map((_, index) => append(index)));
  const versions = await Promise.all(
    writers.map((writer, index) => writer.commit('t', requests[index]!).then(({ version }) => version)),
  );
  assert.deepEqual(
    versions.toSorted((left, right) => left - right),
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  assert.equal((await room.read('t')).length, 12);
});

test('a transaction of an application is applied once, however often it is sent', async () => {
  const request = { ...(await append(1)), txn: { appId: 'stream-1', version: 5 } };
  assert.deepEqual(await room.delta.commit('t', request), { version: 1 });
  assert.deepEqual(await room.other().commit('t', request), { version: 1, alreadyApplied: true });
  assert.deepEqual(await room.delta.commit('t', { ...request, txn: { appId: 'stream-1', version: 4 } }), {
    version: 1,
    alreadyApplied: true,
  });
  assert.equal((await room.delta.commit('t', { ...request, txn: { appId: 'stream-2', version: 5 } })).version, 2);
  const snapshot = await room.delta.snapshot('t');
  assert.deepEqual([snapshot.txnVersion('stream-1'), snapshot.txnVersion('none')], [5, null]);
});

test('an answer that was lost is found in the log, and the rows are not doubled', async () => {
  const committer = createStoreCommitter(room.store);
  const flaky = room.other({
    committer: {
      async commit(logKey, version, body) {
        await committer.commit(logKey, version, body);
        throw new Error('connection reset');
      },
    },
  });
  assert.deepEqual(await flaky.commit('t', await append(1)), { version: 1 });
  const forgetful = room.other({ committer: { commit: async (...all) => !(await committer.commit(...all)) && false } });
  assert.deepEqual(await forgetful.commit('t', await append(2)), { version: 2 });
  assert.equal((await room.read('t')).length, 2);
});

test('who loses a race reads what the winner committed once', async () => {
  const read: string[] = [];
  const store = {
    ...room.store,
    async get(key: string) {
      read.push(key);
      return room.store.get(key);
    },
  };
  const loser = room.other({ store });
  const late = { ...(await append(1)), readVersion: await loser.latestVersion('t') };
  await room.delta.commit('t', await append(2));
  await room.delta.commit('t', await append(3));
  read.length = 0;
  assert.equal((await loser.commit('t', late)).version, 3);
  await loser.idle();
  // The version that it had read is built anew; the winners are what counts.
  const commits = read.filter((key) => key.endsWith('.json') && key !== commitKey('t', 0)).sort();
  assert.deepEqual(commits, [commitKey('t', 1), commitKey('t', 2)]);
});

test('a commit that failed before anything was written is an error, and nothing is there', async () => {
  const broken = room.other({ committer: { commit: () => Promise.reject(new Error('disk full')) } });
  await assert.rejects(broken.commit('t', await append(1)), /disk full/);
  assert.equal(await room.delta.latestVersion('t'), 0);
});

test('appends pass each other; a replaced schema stops a writer that planned with the old one, naming both', async () => {
  await room.delta.commit('t', await append(1));
  await room.delta.commit('t', { ...(await append(2)), readVersion: 0 });
  await room.delta.commit('t', {
    operation: 'REPLACE TABLE',
    mode: 'replace',
    adds: [],
    definition: { columns: [column('other', 'int')] },
  });
  await assert.rejects(
    room.delta.commit('t', { ...(await append(3)), readVersion: 2 }),
    hasCode('DELTA_METADATA_CHANGED', 'WRITE', 'REPLACE TABLE', 'version 3'),
  );
});

test('at WriteSerializable two overwrites of the same version conflict; an overwrite beside a blind append keeps the append', async () => {
  await room.delta.commit('t', await append(1));
  const overwrite = async (value: number, operation: string) => ({
    operation,
    mode: 'overwrite' as const,
    adds: await files(value),
    readVersion: 1,
  });
  await room.delta.commit('t', await append(2));
  await room.delta.commit('t', await overwrite(3, 'WRITE'));
  assert.deepEqual(await room.read('t'), [[2n], [3n]]);
  await assert.rejects(
    room.delta.commit('t', await overwrite(4, 'INSERT OVERWRITE')),
    hasCode('DELTA_CONCURRENT_APPEND', 'INSERT OVERWRITE', 'version 3'),
  );
});

test('at WriteSerializable an append that rests on what it read conflicts with rows removed or changed since, and with nothing else', async () => {
  await room.delta.commit('t', await append(1));
  const derived = async (readVersion: number) => ({
    ...(await append(9)),
    operation: 'INSERT',
    blindAppend: false,
    readVersion,
  });
  await room.delta.commit('t', await append(2));
  assert.equal((await room.delta.commit('t', await derived(1))).version, 3);
  await room.delta.commit('t', { operation: 'TRUNCATE', mode: 'overwrite', adds: [] });
  await assert.rejects(
    room.delta.commit('t', await derived(3)),
    hasCode('DELTA_CONCURRENT_DELETE_READ', 'INSERT', 'TRUNCATE'),
  );
});

test('by default an overwrite that did not see an append conflicts with it, and an append with nothing', async () => {
  const adds = await room.delta.writeFiles({ location: 's', columns, partitionColumns: [] }, 'SELECT 1 AS id');
  await room.delta.create('s', { columns });
  const commit = (mode: 'append' | 'overwrite') =>
    room.delta.commit('s', { operation: 'WRITE', mode, adds, readVersion: 0 });
  assert.equal((await commit('append')).version, 1);
  await assert.rejects(commit('overwrite'), hasCode('DELTA_CONCURRENT_APPEND', 'version 1'));
  assert.equal((await commit('append')).version, 2);
});

test('an append-only table takes appends and nothing that removes', async () => {
  const properties = { 'delta.appendOnly': 'true' };
  const adds = await room.delta.writeFiles({ location: 'a', columns, partitionColumns: [] }, 'SELECT 1 AS id');
  await room.delta.create('a', { columns, properties, files: adds });
  await room.delta.commit('a', { operation: 'WRITE', mode: 'append', adds });
  await assert.rejects(
    room.delta.commit('a', { operation: 'WRITE', mode: 'overwrite', adds: [] }),
    hasCode('DELTA_CANNOT_MODIFY_APPEND_ONLY'),
  );
});

test('features that we cannot keep are refused by name, on reading and on writing', async () => {
  const lines = (protocol: object) =>
    [
      { protocol },
      {
        metaData: {
          id: 'x',
          format: { provider: 'parquet', options: {} },
          schemaString: JSON.stringify({
            type: 'struct',
            fields: [{ name: 'id', type: 'long', nullable: true, metadata: {} }],
          }),
          partitionColumns: [],
          configuration: {},
        },
      },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n');
  const put = (location: string, body: string) =>
    room.store.put(`${location}/_delta_log/${'0'.repeat(20)}.json`, Buffer.from(body));
  await put(
    'r',
    lines({
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['variantType', 'deletionVectors', 'fromTheFuture'],
      writerFeatures: [],
    }),
  );
  await assert.rejects(room.delta.snapshot('r'), hasCode('DELTA_UNSUPPORTED_FEATURES_FOR_READ', 'fromTheFuture'));
  await put('r4', lines({ minReaderVersion: 4, minWriterVersion: 7 }));
  await assert.rejects(room.delta.snapshot('r4'), hasCode('DELTA_UNSUPPORTED_FEATURES_FOR_READ', 'reader version 4'));
  await put('w', lines({ minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['writerOfTheFuture'] }));
  assert.equal((await room.delta.snapshot('w')).columns.length, 1);
  await assert.rejects(
    room.delta.commit('w', { operation: 'WRITE', mode: 'append', adds: [] }),
    hasCode('DELTA_UNSUPPORTED_FEATURES_FOR_WRITE', 'writerOfTheFuture'),
  );
  await put('w/plain4', lines({ minReaderVersion: 1, minWriterVersion: 4 }));
  assert.equal((await room.delta.commit('w/plain4', { operation: 'WRITE', mode: 'append', adds: [] })).version, 1);
});
