import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { VacuumRequest } from '../maintenance/types.ts';
import type { Delta } from '../types.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

const DAY_MS = 864e5;
let room: Room;
/** Milliseconds that the clock is ahead. */
let ahead = 0;
let delta: Delta;
beforeEach(async () => {
  room = await openRoom();
  ahead = 0;
  delta = room.other({ clock: () => Date.now() + ahead });
});
afterEach(() => room.close());

const columns = [column('id', 'bigint'), column('p', 'string')];
const target = { location: 't', columns, partitionColumns: ['p'] };
async function put(mode: 'append' | 'overwrite', sql: string): Promise<void> {
  await delta.commit('t', { operation: 'WRITE', mode, adds: await delta.writeFiles(target, sql) });
}
async function keys(prefix = 't/'): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of room.store.list(prefix)) if (!key.includes('_delta_log')) found.push(key);
  return found;
}
const vacuum = (request: VacuumRequest = {}) => delta.vacuum('t', request);

/** Version 0 empty, 1 a file, 2 overwritten by another. */
async function overwritten(): Promise<void> {
  await delta.create('t', { columns, partitionColumns: ['p'] });
  await put('append', "SELECT 1 AS id, 'a' AS p");
  await put('overwrite', "SELECT 2 AS id, 'a' AS p");
}

test('a removed file goes when its retention is over, and not before', async () => {
  await overwritten();
  ahead = 6 * DAY_MS;
  assert.deepEqual((await vacuum({ dryRun: true })).files, []);
  ahead = 8 * DAY_MS;
  const { files, version } = await vacuum({ dryRun: true });
  assert.equal(files.length, 1);
  assert.equal(version, null);
  assert.equal((await keys()).length, 2);
  const done = await vacuum();
  assert.deepEqual(done.files, files);
  assert.equal(done.metrics.numDeletedFiles, 1);
  assert.deepEqual(await room.read('t'), [[2n, 'a']]);
  assert.equal((await keys()).length, 1);
  const [end, start] = await delta.history('t', 2);
  assert.deepEqual([start?.operation, end?.operation], ['VACUUM START', 'VACUUM END']);
  assert.equal(start?.operationMetrics.numFilesToDelete, '1');
  assert.deepEqual({ ...end?.operationParameters }, { status: 'COMPLETED' });
});

test('a file that a writer is about to commit stays, and what nobody committed goes when it is old', async () => {
  await overwritten();
  const orphans = await delta.writeFiles(target, "SELECT 9 AS id, 'b' AS p");
  ahead = 8 * DAY_MS;
  const young = await delta.writeFiles(target, "SELECT 9 AS id, 'c' AS p");
  const path = join(room.root, 't', decodeURIComponent(young[0]!.path));
  await utimes(path, (Date.now() + ahead) / 1000, (Date.now() + ahead) / 1000);
  await vacuum();
  const left = await keys();
  assert.ok(left.some((key) => key.endsWith(decodeURIComponent(young[0]!.path))));
  assert.ok(!left.some((key) => key.endsWith(decodeURIComponent(orphans[0]!.path))));
});

test('hidden files of others stay, change files go, and a folder of a partition column with an underscore is no hidden one', async () => {
  await delta.create('t', { columns: [column('id', 'bigint'), column('_p', 'string')], partitionColumns: ['_p'] });
  for (const name of [
    '_other/x.parquet',
    '.hidden/y',
    'p=1/_SUCCESS',
    '_change_data/cdc-1.parquet',
    '_p=1/old.parquet',
    'old',
  ])
    await room.store.put(`t/${name}`, Buffer.from('x'));
  ahead = 8 * DAY_MS;
  assert.deepEqual((await vacuum()).files.sort(), ['_change_data/cdc-1.parquet', '_p=1/old.parquet', 'old']);
  assert.deepEqual(await keys(), ['t/.hidden/y', 't/_other/x.parquet', 't/p=1/_SUCCESS']);
});

test('a retention shorter than the table keeps is refused unless the check is switched off', async () => {
  await overwritten();
  ahead = 1000;
  await assert.rejects(vacuum({ retentionMs: 0 }), hasCode('DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT', '168 hours'));
  await vacuum({ retentionMs: 0, force: true });
  assert.deepEqual(await room.read('t'), [[2n, 'a']]);
  assert.equal((await keys()).length, 1);
});

test('a lite vacuum removes what the log says was removed, without looking for orphans, and remembers how far it came', async () => {
  await overwritten();
  await delta.writeFiles(target, "SELECT 9 AS id, 'b' AS p");
  ahead = 8 * DAY_MS;
  const first = await vacuum({ mode: 'lite' });
  assert.equal(first.files.length, 1);
  assert.equal((await keys()).length, 2);
  assert.equal((await vacuum({ mode: 'lite' })).files.length, 0);
  assert.deepEqual(await room.read('t'), [[2n, 'a']]);
  assert.equal((await vacuum()).files.length, 1);
});

test('a table that its catalog manages is not vacuumed by others', async () => {
  await delta.create('t', { columns });
  const key = 't/_delta_log/00000000000000000001.json';
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['catalogManaged'],
    writerFeatures: ['catalogManaged', 'inCommitTimestamp'],
  };
  await room.store.putIfAbsent(key, Buffer.from(JSON.stringify({ protocol })));
  await assert.rejects(vacuum(), hasCode('DELTA_UNSUPPORTED_VACUUM_ON_MANAGED_TABLE', 't'));
});
