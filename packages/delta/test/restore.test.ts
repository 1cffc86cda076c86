import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { commitKey } from '../log/names.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('id', 'bigint')];
async function put(mode: 'append' | 'overwrite', sql: string): Promise<void> {
  const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, sql);
  await room.delta.commit('t', { operation: 'WRITE', mode, adds });
}

/** Version 1: 1. Version 2: 1, 2. Version 3: only 3. */
async function table(): Promise<void> {
  await room.delta.create('t', { columns });
  await put('append', 'SELECT 1 AS id');
  await put('append', 'SELECT 2 AS id');
  await put('overwrite', 'SELECT 3 AS id');
}

test('a table gets the rows of an earlier version back, as a new version that can be undone', async () => {
  await table();
  const { version, metrics } = await room.delta.restore('t', { toVersion: 2 });
  assert.equal(version, 4);
  assert.deepEqual(await room.read('t'), [[1n], [2n]]);
  assert.deepEqual([metrics.numRestoredFiles, metrics.numRemovedFiles, metrics.numOfFilesAfterRestore], [2, 1, 2]);
  const [entry] = await room.delta.history('t', 1);
  assert.equal(entry?.operation, 'RESTORE');
  assert.deepEqual({ ...entry?.operationParameters }, { version: '2', timestamp: null });
  await room.delta.restore('t', { toVersion: 3 });
  assert.deepEqual(await room.read('t'), [[3n]]);
  assert.equal((await room.delta.restore('t', { toVersion: 5 })).version, null);
});

test('schema and properties come back with the rows', async () => {
  await table();
  const more = [...columns, column('name', 'string')];
  const adds = await room.delta.writeFiles(
    { location: 't', columns: more, partitionColumns: [] },
    "SELECT 9 AS id, 'x' AS name",
  );
  const definition = { columns: more, properties: { owner: 'me' } };
  await room.delta.commit('t', { operation: 'REPLACE TABLE', mode: 'replace', adds, definition });
  await room.delta.restore('t', { toVersion: 1 });
  const snapshot = await room.delta.snapshot('t');
  assert.deepEqual(snapshot.columns, columns);
  assert.deepEqual({ ...snapshot.metadata.configuration }, {});
  assert.deepEqual(await room.read('t'), [[1n]]);
});

test('a time restores the version of that time, and a time or version that is not there is refused', async () => {
  await table();
  const at = (version: number) => Date.UTC(2024, 0, 1 + version);
  for (const version of [0, 1, 2, 3])
    await utimes(join(room.root, commitKey('t', version)), at(version) / 1000, at(version) / 1000);
  const delta = room.other();
  await delta.restore('t', { toTimestampMs: at(1) + 5 });
  assert.deepEqual(await room.read('t'), [[1n]]);
  await assert.rejects(delta.restore('t', { toVersion: 77 }), hasCode('DELTA_CANNOT_RESTORE_TABLE_VERSION', '77'));
  await assert.rejects(
    delta.restore('t', { toTimestampMs: at(-1) }),
    hasCode('DELTA_CANNOT_RESTORE_TIMESTAMP_EARLIER'),
  );
  await assert.rejects(
    delta.restore('t', { toTimestampMs: Date.now() + 1e9 }),
    hasCode('DELTA_CANNOT_RESTORE_TIMESTAMP_GREATER'),
  );
});

test('a version whose files were vacuumed is refused by name, or restored as far as it is there', async () => {
  await table();
  const [file] = await (await room.delta.snapshot('t', { version: 1 })).files();
  await room.store.delete(`t/${file!.path}`);
  await assert.rejects(
    room.delta.restore('t', { toVersion: 2 }),
    hasCode('DELTA_MISSING_FILES_UNEXPECTED_VERSION', file!.path),
  );
  assert.equal((await room.delta.restore('t', { toVersion: 2, ignoreMissingFiles: true })).metrics.numRestoredFiles, 1);
  assert.deepEqual(await room.read('t'), [[2n]]);
});

test('a restore that others wrote beside is refused', async () => {
  await table();
  const other = room.other();
  const adds = await other.writeFiles({ location: 't', columns, partitionColumns: [] }, 'SELECT 4 AS id');
  const store = {
    ...room.store,
    async putIfAbsent(key: string, body: Uint8Array) {
      if (key === commitKey('t', 4)) await other.commit('t', { operation: 'WRITE', mode: 'append', adds });
      return room.store.putIfAbsent(key, body);
    },
  };
  await assert.rejects(
    room.other({ store }).restore('t', { toVersion: 1 }),
    hasCode('DELTA_CONCURRENT_APPEND', 'RESTORE', 'WRITE'),
  );
  assert.deepEqual(await room.read('t'), [[3n], [4n]]);
});

/** Everything but the latest version's file is old enough to go. */
const emptyRetention = { retentionMs: 0, force: true };
const later = { clock: () => Date.now() + 3600_000 };

test('a vacuum that removes what a restore is about to bring back stops the restore', async () => {
  await table();
  const other = room.other(later);
  let vacuumed = false;
  const store = {
    ...room.store,
    async putIfAbsent(key: string, body: Uint8Array) {
      if (key === commitKey('t', 4) && !vacuumed) {
        vacuumed = true;
        assert.equal((await other.vacuum('t', emptyRetention)).metrics.numDeletedFiles, 2);
      }
      return room.store.putIfAbsent(key, body);
    },
  };
  await assert.rejects(
    room.other({ ...later, store }).restore('t', { toVersion: 2 }),
    hasCode('DELTA_CONCURRENT_DELETE_READ', 'RESTORE', 'VACUUM'),
  );
  assert.deepEqual(await room.read('t'), [[3n]]);
});

test('a vacuum leaves what a restore brought back after it had looked', async () => {
  await table();
  const other = room.other();
  let restored = false;
  const store = {
    ...room.store,
    async *list(prefix: string, options?: { startAfter?: string }) {
      yield* room.store.list(prefix, options);
      if (prefix === 't/' && !restored) {
        restored = true;
        await other.restore('t', { toVersion: 2 });
      }
    },
  };
  const { metrics } = await room.other({ ...later, store }).vacuum('t', emptyRetention);
  assert.equal(metrics.numDeletedFiles, 0);
  assert.deepEqual(await room.read('t'), [[1n], [2n]]);
});

test('while a vacuum has begun and not ended, only what it does not remove may come back', async () => {
  await table();
  const store = {
    ...room.store,
    delete: () => Promise.reject(new Error('the process dies here')),
    async putIfAbsent(key: string, body: Uint8Array) {
      if (key === commitKey('t', 5)) throw new Error('the process is dead');
      return room.store.putIfAbsent(key, body);
    },
  };
  const clock = () => Date.now() + 10;
  await assert.rejects(room.other({ store, clock }).vacuum('t', emptyRetention));
  await assert.rejects(
    room.delta.restore('t', { toVersion: 2 }),
    hasCode('DELTA_CONCURRENT_DELETE_READ', 'VACUUM is removing'),
  );
  await put('append', 'SELECT 4 AS id');
  await put('overwrite', 'SELECT 5 AS id');
  const nextDay = room.other({ clock: () => Date.now() + 2 * 864e5 });
  await nextDay.restore('t', { toVersion: 2 });
  assert.deepEqual(await room.read('t'), [[1n], [2n]]);
});
