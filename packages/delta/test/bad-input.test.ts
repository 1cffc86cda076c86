import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { BoathouseError, systemError } from '@boathouse/contracts';
import type { Delta } from '../types.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

// Each kind of bad input: a typed error with table, version, file and the way out, and never a part of the rows.

let room: Room;
const columns = [column('id', 'bigint'), column('name', 'string')];
const path = (name: string) => join(room.root, 't', name);
const commitFile = (version: number) => path(`_delta_log/${String(version).padStart(20, '0')}.json`);

beforeEach(async () => {
  room = await openRoom();
  await room.delta.create('t', { columns });
  await append(room.delta, 0);
  await append(room.delta, 100);
});
afterEach(() => room.close());

const append = (delta: Delta, from: number) =>
  delta.insert('t', { mode: 'append', rows: `SELECT ${from} + range AS id, 'name ' || range AS name FROM range(100)` });

/** Reads as the product does: what a file is to blame for is told as that. */
async function read(delta: Delta = room.other()): Promise<number> {
  try {
    const snapshot = await delta.snapshot('t');
    const relation = await delta.relation(snapshot, await snapshot.files(), ['id', 'name']);
    return (await room.engine.rows(`SELECT * FROM ${relation}`)).length;
  } catch (error) {
    throw (await delta.fileFailure('t', {}, error)) ?? error;
  }
}

test('a commit that is cut or holds wrong JSON is named, with its version and the way out', async () => {
  const whole = readFileSync(commitFile(2), 'utf8');
  for (const broken of [whole.slice(0, -30), '{"add":{"path":1}}\n', '[1]\nnull\n', '{"add": oops}\n']) {
    writeFileSync(commitFile(2), broken);
    await assert.rejects(read(), hasCode('DELTA_LOG_CORRUPT', 't/_delta_log/00000000000000000002.json', 'backup'));
    await assert.rejects(append(room.other(), 200), hasCode('DELTA_LOG_CORRUPT', '00000000000000000002.json'));
  }
  assert.equal((await room.other().snapshot('t', { version: 1 })).version, 1);
});

test('a gap in the versions is named, and nothing is read or written over it', async () => {
  rmSync(commitFile(1));
  const isGap = hasCode('DELTA_VERSIONS_NOT_CONTIGUOUS', '"t"', 'version 1 is missing', 'backup');
  await assert.rejects(read(), isGap);
  await assert.rejects(append(room.other(), 200), isGap);
});

test('a missing and a damaged data file are told with table, version, file and rows that are lost', async () => {
  const [first, second] = (await (await room.delta.snapshot('t')).files()).map((file) => file.path);
  truncateSync(path(second!), 100);
  await assert.rejects(read(), hasCode('DELTA_FILE_DAMAGED', 'Version 2', '"t"', second!, '100 rows', 'fsck'));
  rmSync(path(first!));
  await assert.rejects(read(), hasCode('DELTA_FILE_NOT_FOUND', 'Version 2', '"t"', first!, 'backup', 'fsck'));
  await assert.rejects(room.delta.update('t', { where: null, set: [{ column: 'name', value: "'x'" }] }));
  assert.equal(await room.delta.latestVersion('t'), 2);
});

test('a Parquet file of another schema in the place of one of ours is told as that, and gives no rows', async () => {
  const [first] = (await (await room.delta.snapshot('t')).files()).map((file) => file.path);
  for (const select of ["SELECT {'a': range} AS id, 'x' AS name", "SELECT 'x' AS other"]) {
    await room.engine.rows(`COPY (${select} FROM range(100)) TO '${path(first!)}' (FORMAT parquet)`);
    const bytes = readFileSync(path(first!)).length;
    writeFileSync(commitFile(1), readFileSync(commitFile(1), 'utf8').replace(/"size":\d+/, `"size":${bytes}`));
    await assert.rejects(read(), hasCode('DELTA_FILE_SCHEMA_MISMATCH', 'Version 2', '"t"', first!, 'backup'));
  }
});

test('a deletion vector with a wrong checksum stops the reading, by its name', async () => {
  await room.delta.alter('t', { kind: 'setProperties', properties: { 'delta.enableDeletionVectors': 'true' } });
  await room.delta.insert('t', { mode: 'overwrite', rows: "SELECT range AS id, 'x' AS name FROM range(3000)" });
  await room.delta.delete('t', { where: 'hash(target."id") % 3 = 0' });
  const name = readdirSync(path('')).find((file) => file.endsWith('.bin'))!;
  const body = readFileSync(path(name));
  body[body.length - 6]! ^= 0xff;
  writeFileSync(path(name), body);
  await assert.rejects(read(), hasCode('DELTA_LOG_CORRUPT', `t/${name}`, 'checksum', 'backup'));
  rmSync(path(name));
  await assert.rejects(read(), hasCode('DELTA_FILE_NOT_FOUND', 'Version 5', name, 'deletion vector'));
});

test('a folder that is no table, or nothing at all, is said to be none', async () => {
  await room.store.put('folder/notes.txt', Buffer.from('x'));
  for (const location of ['folder', 'nowhere'])
    for (const work of [
      () => room.delta.snapshot(location),
      () => room.delta.optimize(location),
      () => room.delta.fsck(location),
      () => room.delta.insert(location, { mode: 'append', rows: 'SELECT 1 AS id' }),
    ])
      await assert.rejects(work, hasCode('DELTA_TABLE_NOT_FOUND', location));
});

test('a folder without permission is told as that, for reading and for writing', () => {
  const script = `
    import { createLocalStore } from '@boathouse/storage';
    const store = createLocalStore(process.argv[1], { temporary: process.argv[1] + '/tmp' });
    const codes = [];
    for (const work of [() => store.get('t/_delta_log/00000000000000000000.json'), () => store.putIfAbsent('t/_delta_log/9.json', new Uint8Array(1))])
      codes.push(await work().then(() => 'done', (error) => error.code + ': ' + error.message));
    console.log(JSON.stringify(codes));`;
  chmodSync(room.root, 0o755);
  spawnSync('mkdir', ['-m', '777', join(room.root, 'tmp')]);
  chmodSync(path('_delta_log'), 0o755);
  chmodSync(commitFile(0), 0o000);
  // Root may do everything: another user asks.
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) chmodSync(path('_delta_log'), 0o555);
  const done = spawnSync(
    process.execPath,
    ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script, room.root],
    {
      encoding: 'utf8',
      cwd: join(import.meta.dirname, '../../..'),
      ...(isRoot ? { uid: 65534, gid: 65534 } : {}),
    },
  );
  chmodSync(path('_delta_log'), 0o755);
  chmodSync(commitFile(0), 0o644);
  assert.equal(done.status, 0, done.stderr);
  const [reading, writing] = JSON.parse(done.stdout) as string[];
  assert.match(reading!, /^STORAGE_PERMISSION_DENIED: .*t\/_delta_log\/00000000000000000000\.json.*permission/);
  assert.match(writing!, /^STORAGE_PERMISSION_DENIED: .*t\/_delta_log\/9\.json/);
});

test('a disk that fills up in the middle of a write leaves the table as it was', async () => {
  const full = (key: string) => Promise.reject(systemError('STORAGE_FULL', `There is no room left for "${key}".`));
  // The device has room for so many more objects.
  for (const left of [0, 1, 2]) {
    let written = 0;
    const limited = room.other({
      store: {
        ...room.store,
        put: (key, body) => (written++ < left ? room.store.put(key, body) : full(key)),
        putIfAbsent: (key, body) => (written++ < left ? room.store.putIfAbsent(key, body) : full(key)),
        async stage() {
          const stage = await room.store.stage();
          return { ...stage, publish: (file, key) => (written++ < left ? stage.publish(file, key) : full(key)) };
        },
      },
    });
    const rows = 'SELECT range AS id, NULL AS name FROM range(10)';
    const failed = await limited.insert('t', { mode: 'overwrite', rows }).then(
      () => null,
      (error: unknown) => error,
    );
    if (left < 2) {
      assert.ok(hasCode('STORAGE_FULL')(failed), String(failed));
      assert.equal(await read(), 200);
      assert.equal(await room.other().latestVersion('t'), 2);
    } else assert.equal(await read(), 10);
  }
});

test('a file that grows over its limit in the middle of a write is told by the engine or the store, and nothing is committed', () => {
  const script = `
    import { openRoomAt } from '${join(import.meta.dirname, 'limited.ts')}';
    console.log(await openRoomAt(process.argv[1]));`;
  // A limit of 64 KB a file stands for a full disk: what is larger fails while it is written.
  const done = spawnSync(
    'bash',
    [
      '-c',
      `ulimit -f 64; trap '' XFSZ; exec "$0" "$@"`,
      process.execPath,
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      script,
      room.root,
    ],
    { encoding: 'utf8', cwd: join(import.meta.dirname, '../../..') },
  );
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /^failed: /);
  assert.deepEqual(readdirSync(path('_delta_log')).filter((name) => name.endsWith('.json')).length, 3);
});

test('a clock that runs backwards neither reorders versions nor lets a vacuum take what is needed', async () => {
  let now = Date.now();
  const delta = room.other({ clock: () => now });
  await delta.alter('t', { kind: 'setProperties', properties: { 'delta.enableInCommitTimestamps': 'true' } });
  for (let step = 0; step < 3; step++) {
    now -= 3_600_000;
    await append(delta, 1000 + step);
  }
  const times = (await delta.history('t', 4)).map(({ timestampMs }) => timestampMs);
  assert.deepEqual(
    times,
    [...times].sort((left, right) => right - left),
  );
  assert.equal(new Set(times).size, times.length);

  // File times of commits run backwards too, in a table without times of its own.
  utimesSync(commitFile(1), new Date(Date.now() + 9e6), new Date(Date.now() + 9e6));
  const before = await (await delta.snapshot('t')).files();
  now -= 40 * 864e5;
  assert.equal((await delta.vacuum('t')).metrics.numDeletedFiles, 0);
  assert.equal((await (await delta.snapshot('t')).files()).length, before.length);
  assert.equal(await read(delta), 500);
  // Nor does one that runs ahead: files of a writer at work are younger than the retention by any clock of the store.
  now = Date.now();
  assert.ok((await delta.vacuum('t', { dryRun: true })).files.length === 0);
});

test('what fails for another reason is not blamed on the files', async () => {
  const error = new BoathouseError('ENGINE_ERROR', 'Something else.', 'system');
  assert.equal(await room.delta.fileFailure('t', {}, error), null);
});
