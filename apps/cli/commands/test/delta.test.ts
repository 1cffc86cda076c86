import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BoathouseError } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { decodeRows, openDuckDb } from '@boathouse/engine';
import { createLocalStore } from '@boathouse/storage';
import { run } from '../delta.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'boathouse-cli-delta-'));
let table = '';
let tables = 0;

interface Done {
  code: number | null;
  out: string;
  err: string;
  bytes: Buffer;
}

/** Runs the command in this process: code and output as `main.ts` gives them. */
async function delta(...args: string[]): Promise<Done> {
  const pieces: Buffer[] = [];
  let [code, err] = [0, ''];
  try {
    code = await run(args, process.env, (piece) => pieces.push(Buffer.from(piece)));
  } catch (error) {
    assert.ok(error instanceof BoathouseError, String(error));
    [code, err] = [error.code === 'USAGE' ? 2 : 1, error.message];
  }
  const bytes = Buffer.concat(pieces);
  return { code, out: bytes.toString(), err, bytes };
}
const json = async (...args: string[]) => JSON.parse((await delta(...args, '--format', 'json')).out);

let close = async () => {};
let make = async (_name: string) => {};
before(async () => {
  const engine = await openDuckDb({
    memoryLimitBytes: 1 << 28,
    threads: 1,
    tempDirectory: join(folder, 'spill'),
    allowedDirectories: [folder],
  });
  const room = createDelta({ store: createLocalStore(folder), engine });
  const columns = [
    { name: 'id', type: 'bigint', nullable: true },
    { name: 'name', type: 'string', nullable: true },
    { name: 'price', type: 'decimal(20,2)', nullable: true },
    { name: 'tags', type: 'array<string>', nullable: true },
    { name: 'at', type: 'timestamp', nullable: true },
  ];
  make = async (name) => {
    await room.create(name, { columns, properties: { 'delta.enableChangeDataFeed': 'true' } });
    const insert = async (values: string) => {
      const adds = await room.writeFiles(
        { location: name, columns, partitionColumns: [] },
        `SELECT id::BIGINT AS id, name, price::DECIMAL(20,2) AS price, tags, w::TIMESTAMPTZ AS "at" FROM (VALUES ${values}) AS t(id, name, price, tags, w)`,
      );
      await room.commit(name, { mode: 'append', operation: 'WRITE', adds });
    };
    await insert(
      `(9007199254740993, 'a,"b"', 123456789012345678.90, ['x', 'y'], '2026-01-02 03:04:05Z'), (2, NULL, NULL, NULL, NULL)`,
    );
    await insert(`(3, '', 0.5, [], '2026-01-02 00:00:00Z')`);
    await room.delete(name, { where: 'target."id" = 2' });
  };
  close = async () => {
    await room.idle();
    await engine.close();
  };
});
after(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await make(`t${++tables}`);
  table = join(folder, `t${tables}`);
});

const sorted = (lines: string): string[] => lines.trim().split('\n').sort();

test('rows come out exact as JSON, CSV, Parquet and Arrow, to the screen or into a file', async () => {
  assert.equal(
    (await delta('rows', table, '--format', 'json', '--where', 'id > 3')).out,
    '[\n  {"id":9007199254740993,"name":"a,\\"b\\"","price":123456789012345678.90,"tags":["x","y"],"at":"2026-01-02T03:04:05.000000Z"}\n]\n',
  );
  const csv = ['2,', '3,""', '9007199254740993,"a,""b"""', 'id,name'];
  const chosen = ['--version', '2', '--columns', 'ID,name', '--format', 'csv'];
  assert.deepEqual(sorted((await delta('rows', table, ...chosen)).out), csv);
  const out = join(folder, 'rows.csv');
  assert.equal((await delta('rows', table, ...chosen, '--out', out)).out, '');
  assert.deepEqual(sorted(readFileSync(out, 'utf8')), csv);
  const arrow = decodeRows((await delta('rows', table, '--columns', 'id', '--format', 'arrow')).bytes);
  assert.deepEqual(arrow.rows.flat().sort(), ['3', '9007199254740993']);
  assert.equal((await delta('rows', table, '--format', 'parquet')).bytes.subarray(0, 4).toString(), 'PAR1');
  const printed = (await delta('rows', table, '--limit', '1', '--where', "name = ''")).out;
  assert.match(printed, /^id {2}name .*\n[─ ]+\n 3 .*\n\(1 row\)\n$/);
});

test('the changes of versions come with their type, version and time', async () => {
  const names = '_change_type,_commit_version,id';
  assert.deepEqual(sorted((await delta('changes', table, '--from', '2', '--columns', names, '--format', 'csv')).out), [
    '_change_type,_commit_version,id',
    'delete,3,2',
    'insert,2,3',
  ]);
  assert.equal((await json('changes', table, '--from', '1', '--to', '1')).length, 2);
  assert.equal((await delta('changes', table)).code, 2);
});

test('files, history, detail and schema tell what the log says', async () => {
  const history: { version: number; operation: string }[] = await json('history', table);
  assert.deepEqual(
    history.map((entry) => `${entry.version} ${entry.operation}`),
    ['3 DELETE', '2 WRITE', '1 WRITE', '0 CREATE TABLE'],
  );
  const files: { rows: number }[] = await json('files', table, '--version', '2');
  assert.deepEqual(files.map(({ rows }) => rows).sort(), [1, 2]);
  assert.equal((await json('detail', table)).numRows, 2);
  const expected = { name: 'tags', type: 'array<string>', nullable: true, partition: false, comment: null };
  assert.deepEqual((await json('schema', table))[3], expected);
});

test('a table is compacted, restored, vacuumed and given a checkpoint, and no other file is left in it', async () => {
  assert.equal((await json('optimize', table)).numFilesAdded, 1);
  assert.equal((await json('restore', table, '--version', '1')).numRestoredFiles, 1);
  assert.equal((await json('rows', table)).length, 2);
  assert.equal((await delta('restore', table, '--version', '99')).code, 1);
  assert.match((await delta('vacuum', table, '--retain-hours', '0')).err, /retention/);
  const now = ['--retain-hours', '0', '--force'];
  const listed: unknown[] = await json('vacuum', table, ...now, '--dry-run');
  assert.ok(listed.length >= 2);
  assert.equal((await json('vacuum', table, ...now)).numDeletedFiles, listed.length);
  const { version, written } = await json('checkpoint', table);
  assert.ok(
    written && existsSync(join(table, '_delta_log', `${String(version).padStart(20, '0')}.checkpoint.parquet`)),
  );
  const hidden = readdirSync(table).filter((name) => name.startsWith('.'));
  assert.deepEqual(hidden, []);
});

test('a lost file is found with code 1, taken out by a repair, and the rest can be read again', async () => {
  assert.match((await delta('fsck', table)).out, /^Version 3: 2 files looked at, no problems\.\n$/);
  const files: { path: string; rows: number }[] = await json('files', table);
  rmSync(join(table, files[0]?.path ?? ''));
  const failed = await delta('rows', table);
  assert.equal(failed.code, 1);
  assert.match(
    failed.err,
    /Version 3 of the table at "t\d+" cannot be read: missing data file ".*parquet".*boathouse delta fsck/,
  );
  const found = await delta('fsck', table);
  assert.equal(found.code, 1);
  assert.match(found.out, /missing data file: .*\n .*1 row is lost.*\n.*1 problem\.\n.*--repair/);
  const { problems, repairVersion } = await json('fsck', table, '--repair');
  assert.deepEqual([problems.length, repairVersion], [1, 4]);
  assert.equal((await delta('fsck', table)).code, 0);
  assert.equal((await json('rows', table)).length, 1);
});

test('what cannot be done is an error that says so, and a wrong call has code 2', async () => {
  const wrong = [
    [['rows', folder], 1, /no Delta table/],
    [['rows', table, '--where', 'nope > 1'], 1, /nope/],
    [['rows', table, '--columns', 'nope'], 1, /no column "nope"/],
    [['rows', table, '--version', '99'], 1, /no version 99/],
    [['rows', table, '--version', 'x'], 2, /--version must be a whole number/],
    [['rows', table, '--version', '1', '--timestamp', '2026-01-01'], 2, /not both/],
    [['rows', table, '--format', 'xml'], 2, /--format must be/],
    [['rows', table, '--full'], 2, /Usage: boathouse delta rows/],
    [['nonsense', table], 2, /boathouse help delta/],
  ] as const;
  for (const [args, code, message] of wrong) {
    const done = await delta(...args);
    assert.deepEqual([done.code, done.out], [code, ''], args.join(' '));
    assert.match(done.err, message);
  }
  assert.match((await delta('--help')).out, /boathouse delta vacuum PATH/);
  assert.match((await delta('rows', '--help')).out, /^boathouse delta rows PATH/);
  const nowhere = await delta('rows', table, '--format', 'csv', '--out', '/nowhere/rows.csv');
  assert.deepEqual(
    [nowhere.code, nowhere.err],
    [1, '/nowhere/rows.csv cannot be written: its folder is not there. Make the folder, or name another file.'],
  );
});

test('the command itself prints rows, and of an error one line without a stack', () => {
  const boathouse = (...args: string[]) =>
    spawnSync('node', [join(root, 'apps/cli/bin.mjs'), 'delta', ...args], { encoding: 'utf8' });
  assert.equal(boathouse('rows', table, '--columns', 'id', '--where', 'id = 3', '--format', 'csv').stdout, 'id\n3\n');
  const { status, stderr } = boathouse('rows', folder);
  assert.deepEqual([status, stderr.trim().split('\n').length], [1, 1]);
});
