import assert from 'node:assert/strict';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('id', 'bigint')];
const logPath = (name: string) => join(room.root, 't/_delta_log', name);
const commitName = (version: number) => `${String(version).padStart(20, '0')}.json`;
async function table(versions: number): Promise<void> {
  await room.delta.create('t', { columns });
  for (let version = 1; version <= versions; version++) {
    const adds = await room.delta.writeFiles(
      { location: 't', columns, partitionColumns: [] },
      `SELECT ${version} AS id`,
    );
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  }
}

test('a gap in the log is named', async () => {
  await table(3);
  await rm(logPath(commitName(2)));
  await assert.rejects(room.other().snapshot('t'), hasCode('DELTA_VERSIONS_NOT_CONTIGUOUS', 'version 2'));
});

test('a log without protocol or without metadata is named as that', async () => {
  await room.store.put(
    `t/_delta_log/${commitName(0)}`,
    Buffer.from('{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}'),
  );
  await assert.rejects(room.delta.snapshot('t'), hasCode('DELTA_STATE_RECOVER_ERROR', 'metadata'));
  await room.store.put(`u/_delta_log/${commitName(0)}`, Buffer.from('{"commitInfo":{"operation":"WRITE"}}'));
  await assert.rejects(room.delta.snapshot('u'), hasCode('DELTA_STATE_RECOVER_ERROR', 'protocol'));
});

test('every tenth commit leaves a checkpoint from which other readers get the same table, with no need of the commits before', async () => {
  await room.delta.create('t', {
    columns,
    partitionColumns: [],
    properties: { 'delta.logRetentionDuration': 'interval 30 days' },
  });
  const many = await room.delta.writeFiles(
    { location: 't', columns, partitionColumns: [] },
    'SELECT 9007199254740993 AS id',
  );
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: many, txn: { appId: 'app', version: 41 } });
  await room.delta.commit('t', { operation: 'WRITE', mode: 'overwrite', adds: [] });
  for (let version = 3; version <= 11; version++) {
    const adds = await room.delta.writeFiles(
      { location: 't', columns, partitionColumns: [] },
      `SELECT ${version} + 9007199254740990 AS id`,
    );
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  }
  await room.delta.idle();
  const pointer = JSON.parse(await readFile(logPath('_last_checkpoint'), 'utf8'));
  assert.equal(pointer.version, 10);
  for (let version = 0; version < 10; version++) await rm(logPath(commitName(version)));
  const before = await room.delta.snapshot('t');
  const fresh = await room.other().snapshot('t');
  assert.deepEqual(
    [fresh.version, await fresh.totals(), fresh.txnVersion('app')],
    [11, { numFiles: 9, numRows: 9, sizeBytes: (await before.totals()).sizeBytes }, 41],
  );
  const plain = (files: readonly object[]) =>
    files
      .map((file) => ({ ...file, dataChange: true }))
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  assert.deepEqual(plain(await fresh.files()), plain(await before.files()));
  assert.deepEqual(
    [fresh.columns, fresh.protocol, { ...fresh.metadata }],
    [before.columns, before.protocol, { ...before.metadata }],
  );
  await assert.rejects(room.other().snapshot('t', { version: 9 }), hasCode('DELTA_VERSION_NOT_FOUND', '10 to 11'));
  await assert.rejects(room.other().snapshot('t', { version: 0 }), hasCode('DELTA_VERSION_NOT_FOUND'));
});

test('a broken checkpoint and a broken hint are passed over while the commits are there', async () => {
  await table(10);
  await room.delta.idle();
  await writeFile(logPath('_last_checkpoint'), '{"version":');
  await writeFile(logPath(`${'0'.repeat(18)}10.checkpoint.parquet`), 'PAR1 broken');
  const said: string[] = [];
  const logger = { warn: (_: object, message: string) => void said.push(message) };
  assert.equal((await (await room.other({ logger }).snapshot('t')).totals()).numFiles, 10);
  assert.deepEqual(said, ['the hint to the last checkpoint cannot be read', 'a checkpoint cannot be read']);
  await writeFile(logPath('_last_checkpoint'), '{"version":11}');
  assert.equal((await (await room.other({ logger }).snapshot('t')).totals()).numFiles, 10);
  assert.equal(said[2], 'the hint to the last checkpoint names one that is not there');
  await rm(logPath(commitName(0)));
  await assert.rejects(room.other().snapshot('t'), hasCode('DELTA_LOG_CORRUPT', '10.checkpoint.parquet'));
});

test('half a line and a wrong action name their file', async () => {
  await table(1);
  await writeFile(logPath(commitName(2)), '{"add":{"path":"x"');
  await assert.rejects(room.other().snapshot('t'), hasCode('DELTA_LOG_CORRUPT', commitName(2), 'line 1'));
  await writeFile(
    logPath(commitName(2)),
    '{"add":{"path":"x","partitionValues":{},"size":"big","modificationTime":1,"dataChange":true}}',
  );
  await assert.rejects(room.other().snapshot('t'), hasCode('DELTA_LOG_CORRUPT', commitName(2), 'size'));
});

test('unknown actions, unknown fields, checksums, compacted commits and foreign files in the log are passed over', async () => {
  await table(2);
  await writeFile(
    logPath(commitName(3)),
    '{"future":{"a":1}}\n{"txn":{"appId":"big","version":9007199254740993,"extra":true}}\n\n',
  );
  for (const name of [
    '00000000000000000002.crc',
    '00000000000000000000.00000000000000000002.compacted.json',
    '.hidden.tmp',
    'notes.txt',
  ]) {
    await writeFile(logPath(name), 'not json');
  }
  const snapshot = await room.other().snapshot('t');
  assert.deepEqual([snapshot.version, (await snapshot.totals()).numFiles], [3, 2]);
});

test('compacted commits stand for the commits that they hold, and broken ones for none', async () => {
  await table(6);
  const lines: string[] = [];
  for (const version of [2, 3, 4])
    lines.push(
      ...(await readFile(logPath(commitName(version)), 'utf8')).split('\n').filter((line) => line.includes('"add"')),
    );
  const name = `${'0'.repeat(19)}2.${'0'.repeat(19)}4.compacted.json`;
  await writeFile(logPath(name), lines.join('\n'));
  const opened: string[] = [];
  const store = {
    ...room.store,
    get: (key: string) => {
      opened.push(key);
      return room.store.get(key);
    },
  };
  const reader = room.other({ store });
  assert.equal((await (await reader.snapshot('t')).totals()).numFiles, 6);
  assert.ok(opened.some((key) => key.endsWith(name)));
  assert.ok(!opened.some((key) => key.endsWith(commitName(3))));
  // A version inside of the run is read from its own commits.
  assert.equal((await (await room.other().snapshot('t', { version: 3 })).totals()).numFiles, 3);
  await writeFile(logPath(name), '{"add":');
  const said: string[] = [];
  const logger = { warn: (_: object, message: string) => void said.push(message) };
  assert.equal((await (await room.other({ logger }).snapshot('t')).totals()).numFiles, 6);
  assert.deepEqual(said, ['a compacted log file cannot be read']);
});

test('a path outside of the table is refused, however it is spelled', async () => {
  for (const path of [
    '/etc/passwd',
    'file:///etc/passwd',
    's3://bucket/x',
    '../other/x.parquet',
    'a/%2e%2e/%2e%2e/x',
    '%2Fetc%2Fpasswd',
  ]) {
    await room.delta.create('p', {
      columns,
      files: [{ path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true }],
    });
    const snapshot = await room.delta.snapshot('p');
    await assert.rejects(
      room.delta.relation(snapshot, await snapshot.files(), ['id']),
      (error) =>
        error instanceof Error &&
        /DELTA_UNSUPPORTED_FILE_PATH|INVALID_OBJECT_KEY/.test(String((error as { code?: string }).code)),
      path,
    );
    await room.store.deletePrefix('p/');
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
});

test('a commit with two schemas is refused, and so are types changed in ways that the protocol does not have', async () => {
  const metaData = (metadata: object, type = 'double') => ({
    metaData: {
      id: 'x',
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({ type: 'struct', fields: [{ name: 'v', type, nullable: true, metadata }] }),
      partitionColumns: [],
      configuration: {},
    },
  });
  const put = (location: string, ...actions: object[]) =>
    room.store.put(
      `${location}/_delta_log/${commitName(0)}`,
      Buffer.from(actions.map((action) => JSON.stringify(action)).join('\n')),
    );
  const protocol = {
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['typeWidening'],
      writerFeatures: ['typeWidening'],
    },
  };
  await put('two', protocol, metaData({}), metaData({}));
  await assert.rejects(room.delta.snapshot('two'), hasCode('DELTA_DUPLICATE_ACTIONS_FOUND', 'metaData'));
  const change = (fromType: string, toType: string) => ({ 'delta.typeChanges': [{ fromType, toType }] });
  await put('odd', protocol, metaData(change('string', 'double')));
  await assert.rejects(room.delta.snapshot('odd'), hasCode('DELTA_UNSUPPORTED_FEATURES_FOR_READ', 'string → double'));
  const [file] = await room.delta.writeFiles(
    { location: 'wide', columns: [column('v', 'float')], partitionColumns: [] },
    'SELECT 0.1::FLOAT AS v',
  );
  await put('wide', protocol, metaData(change('float', 'double')), { add: file });
  assert.deepEqual(await room.read('wide'), [[Math.fround(0.1)]]);
  const snapshot = await room.delta.snapshot('wide');
  assert.equal((await room.delta.prune(snapshot, [{ column: 'v', op: '>', values: ['0.1'] }])).files.length, 1);
});

test('a table with in-commit timestamps gets rising ones from us, first in the commit, and time travel goes by them', async () => {
  const clock = { now: 5_000 };
  const delta = room.other({ clock: () => clock.now });
  const lines = [
    { commitInfo: { operation: 'CREATE TABLE', inCommitTimestamp: 10_000 } },
    {
      protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [], writerFeatures: ['inCommitTimestamp'] },
    },
    {
      metaData: {
        id: 'x',
        format: { provider: 'parquet', options: {} },
        schemaString: '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}',
        partitionColumns: [],
        configuration: { 'delta.enableInCommitTimestamps': 'true' },
      },
    },
  ];
  await room.store.put(
    `t/_delta_log/${commitName(0)}`,
    Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')),
  );
  await delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [] });
  assert.equal((await delta.snapshot('t')).timestampMs, 10_001);
  clock.now = 20_000;
  await delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [] });
  const history = await delta.history('t', 5);
  assert.deepEqual(
    history.map(({ timestampMs }) => timestampMs),
    [20_000, 10_001, 10_000],
  );
  assert.equal((await delta.snapshot('t', { timestampMs: 15_000 })).version, 1);
});

test('a data file whose name holds signs of a pattern is read as itself, and only it', async () => {
  await room.delta.create('t', { columns });
  const [file] = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, 'SELECT 1 AS id');
  const bytes = await room.store.get(`t/${decodeURIComponent(file!.path)}`);
  for (const name of ['a[1].parquet', 'a1.parquet', 'b*.parquet', 'b?.parquet', 'bx.parquet', 'c {d} % é.parquet']) {
    await room.store.put(`t/${name}`, bytes);
  }
  const adds = ['a%5B1%5D.parquet', 'b*.parquet', 'b?.parquet', 'c%20%7Bd%7D%20%25%20%C3%A9.parquet'].map((path) => ({
    ...file!,
    path,
  }));
  for (const tags of [file!.tags, undefined]) {
    await room.delta.commit('t', {
      operation: 'WRITE',
      mode: 'overwrite',
      adds: adds.map((add) => ({ ...add, tags })),
    });
    assert.equal((await room.read('t')).length, 4);
  }
});

test('files of another table in the store are read where the caller allows it', async () => {
  await table(1);
  const source = await room.delta.snapshot('t');
  const [file] = await source.files();
  const uri = `file://${room.store.engineUri('t')}/${file!.path}`;
  await room.delta.create('clone', { columns, files: [{ ...file!, path: uri }] });
  const clone = await room.delta.snapshot('clone');
  await assert.rejects(
    room.delta.relation(clone, await clone.files(), ['id']),
    hasCode('DELTA_UNSUPPORTED_FILE_PATH', uri),
  );
  const asked: string[] = [];
  const open = room.other({ allowOutside: (path) => asked.push(path) > 0 });
  const rows = await room.engine.rows(
    `SELECT id FROM ${await open.relation(await open.snapshot('clone'), await clone.files(), ['id'])}`,
  );
  assert.deepEqual([rows.length, asked], [1, [`${room.store.engineUri('t')}/${file!.path}`]]);
  await room.delta.create('far', { columns, files: [{ ...file!, path: 'file:///etc/passwd' }] });
  const far = await open.snapshot('far');
  await assert.rejects(open.relation(far, await far.files(), ['id']), hasCode('DELTA_UNSUPPORTED_FILE_PATH'));
});

test('times before in-commit timestamps were enabled are those of files, and later ones those of commits', async () => {
  await table(4);
  // Versions 0 to 2 by their files at 1,000 s steps; 3 and 4 by their own times, though their files are old.
  const own: Record<number, number> = { 3: 5_000_000, 4: 6_000_000 };
  for (let version = 0; version <= 4; version++) {
    const path = logPath(commitName(version));
    const lines = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    if (version >= 3) lines[0].commitInfo.inCommitTimestamp = own[version];
    if (version === 3) {
      const { metadata } = await room.delta.snapshot('t', { version: 2 });
      lines.push({
        metaData: {
          ...metadata,
          configuration: {
            'delta.enableInCommitTimestamps': 'true',
            'delta.inCommitTimestampEnablementVersion': '3',
            'delta.inCommitTimestampEnablementTimestamp': '5000000',
          },
        },
      });
    }
    await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
    await utimes(path, new Date(version * 1_000_000), new Date(version * 1_000_000));
  }
  const at = async (timestampMs: number) => (await room.other().snapshot('t', { timestampMs })).version;
  assert.deepEqual(
    [
      await at(0),
      await at(1_500_000),
      await at(4_999_999),
      await at(5_000_000),
      await at(5_500_000),
      await at(6_000_000),
    ],
    [0, 1, 2, 3, 3, 4],
  );
  await assert.rejects(at(6_000_001), hasCode('DELTA_TIMESTAMP_GREATER_THAN_COMMIT'));
  await assert.rejects(at(-1), hasCode('DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION'));
});

test('files whose clock ran backwards still give times that rise, and the newest version is found', async () => {
  await table(3);
  const base = 1_700_000_000_000;
  for (const [version, ms] of [base, base + 5000, base + 1000, base + 9000].entries())
    await utimes(logPath(commitName(version)), new Date(ms), new Date(ms));
  const delta = room.other();
  const history = await delta.history('t', 10);
  assert.deepEqual(
    history.map(({ timestampMs }) => timestampMs - base),
    [9000, 5001, 5000, 0],
  );
  assert.equal((await delta.snapshot('t', { timestampMs: base + 5001 })).version, 2);
  assert.equal((await delta.snapshot('t', { timestampMs: base + 5000 })).version, 1);
});

test('history tells all that a commit says of its origin', async () => {
  await table(1);
  const info = {
    operation: 'WRITE',
    operationParameters: { mode: 'Append', predicate: null },
    userId: '7',
    userName: 'ann',
    job: { jobId: '12', jobName: 'nightly' },
    notebook: { notebookId: '3' },
    clusterId: 'c-1',
    readVersion: 1,
    isolationLevel: 'Serializable',
    isBlindAppend: false,
    userMetadata: 'why',
    engineInfo: 'Other/1',
  };
  await writeFile(logPath(commitName(2)), JSON.stringify({ commitInfo: info }));
  const [entry] = await room.delta.history('t', 1);
  const { version, timestampMs: _, operationMetrics, ...rest } = entry!;
  assert.deepEqual([version, operationMetrics, rest], [2, {}, info]);
});

test('commits that a catalog has ratified are read from where they lie, and published ones from there', async () => {
  await table(2);
  const path = `_staged_commits/${String(2).padStart(20, '0')}.00000000-0000-4000-8000-000000000000.json`;
  const body = await readFile(logPath(commitName(2)));
  await rm(logPath(commitName(2)));
  await room.store.put(`t/_delta_log/${path}`, body);
  // A staged commit that nobody ratified is none.
  assert.equal((await room.other().snapshot('t')).version, 1);
  const ratified: { version: number; path: string }[] = [];
  const committer = {
    commit: async () => false,
    unpublished: async (_: string, after: number) => ratified.filter(({ version }) => version > after),
  };
  const delta = room.other({ committer });
  assert.equal((await delta.snapshot('t')).version, 1);
  ratified.push({ version: 2, path });
  const snapshot = await delta.snapshot('t');
  assert.deepEqual([snapshot.version, (await snapshot.totals()).numFiles], [2, 2]);
  assert.equal(await delta.snapshot('t'), snapshot);
  assert.equal((await room.other({ committer }).snapshot('t')).version, 2);
  await writeFile(logPath(commitName(2)), body);
  ratified.pop();
  assert.equal((await room.other({ committer }).snapshot('t')).version, 2);
  ratified.push({ version: 3, path: '../../u/_delta_log/00000000000000000000.json' });
  await assert.rejects(room.other({ committer }).snapshot('t'), hasCode('DELTA_LOG_CORRUPT', 'catalog'));
});
