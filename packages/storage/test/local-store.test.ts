import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ObjectStore } from '@boathouse/contracts';
import { createLocalStore } from '../index.ts';
import { bytes, keysOf, storeContract } from './contract.ts';

let root: string;
let store: ObjectStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'boathouse-store-'));
  store = createLocalStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const textOf = async (key: string) => Buffer.from(await store.get(key)).toString();
const keys = (prefix: string, startAfter?: string) => keysOf(store, prefix, startAfter);
const unfinished = () => readdir(join(root, '.boathouse-tmp'));
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, 'racer.ts'), root, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

storeContract(
  () => store,
  () => root,
);

test('a listing does not follow links out of the root', async () => {
  await store.put('a', bytes('1'));
  await symlink(tmpdir(), join(root, 'away'));
  assert.deepEqual(await keys(''), ['a']);
});

test('writes that are done leave nothing unfinished', async () => {
  await store.put('a', bytes('1'));
  await store.putIfAbsent('a', bytes('2'));
  const gone = await store.writer('b');
  await gone.write(bytes('x'));
  await gone.abort();
  const stage = await store.stage();
  await writeFile(join(stage.folder, 'one'), 'data');
  await stage.publish(join(stage.folder, 'one'), 'c');
  await writeFile(join(stage.folder, 'two'), 'rest');
  await stage.discard();
  assert.deepEqual(await unfinished(), []);
  assert.equal(await readFile(store.engineUri('c'), 'utf8'), 'data');
});

test('what need not be durable is whole, replaces, and brings no folder back', async () => {
  await store.put('t/a', bytes('first'));
  await store.put('t/a', bytes('second'), { durable: false });
  await store.put('t/b', bytes('third'), { durable: false });
  assert.deepEqual([await textOf('t/a'), await textOf('t/b')], ['second', 'third']);
  await store.deletePrefix('t/');
  await store.put('t/a', bytes('late'), { durable: false });
  assert.deepEqual([await keys(''), await readdir(root), await unfinished()], [[], ['.boathouse-tmp'], []]);
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

test('what a killed stream wrote goes with the next start, what a living one wrote stays', async () => {
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
