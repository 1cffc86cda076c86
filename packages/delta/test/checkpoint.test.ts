import assert from 'node:assert/strict';
import { readdir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { AddFile, Snapshot } from '../index.ts';
import { retentionMs } from '../protocol/properties.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [
  column('p', 'date'),
  column('id', 'bigint'),
  column('s', 'struct<a:int,t:timestamp>'),
  column('d', 'decimal(20,3)'),
  column('n', 'string'),
];
const rows = `SELECT DATE '2024-01-01' + i::INT AS p, i AS id, {'a': i, 't': TIMESTAMPTZ '2024-01-01 00:00:00.123456+00'} AS s,
  12345678901234567.891::DECIMAL(20,3) AS d, NULL AS n FROM range(6) r(i)`;
const log = () => join(room.root, 't/_delta_log');
const names = async () => (await readdir(log())).filter((name) => name.includes('.checkpoint')).sort();
const plain = (files: readonly AddFile[]) =>
  files
    .map(({ stats, ...file }) => ({ ...file, dataChange: true, stats: stats && JSON.parse(stats) }))
    .sort((left, right) => left.path.localeCompare(right.path));
const dropped = async (upTo: number) => {
  for (let version = 0; version <= upTo; version++) await rm(join(log(), `${String(version).padStart(20, '0')}.json`));
};

async function table(properties: Record<string, string>): Promise<Snapshot> {
  const definition = { columns, partitionColumns: ['p'], properties };
  await room.delta.create('t', definition);
  const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: ['p'] }, rows);
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds, txn: { appId: 'app', version: 7 } });
  const [extra] = await room.delta.writeFiles({ location: 't', columns, partitionColumns: ['p'] }, `${rows} LIMIT 1`);
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [extra!] });
  return room.delta.snapshot('t');
}

const forms: Record<string, Record<string, string>> = {
  'classic checkpoint': {},
  'classic checkpoint with struct statistics only': { 'delta.checkpoint.writeStatsAsJson': 'false' },
  'classic checkpoint with JSON statistics only': { 'delta.checkpoint.writeStatsAsStruct': 'false' },
  'V2 checkpoint with sidecars': { 'delta.checkpointPolicy': 'v2' },
};
for (const [form, properties] of Object.entries(forms)) {
  test(`a ${form} gives the same table without the commits before it, and so does one made from it`, async () => {
    const before = await table(properties);
    const written = await room.delta.checkpoint('t');
    assert.equal(written?.version, 2);
    assert.equal(await room.delta.checkpoint('t'), null);
    await dropped(2);
    // Once with files in memory, once with the engine keeping them.
    for (const filesInMemory of [100, 0]) {
      const delta = room.other({ filesInMemory });
      const after = await delta.snapshot('t');
      assert.deepEqual([after.version, after.protocol, after.columns], [2, before.protocol, before.columns]);
      assert.deepEqual([after.txnVersion('app'), await after.totals()], [7, await before.totals()]);
      const [left, right] = [plain(await after.files()), plain(await before.files())];
      if (form.includes('struct statistics only'))
        for (const file of [...left, ...right]) {
          // A bound that a double cannot hold is left out, and absent and NULL mean the same.
          file.stats = { numRecords: file.stats.numRecords, a: file.stats.minValues.s };
        }
      assert.deepEqual(left, right);
      assert.equal((await delta.prune(after, [{ column: 's.a', op: '=', values: ['3'] }])).files.length, 1);
    }
    // A checkpoint whose files come from a checkpoint that the engine keeps.
    const second = room.other({ filesInMemory: 0 });
    const [file] = await before.files();
    await second.commit('t', { operation: 'WRITE', mode: 'append', adds: [{ ...file!, path: 'other.parquet' }] });
    assert.equal((await second.checkpoint('t'))?.version, 3);
    await dropped(-1);
    await rm(join(log(), `${'0'.repeat(19)}3.json`));
    const last = await room.other().snapshot('t');
    assert.deepEqual([last.version, (await last.totals()).numFiles, last.txnVersion('app')], [3, 8, 7]);
    assert.equal((await last.totals()).numRows, 8);
  });
}

test('the V2 form names its sidecars and keeps files out of the manifest', async () => {
  await table({ 'delta.checkpointPolicy': 'v2' });
  const written = await room.delta.checkpoint('t');
  assert.equal(written?.keys.length, 2);
  assert.match(written?.keys[0] ?? '', /checkpoint\.[0-9a-f-]{36}\.parquet$/);
  // Spark asks for the column `add` in a manifest too.
  const [manifest] = await room.engine.rows(
    `SELECT count(checkpointMetadata.version)::INT AS metadata, count(sidecar.path)::INT AS sidecars, count(add.path)::INT AS adds
     FROM read_parquet('${room.root}/${written?.keys[0]}')`,
  );
  assert.deepEqual(manifest, { metadata: 1, sidecars: 1, adds: 0 });
  const [counted] = await room.engine.rows(
    `SELECT count(add.path)::INT AS adds FROM read_parquet('${room.root}/${written?.keys[1]}')`,
  );
  assert.equal(counted?.adds, 7);
});

test('a checkpoint carries tombstones within their retention, and none after it', async () => {
  const before = await table({});
  await room.delta.commit('t', { operation: 'WRITE', mode: 'overwrite', adds: [] });
  await room.delta.checkpoint('t');
  const count = async (version: number) => {
    const [row] = await room.engine.rows(
      `SELECT count(remove.path)::INT AS n FROM read_parquet('${log()}/${String(version).padStart(20, '0')}.checkpoint.parquet')`,
    );
    return row?.n;
  };
  assert.equal(await count(3), (await before.totals()).numFiles);
  // Eight days later, from the checkpoint itself.
  const later = room.other({ clock: () => Date.now() + 8 * 86_400_000, filesInMemory: 0 });
  await later.commit('t', { operation: 'WRITE', mode: 'append', adds: [(await before.files())[0]!] });
  await later.checkpoint('t');
  assert.equal(await count(4), 0);
});

test('transactions that their retention lets go are left out of the next checkpoint', async () => {
  await table({ 'delta.setTransactionRetentionDuration': 'interval 1 hour' });
  await room.other({ clock: () => Date.now() + 7_200_000 }).checkpoint('t');
  await dropped(2);
  assert.equal((await room.other().snapshot('t')).txnVersion('app'), null);
});

test('after a checkpoint the log before the retention goes, but never what a version within it needs', async () => {
  await table({ 'delta.logRetentionDuration': 'interval 1 days', 'delta.checkpointInterval': '1' });
  await room.delta.idle();
  for (let version = 3; version <= 5; version++) {
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [] });
    await room.delta.idle();
  }
  const now = Date.now();
  const commits = (await readdir(log())).filter((name) => /^\d{20}\.json$/.test(name)).sort();
  for (const [version, name] of commits.entries()) {
    const at = new Date(now - (version <= 3 ? 5 : 0) * 86_400_000 + version);
    await utimes(join(log(), name), at, at);
  }
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [] });
  await room.delta.idle();
  const left = (await readdir(log())).filter((name) => /^\d{20}\.json$/.test(name)).sort();
  assert.deepEqual(left.map(Number.parseFloat), [3, 4, 5, 6]);
  assert.deepEqual((await names()).map(Number.parseFloat), [3, 4, 5, 6]);
  assert.equal((await room.other().snapshot('t', { version: 3 })).version, 3);
  await assert.rejects(room.other().snapshot('t', { version: 2 }), hasCode('DELTA_VERSION_NOT_FOUND', '3 to 6'));
  assert.equal(retentionMs({}, 'delta.logRetentionDuration', 5), 5);
});

test('the hint names version, actions and files of the checkpoint', async () => {
  await table({});
  await room.delta.checkpoint('t');
  const hint = JSON.parse(await readFile(join(log(), '_last_checkpoint'), 'utf8'));
  assert.deepEqual([hint.version, hint.size, hint.numOfAddFiles], [2, 10, 7]);
});

test('a checkpoint that lost a sidecar is passed over while the commits are there, and named when they are not', async () => {
  await table({ 'delta.checkpointPolicy': 'v2' });
  const written = await room.delta.checkpoint('t');
  const sidecar = written?.keys[1] ?? '';
  await rm(join(room.root, sidecar));
  const said: string[] = [];
  const logger = { warn: (_: object, message: string) => void said.push(message) };
  assert.equal((await (await room.other({ logger }).snapshot('t')).totals()).numFiles, 7);
  assert.deepEqual(said, ['a checkpoint cannot be read']);
  await dropped(2);
  await assert.rejects(room.other().snapshot('t'), hasCode('DELTA_LOG_CORRUPT', sidecar));
});
