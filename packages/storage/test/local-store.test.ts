import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { BoathouseError, type ObjectStore } from '@boathouse/contracts';
import { createLocalStore } from '../index.ts';

let root: string;
let store: ObjectStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'boathouse-store-'));
  store = createLocalStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const bytes = (text: string) => Buffer.from(text);
const textOf = async (key: string) => Buffer.from(await store.get(key)).toString();
async function keys(prefix: string, startAfter?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const info of store.list(prefix, { startAfter })) found.push(info.key);
  return found;
}
const unfinished = () => readdir(join(root, '.boathouse-tmp'));
const hasCode = (code: string) => (error: unknown) => error instanceof BoathouseError && error.code === code;
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, 'racer.ts'), root, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('what is put is read back, whole, in ranges, and as an entry with its size', async () => {
  await store.put('tables/a/part 1é.bin', bytes('hello world'));
  assert.equal(await textOf('tables/a/part 1é.bin'), 'hello world');
  assert.equal(Buffer.from(await store.getRange('tables/a/part 1é.bin', 6, 3)).toString(), 'wor');
  assert.equal((await store.getRange('tables/a/part 1é.bin', 9, 100)).length, 2);
  assert.equal((await store.head('tables/a/part 1é.bin'))?.sizeBytes, 11);
  await store.put('tables/a/part 1é.bin', bytes('anew'));
  assert.equal(await textOf('tables/a/part 1é.bin'), 'anew');
  assert.deepEqual(await unfinished(), []);
});

test('a key that is not there is null for head, an error that says so for get, and nothing to delete', async () => {
  assert.equal(await store.head('no/such'), null);
  await assert.rejects(store.get('no/such'), hasCode('OBJECT_NOT_FOUND'));
  await assert.rejects(store.getRange('no/such', 0, 1), hasCode('OBJECT_NOT_FOUND'));
  await store.put('a/b', bytes('1'));
  assert.equal(await store.head('a'), null);
  await assert.rejects(store.get('a'), hasCode('OBJECT_NOT_FOUND'));
  await store.delete('no/such');
  await store.deletePrefix('no/');
});

test('keys that could leave the root or mean two places are refused by every call', async () => {
  for (const key of [
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    './a',
    'a/',
    'a\\..\\b',
    'a\0b',
    '.boathouse-tmp/x',
    'x'.repeat(256),
  ]) {
    await assert.rejects(async () => store.put(key, bytes('x')), hasCode('INVALID_OBJECT_KEY'), key);
    await assert.rejects(async () => store.get(key), hasCode('INVALID_OBJECT_KEY'), key);
    await assert.rejects(async () => store.writer(key), hasCode('INVALID_OBJECT_KEY'), key);
    assert.throws(() => store.engineUri(key), hasCode('INVALID_OBJECT_KEY'), key);
  }
  await assert.rejects(keys('../'), hasCode('INVALID_OBJECT_KEY'));
  await assert.rejects(store.deletePrefix('a/../'), hasCode('INVALID_OBJECT_KEY'));
});

test('a listing gives keys in byte order, from where it is told, and does not follow links out of the root', async () => {
  const all = ['a-b', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'a0', 'aé', 'a\u{ffff}', 'a\u{1f600}'];
  for (const key of all.toReversed()) await store.put(key, bytes('1'));
  await symlink(tmpdir(), join(root, 'away'));
  assert.deepEqual(await keys(''), all);
  assert.deepEqual(await keys('a/'), ['a/1', 'a/2/x', 'a/2/y', 'a/3']);
  assert.deepEqual(await keys('a/', 'a/2/x'), ['a/2/y', 'a/3']);
  assert.deepEqual(await keys('a/', 'a/2'), ['a/2/x', 'a/2/y', 'a/3']);
  assert.deepEqual(await keys('a/', 'a/2/zz'), ['a/3']);
  assert.deepEqual(await keys('a0'), ['a0']);
  assert.deepEqual(await keys('nothing/'), []);
});

test('putIfAbsent never replaces', async () => {
  assert.equal(await store.putIfAbsent('k', bytes('first')), true);
  assert.equal(await store.putIfAbsent('k', bytes('second')), false);
  assert.equal(await textOf('k'), 'first');
  assert.deepEqual(await unfinished(), []);
});

test('of processes that race for the same keys exactly one wins each, and the key holds the whole of what it wrote', async () => {
  const racers = ['one', 'two', 'three'].map((name) => {
    const child = start('race', name);
    const output: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    return once(child, 'close').then(() => ({ name, won: JSON.parse(Buffer.concat(output).toString()) as number[] }));
  });
  const results = await Promise.all(racers);
  const winners = new Map<number, string>();
  for (const { name, won } of results) {
    for (const version of won) {
      assert.equal(winners.has(version), false, `version ${version} has two winners`);
      winners.set(version, name);
    }
  }
  assert.equal(winners.size, 200);
  for (const [version, name] of winners) {
    assert.equal(await textOf(`log/${String(version).padStart(20, '0')}.json`), `${name} ${version}\n`.repeat(50));
  }
});

test('a process killed while it races leaves only whole objects, and its remains are swept at the next start', async () => {
  const child = start('race', 'doomed');
  while ((await keys('log/')).length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await once(child, 'close');
  for (const key of await keys('log/')) assert.match(await textOf(key), /^(doomed \d+\n){50}$/);
  createLocalStore(root);
  assert.deepEqual(await unfinished(), []);
});

test('a stream is invisible until it is committed; a killed one leaves nothing after the next start, a living one is kept', async () => {
  const mine = await store.writer('data/mine.bin');
  await mine.write(bytes('half '));
  const child = start('stall');
  await once(child.stdout!, 'data');
  createLocalStore(root);
  assert.equal((await unfinished()).length, 3);
  child.kill('SIGKILL');
  await once(child, 'close');
  createLocalStore(root);
  assert.equal((await unfinished()).length, 1);
  assert.deepEqual(await keys('data/'), []);
  await mine.write(bytes('whole'));
  assert.equal((await mine.commit()).sizeBytes, 10);
  assert.equal(await textOf('data/mine.bin'), 'half whole');
});

test('an aborted stream leaves nothing, and one may get its key at the end', async () => {
  const gone = await store.writer('data/gone.bin');
  await gone.write(bytes('x'));
  await gone.abort();
  const late = await store.writer('results/unknown');
  await late.write(bytes('content'));
  assert.equal((await late.commit('results/hash.arrow')).key, 'results/hash.arrow');
  assert.deepEqual(await keys(''), ['results/hash.arrow']);
  assert.deepEqual(await unfinished(), []);
});

test('files that the engine wrote get their keys without replacing anything, and the rest is discarded', async () => {
  const stage = await store.stage();
  await writeFile(join(stage.folder, 'one'), 'data');
  await writeFile(join(stage.folder, 'two'), 'rest');
  assert.equal(await stage.publish(join(stage.folder, 'one'), 'tables/t/one.parquet'), true);
  assert.equal(await stage.publish(join(stage.folder, 'two'), 'tables/t/one.parquet'), false);
  await assert.rejects(stage.publish('/etc/hostname', 'tables/t/two'), hasCode('FILE_NOT_STAGED'));
  await stage.discard();
  assert.deepEqual(await keys(''), ['tables/t/one.parquet']);
  assert.equal(await readFile(store.engineUri('tables/t/one.parquet'), 'utf8'), 'data');
  assert.deepEqual(await unfinished(), []);
});

test('deleting a prefix removes what is below it and nothing beside it', async () => {
  for (const key of ['t/1/a', 't/1/b/c', 't/10/a']) await store.put(key, bytes('1'));
  await store.deletePrefix('t/1/');
  assert.deepEqual(await keys(''), ['t/10/a']);
});

test('asking for what is new in a log of ten thousand commits costs a fraction of listing it', async () => {
  const folder = join(root, 'log');
  await store.put('log/x', bytes(''));
  await Promise.all(
    Array.from({ length: 10_000 }, (_, version) =>
      writeFile(join(folder, `${String(version).padStart(20, '0')}.json`), ''),
    ),
  );
  // Both in one run, so that a busy machine is slow for both.
  const time = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const listing = await time(async () => assert.equal((await keys('log/')).length, 10_001));
  const asking = await time(async () => assert.equal((await keys('log/', 'log/00000000000000009997.json')).length, 3));
  assert.ok(asking < listing, `asking took ${asking} ms, listing ${listing} ms`);
});
