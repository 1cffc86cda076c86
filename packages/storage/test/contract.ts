import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BoathouseError, type ObjectStore } from '@boathouse/contracts';

export const bytes = (text: string): Buffer => Buffer.from(text);
export const hasCode = (code: string) => (error: unknown) => error instanceof BoathouseError && error.code === code;

/** Keys of a store in the order of its listing. */
export async function keysOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const info of store.list(prefix, { startAfter })) found.push(info.key);
  return found;
}

/**
 * What every store does, whatever it keeps objects in. `open`: the store of this test, empty. `opened`: how another process
 * opens it (racer.ts).
 */
export function storeContract(open: () => ObjectStore, opened: () => string, skip: string | false = false): void {
  const textOf = async (key: string) => Buffer.from(await open().get(key)).toString();
  const keys = (prefix: string, startAfter?: string) => keysOf(open(), prefix, startAfter);
  const that = (name: string, work: () => Promise<void>) => test(name, { skip }, work);

  that('what is put is read back, whole, in ranges, and as an entry with its size', async () => {
    const store = open();
    await store.put('tables/a/part 1é.bin', bytes('hello world'));
    assert.equal(await textOf('tables/a/part 1é.bin'), 'hello world');
    assert.equal(Buffer.from(await store.getRange('tables/a/part 1é.bin', 6, 3)).toString(), 'wor');
    assert.equal((await store.getRange('tables/a/part 1é.bin', 9, 100)).length, 2);
    assert.equal((await store.getRange('tables/a/part 1é.bin', 50, 10)).length, 0);
    assert.equal((await store.head('tables/a/part 1é.bin'))?.sizeBytes, 11);
    await store.put('tables/a/part 1é.bin', bytes('anew'));
    assert.equal(await textOf('tables/a/part 1é.bin'), 'anew');
  });

  that('a key that is not there is null for head, an error that says so for get, and nothing to delete', async () => {
    const store = open();
    assert.equal(await store.head('no/such'), null);
    await assert.rejects(store.get('no/such'), hasCode('OBJECT_NOT_FOUND'));
    await assert.rejects(store.getRange('no/such', 0, 1), hasCode('OBJECT_NOT_FOUND'));
    await store.put('a/b', bytes('1'));
    assert.equal(await store.head('a'), null);
    await assert.rejects(store.get('a'), hasCode('OBJECT_NOT_FOUND'));
    await store.delete('no/such');
    await store.deletePrefix('no/');
  });

  that('keys that could leave the root or mean two places are refused by every call', async () => {
    const store = open();
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

  that('a listing gives keys in byte order, from where it is told', async () => {
    const store = open();
    const all = ['a-b', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'a0', 'aé', 'a\u{ffff}', 'a\u{1f600}'];
    for (const key of all.toReversed()) await store.put(key, bytes('1'));
    assert.deepEqual(await keys(''), all);
    assert.deepEqual(await keys('a/'), ['a/1', 'a/2/x', 'a/2/y', 'a/3']);
    assert.deepEqual(await keys('a/', 'a/2/x'), ['a/2/y', 'a/3']);
    assert.deepEqual(await keys('a/', 'a/2'), ['a/2/x', 'a/2/y', 'a/3']);
    assert.deepEqual(await keys('a/', 'a/2/zz'), ['a/3']);
    assert.deepEqual(await keys('a0'), ['a0']);
    assert.deepEqual(await keys('nothing/'), []);
  });

  that('putIfAbsent never replaces', async () => {
    assert.equal(await open().putIfAbsent('k', bytes('first')), true);
    assert.equal(await open().putIfAbsent('k', bytes('second')), false);
    assert.equal(await textOf('k'), 'first');
  });

  that('of processes that race for the same keys exactly one wins each, and the key holds what it wrote', async () => {
    const racers = ['one', 'two', 'three'].map(async (name) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'racer.ts'), opened(), 'race', name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
      await once(child, 'close');
      return { name, won: JSON.parse(Buffer.concat(output).toString()) as number[] };
    });
    const winners = new Map<number, string>();
    for (const { name, won } of await Promise.all(racers)) {
      for (const version of won) {
        assert.equal(winners.has(version), false, `version ${version} has two winners`);
        winners.set(version, name);
      }
    }
    assert.equal(winners.size, 200);
    for (const [version, name] of winners)
      assert.equal(await textOf(`log/${String(version).padStart(20, '0')}.json`), `${name} ${version}\n`.repeat(50));
  });

  that(
    'a stream is invisible until it is committed; an aborted one leaves nothing, and one may get its key late',
    async () => {
      const store = open();
      const mine = await store.writer('data/mine.bin');
      await mine.write(bytes('half '));
      assert.deepEqual(await keys(''), []);
      await mine.write(bytes('whole'));
      assert.equal((await mine.commit()).sizeBytes, 10);
      assert.equal(await textOf('data/mine.bin'), 'half whole');
      const gone = await store.writer('data/gone.bin');
      await gone.write(bytes('x'));
      await gone.abort();
      const late = await store.writer('results/unknown');
      await late.write(bytes('content'));
      assert.equal((await late.commit('results/hash.arrow')).key, 'results/hash.arrow');
      assert.deepEqual(await keys(''), ['data/mine.bin', 'results/hash.arrow']);
    },
  );

  that(
    'files that the engine wrote get their keys without replacing anything, and the engine finds them there',
    async () => {
      const store = open();
      const stage = await store.stage();
      await writeFile(join(stage.folder, 'one'), 'data');
      await writeFile(join(stage.folder, 'two'), 'rest');
      assert.equal(await stage.publish(join(stage.folder, 'one'), 'tables/t/one.parquet'), true);
      assert.equal(await stage.publish(join(stage.folder, 'two'), 'tables/t/one.parquet'), false);
      await assert.rejects(stage.publish('/etc/hostname', 'tables/t/two'), hasCode('FILE_NOT_STAGED'));
      await stage.discard();
      assert.deepEqual(await keys(''), ['tables/t/one.parquet']);
      await store.localise(['tables/t/one.parquet']);
      assert.equal(await readFile(store.engineUri('tables/t/one.parquet'), 'utf8'), 'data');
    },
  );

  that('deleting a prefix removes what is below it and nothing beside it', async () => {
    const store = open();
    for (const key of ['t/1/a', 't/1/b/c', 't/10/a']) await store.put(key, bytes('1'));
    await store.deletePrefix('t/1/');
    assert.deepEqual(await keys(''), ['t/10/a']);
  });
}
