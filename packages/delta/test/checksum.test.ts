import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SIZE_BINS, sizeBin } from '../checksum/histogram.ts';
import { liveRows } from '../index.ts';
import type { Delta } from '../types.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const checksumName = (version: number) => `${String(version).padStart(20, '0')}.crc`;
const logPath = (name: string) => join(room.root, 't/_delta_log', name);
const told = async (version: number): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(logPath(checksumName(version)), 'utf8'));

const properties = { 'delta.enableDeletionVectors': 'true', 'delta.enableRowTracking': 'true' };
const rowsOf = (from: number, count: number) =>
  `SELECT range::BIGINT AS id, 0 AS v FROM range(${from}, ${from + count})`;

/** Every kind of change: adds, vectors put on files and taken off, files gone, files said anew, metadata. */
async function changes(delta: Delta): Promise<number> {
  const columns = [column('id', 'bigint'), column('v', 'int')];
  await delta.createAs('t', { mode: 'create', columns, properties, rows: rowsOf(0, 100) });
  for (let n = 1; n <= 3; n++)
    await delta.insert('t', { mode: 'append', rows: rowsOf(n * 100, 100), txn: { appId: 'loader', version: n } });
  await delta.delete('t', { where: 'target."id" % 10 = 3' });
  await delta.delete('t', { where: 'target."id" = 5' });
  const set = [{ column: 'v', value: 'target."v" + 1' }];
  await delta.update('t', { set, where: 'target."id" BETWEEN 90 AND 110' });
  await delta.alter('t', { kind: 'setProperties', properties: { 'delta.checkpointInterval': '1000' } });
  await delta.analyze('t');
  await delta.delete('t', { where: 'target."id" >= 300' });
  await delta.restore('t', { toVersion: 4 });
  await delta.optimize('t');
  await delta.insert('t', { mode: 'append', rows: rowsOf(1000, 7) });
  await delta.idle();
  return delta.latestVersion('t');
}

async function checkAll(latest: number): Promise<void> {
  for (let version = 0; version <= latest; version++) {
    const checksum = await told(version);
    // By a reader that knows no checksum.
    await rm(logPath(checksumName(version)));
    const snapshot = await room.other().snapshot('t', { version });
    const files = await snapshot.files();
    const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
    assert.equal(checksum.numFiles, files.length, `files of version ${version}`);
    assert.equal(checksum.tableSizeBytes, sum(files.map(({ size }) => size)));
    assert.equal(checksum['boathouse.numRows'], sum(files.map((file) => liveRows(file) ?? Number.NaN)));
    assert.equal(checksum.numDeletedRecordsOpt, sum(files.map((file) => file.deletionVector?.cardinality ?? 0)));
    assert.equal(checksum.numDeletionVectorsOpt, files.filter((file) => file.deletionVector).length);
    const counts = SIZE_BINS.map((_, bin) => files.filter(({ size }) => sizeBin(size) === bin).length);
    const bytes = SIZE_BINS.map((_, bin) => sum(files.flatMap(({ size }) => (sizeBin(size) === bin ? [size] : []))));
    assert.deepEqual(checksum.fileSizeHistogram, {
      sortedBinBoundaries: SIZE_BINS,
      fileCounts: counts,
      totalBytes: bytes,
    });
    assert.deepEqual(checksum.protocol, snapshot.protocol);
    assert.deepEqual(checksum.metadata, snapshot.metadata);
    assert.deepEqual(
      new Set(((checksum.domainMetadata ?? []) as { configuration: string }[]).map((domain) => domain.configuration)),
      new Set([snapshot.domain('delta.rowTracking')].filter((configuration) => configuration !== null)),
    );
    const txns = checksum.setTransactions as { version: number }[];
    assert.deepEqual(
      txns.map((txn) => txn.version),
      [snapshot.txnVersion('loader')].filter((txn) => txn !== null),
    );
    if (checksum.allFiles === undefined) continue;
    const byPath = (left: { path: string }, right: { path: string }) => (left.path < right.path ? -1 : 1);
    assert.deepEqual(
      [...(checksum.allFiles as { path: string }[])].sort(byPath),
      files.map((file) => ({ ...file, dataChange: false })).sort(byPath),
    );
  }
}

test('every commit leaves a checksum that says what the log says', async () => {
  const latest = await changes(room.delta);
  assert.ok(Array.isArray((await told(latest)).allFiles));
  await checkAll(latest);
});

test('the same is true of a table whose files stay in the engine', async () => {
  await changes(room.delta);
  await room.delta.checkpoint('t');
  const delta = room.other({ filesInMemory: 1 });
  const first = await delta.latestVersion('t');
  await delta.delete('t', { where: 'target."id" = 1001' });
  await delta.insert('t', { mode: 'append', rows: rowsOf(2000, 5) });
  await delta.analyze('t');
  await delta.delete('t', { where: 'target."id" < 50' });
  await delta.idle();
  assert.equal((await told(first + 1)).allFiles, undefined);
  await checkAll(await room.delta.latestVersion('t'));
});

test('sums of a large checkpoint come from the checksum of its version', async () => {
  const latest = await changes(room.delta);
  await room.delta.checkpoint('t');
  const { numFiles, sizeBytes, numRows } = await (await room.delta.snapshot('t')).totals();
  const asked: string[] = [];
  const engine = {
    rows(sql: string) {
      asked.push(sql);
      return room.engine.rows(sql);
    },
  };
  const snapshot = await room.other({ filesInMemory: 0, engine }).snapshot('t');
  const before = asked.length;
  assert.deepEqual(await snapshot.totals(), { numFiles, sizeBytes, numRows });
  assert.equal(asked.length, before);
  await rm(logPath(checksumName(latest)));
  assert.deepEqual(await (await room.other({ filesInMemory: 0 }).snapshot('t')).totals(), {
    numFiles,
    sizeBytes,
    numRows,
  });
});

test('a checksum that is broken, or differs from the log, is told and passed over', async () => {
  const latest = await changes(room.delta);
  const right = await (await room.delta.snapshot('t')).totals();
  const text = await readFile(logPath(checksumName(latest)), 'utf8');
  const read = async () => {
    const warnings: string[] = [];
    const logger = {
      warn: (fields: Record<string, unknown>, message: string) => warnings.push(`${message} ${JSON.stringify(fields)}`),
    };
    assert.deepEqual(await (await room.other({ logger }).snapshot('t')).totals(), right);
    return warnings.join('\n');
  };
  assert.equal(await read(), '');
  await writeFile(logPath(checksumName(latest)), text.slice(0, 40));
  assert.match(await read(), /cannot be read/);
  await writeFile(logPath(checksumName(latest)), text.replace(/"numFiles":\d+/, '"numFiles":77'));
  assert.match(await read(), /differs from the log.*numFiles is 77/);
  await writeFile(logPath(checksumName(latest)), text.replace(/"minReaderVersion":3/, '"minReaderVersion":2'));
  assert.match(await read(), /protocol is another/);
});

test('a checksum never brings the folder of a dropped table back', async () => {
  await room.delta.create('t', { columns: [column('id', 'bigint'), column('v', 'int')] });
  await room.delta.idle();
  const { store } = room;
  const late = room.other({
    store: {
      ...store,
      async put(key, body, options) {
        if (key.endsWith('.crc')) await rm(join(room.root, 't'), { recursive: true });
        return store.put(key, body, options);
      },
    },
  });
  await late.insert('t', { mode: 'append', rows: rowsOf(0, 1) });
  await late.idle();
  assert.equal((await readdir(room.root)).includes('t'), false);
});
