import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { FsckProblem } from '../index.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
const columns = [column('id', 'bigint'), column('name', 'string')];

/** A table with one file a commit, each with so many rows of ascending ids; gives the files' paths. */
async function table(commits: number, properties: Record<string, string> = {}, rows = 100): Promise<string[]> {
  await room.delta.create('t', { columns, properties });
  const paths: string[] = [];
  for (let index = 0; index < commits; index++) {
    const adds = await room.delta.writeFiles(
      { location: 't', columns, partitionColumns: [] },
      `SELECT ${index * rows} + range AS id, 'name ' || random() AS name FROM range(${rows})`,
    );
    paths.push(join(room.root, 't', adds[0]!.path));
    await room.delta.commit('t', { mode: 'append', adds, operation: 'WRITE' });
  }
  await room.delta.idle();
  return paths;
}
const logFile = (name: string) => join(room.root, 't', '_delta_log', name);
const commitFile = (version: number) => logFile(`${String(version).padStart(20, '0')}.json`);
const checkpointFile = (version: number) => logFile(`${String(version).padStart(20, '0')}.checkpoint.parquet`);
const kinds = (problems: readonly FsckProblem[]) => problems.map(({ kind }) => kind).sort();
const ids = async (location = 't') =>
  (await room.engine.rows(`SELECT count(*) AS n FROM (${await relation(location)})`))[0]?.n;
async function relation(location: string): Promise<string> {
  const snapshot = await room.other().snapshot(location);
  return `SELECT * FROM ${await room.delta.relation(snapshot, await snapshot.files(), ['id'])}`;
}

beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

test('a sound table has no problems, and looking at it changes nothing', async () => {
  await table(3);
  await room.delta.checkpoint('t');
  const { problems, filesChecked, version, repairVersion } = await room.delta.fsck('t', { repair: true });
  assert.deepEqual([problems, filesChecked, version, repairVersion], [[], 3, 3, null]);
});

test('missing, cut and overwritten data files are named with their rows; repairing leaves a table that can be read', async () => {
  const [missing, cut, overwritten, sound] = await table(4);
  rmSync(missing!);
  truncateSync(cut!, 100);
  const body = readFileSync(overwritten!);
  body.fill(0xff, 30, body.length >> 1);
  writeFileSync(overwritten!, body);
  const seen = await room.delta.fsck('t');
  assert.deepEqual(kinds(seen.problems), ['damaged data file', 'damaged data file', 'missing data file']);
  assert.ok(seen.problems.every((problem) => problem.rowsLost === 100 && problem.repairable && !problem.repaired));
  assert.equal(
    seen.problems.find(({ kind }) => kind === 'missing data file')?.path,
    missing!.slice(room.root.length + 3),
  );
  assert.equal((await room.delta.fsck('t', { quick: true })).problems.length, 2);
  assert.equal(await room.delta.latestVersion('t'), 4);

  const mended = await room.delta.fsck('t', { repair: true });
  assert.equal(mended.repairVersion, 5);
  assert.ok(mended.problems.every(({ repaired }) => repaired));
  assert.deepEqual((await room.delta.fsck('t')).problems, []);
  assert.equal(await ids(), 100n);
  assert.equal((await room.delta.history('t', 1))[0]?.operation, 'FSCK');
  assert.ok(readFileSync(sound!).length && readFileSync(cut!).length === 100, 'no file of the table is deleted');
});

test('a data file of another schema is told apart from a damaged one, and stays in the table', async () => {
  const [path] = await table(1);
  await room.engine.rows(`COPY (SELECT {'a': range} AS id, 'x' AS name FROM range(100)) TO '${path}' (FORMAT parquet)`);
  // As long as the log says, so that only its columns are wrong.
  const bytes = readFileSync(path!).length;
  const log = readFileSync(commitFile(1), 'utf8').replace(/"size":\d+/, `"size":${bytes}`);
  writeFileSync(commitFile(1), log);
  const { problems, repairVersion } = await room.delta.fsck('t', { repair: true });
  assert.deepEqual([kinds(problems), repairVersion], [['unfitting data file'], null]);
  assert.equal(problems[0]?.repaired, false);
});

test('a missing and a damaged deletion vector are found, and repairing takes their files out', async () => {
  await table(2, { 'delta.enableDeletionVectors': 'true', 'delta.enableChangeDataFeed': 'true' }, 2000);
  const vectors = () => readdirSync(join(room.root, 't')).filter((name) => name.endsWith('.bin'));
  const gone = new Set<string>();
  for (const where of [
    'target."id" < 2000 AND hash(target."id") % 3 = 0',
    'target."id" >= 2000 AND hash(target."id") % 2 = 0',
  ]) {
    await room.delta.delete('t', { where });
    const file = vectors().find((name) => !gone.has(name));
    if (file) gone.add(file);
  }
  const [first, second] = [...gone].map((name) => join(room.root, 't', name));
  assert.ok(first && second, 'both deletes wrote a file');
  rmSync(first);
  const body = readFileSync(second);
  body[body.length - 6]! ^= 0xff;
  writeFileSync(second, body);
  const { problems } = await room.delta.fsck('t', { repair: true });
  assert.deepEqual(kinds(problems), ['damaged deletion vector', 'missing deletion vector']);
  assert.equal(await ids(), 0n);
  await room.engine.rows(`SELECT * FROM ${(await room.delta.changes('t', { fromVersion: 4 })).relation}`);
});

test('a gap and a broken commit say which versions cannot be read, and from which checkpoint on they can', async () => {
  await table(12);
  rmSync(commitFile(4));
  writeFileSync(commitFile(7), readFileSync(commitFile(7), 'utf8').slice(0, 40));
  const { problems, version } = await room.delta.fsck('t', { repair: true });
  assert.equal(version, 12);
  assert.deepEqual(
    problems.map(({ kind, path, repaired }) => [kind, path, repaired]),
    [
      ['missing commit', '_delta_log/00000000000000000004.json', false],
      ['damaged commit', '_delta_log/00000000000000000007.json', false],
    ],
  );
  assert.match(problems[0]!.what, /Versions 4 to 9 cannot be read; from version 10 on there is a checkpoint/);
  rmSync(commitFile(11));
  const worse = await room.delta.fsck('t');
  assert.deepEqual([worse.version, kinds(worse.problems).includes('unreadable table')], [null, true]);
  assert.match(worse.problems.find(({ path }) => path.includes('11.json'))!.what, /Versions 11 to 12 cannot be read/);
});

test('broken checkpoints and hints go where the commits give the same, and stay where nothing else does', async () => {
  await table(21);
  writeFileSync(checkpointFile(20), 'not Parquet');
  writeFileSync(logFile(`${'5'.padStart(20, '0')}.checkpoint.0000000001.0000000002.parquet`), 'one of two');
  const { problems } = await room.delta.fsck('t', { repair: true });
  assert.deepEqual(kinds(problems), ['damaged checkpoint', 'incomplete checkpoint', 'wrong checkpoint hint']);
  assert.ok(problems.every(({ repaired, rowsLost }) => repaired && rowsLost === 0));
  assert.equal(JSON.parse(readFileSync(logFile('_last_checkpoint'), 'utf8')).version, 10);
  assert.deepEqual((await room.delta.fsck('t')).problems, []);
  assert.equal(await ids(), 2100n);

  for (let version = 0; version < 10; version++) rmSync(commitFile(version));
  writeFileSync(checkpointFile(10), 'not Parquet');
  const worse = await room.delta.fsck('t', { repair: true });
  assert.equal(worse.version, null);
  assert.equal(worse.problems.find(({ kind }) => kind === 'damaged checkpoint')?.repaired, false);
  assert.equal(readFileSync(checkpointFile(10), 'utf8'), 'not Parquet');
});
