import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamPoint } from '../index.ts';
import { Crash, crashAt, openStream } from './helper.ts';

const points: StreamPoint[] = ['discovered', 'offsetsRecorded', 'sinkWritten', 'commitRecorded'];

test('each file is read once, however often the stream runs', async (t) => {
  const stream = await openStream(t);
  await stream.put('a', 1, 2);
  await stream.put('b', 3);
  assert.equal((await stream.drive()).batches, 1);
  assert.equal((await stream.drive()).batches, 0);
  await stream.put('c', 4);
  const end = await stream.drive();
  assert.deepEqual([end.batches, end.ends], [1, { files: 3 }]);
  assert.deepEqual(await stream.values(), [1, 2, 3, 4]);
  assert.equal(await stream.version(), 2, 'a run without news commits nothing');
});

test('a batch holds at most the files of one trigger, and one call reads all that was there', async (t) => {
  const stream = await openStream(t);
  for (let i = 0; i < 5; i++) await stream.put(`f${i}`, i);
  const end = await stream.drive({
    maxFiles: 2,
    // What comes while the stream runs waits for the next one.
    at: async (point, batchId) => {
      if (point === 'sinkWritten' && batchId === 0) await stream.put('late', 99);
    },
  });
  assert.equal(end.batches, 3);
  assert.deepEqual(await stream.values(), [0, 1, 2, 3, 4]);
  await stream.drive();
  assert.deepEqual(await stream.values(), [0, 1, 2, 3, 4, 99]);
});

for (const point of points) {
  for (const batch of [0, 1]) {
    test(`killed at ${point} of batch ${batch}, the next driver gives the same table`, async (t) => {
      const stream = await openStream(t);
      for (let i = 0; i < 3; i++) await stream.put(`f${i}`, i * 10, i * 10 + 1);
      const at = crashAt(point, batch);
      // Only before the first batch of a call does a stream look for files.
      if (point === 'discovered' && batch === 1) await stream.drive({ maxFiles: 3 });
      await assert.rejects(stream.drive({ maxFiles: 1, at }), Crash);
      await stream.put('after', 77);
      await stream.drive({ maxFiles: 1 });
      assert.deepEqual(await stream.values(), [0, 1, 10, 11, 20, 21, 77]);
      assert.deepEqual(await stream.keys('commits'), await stream.keys('offsets'));
    });
  }
}

test('a batch that the table has is not run again where its commit entry was lost', async (t) => {
  const stream = await openStream(t);
  await stream.put('a', 1);
  await stream.put('b', 2);
  await stream.drive({ maxFiles: 1 });
  await stream.forgetCommit(1);
  const again = await stream.drive();
  assert.deepEqual([again.batches, again.written], [1, []]);
  assert.deepEqual(await stream.values(), [1, 2]);
  assert.deepEqual(await stream.keys('commits'), ['0', '1']);
});

test('of two drivers on one checkpoint the second is stopped and the table has each row once', async (t) => {
  const stream = await openStream(t);
  await stream.put('a', 1);
  await stream.put('b', 2);
  let second: Promise<unknown> | undefined;
  await stream
    .drive({
      maxFiles: 1,
      at: async (point, batchId) => {
        if (point !== 'offsetsRecorded' || batchId !== 0) return;
        second = stream.drive({ maxFiles: 1 });
        await second.catch(() => {});
      },
    })
    .catch((error) => {
      assert.equal(error.code, 'CONCURRENT_STREAM_UPDATE');
    });
  await second!.catch((error) => assert.equal(error.code, 'CONCURRENT_STREAM_UPDATE'));
  await stream.drive();
  assert.deepEqual(await stream.values(), [1, 2]);
});

test('two drivers that begin at once: one is told that another works on the stream', async (t) => {
  const stream = await openStream(t);
  for (let i = 0; i < 4; i++) await stream.put(`f${i}`, i);
  const ends = await Promise.allSettled([stream.drive({ maxFiles: 1 }), stream.drive({ maxFiles: 1 })]);
  const refused = ends.filter((end) => end.status === 'rejected');
  for (const end of refused) assert.equal(end.reason.code, 'CONCURRENT_STREAM_UPDATE');
  assert.ok(refused.length <= 1);
  await stream.drive();
  assert.deepEqual(await stream.values(), [0, 1, 2, 3]);
});

test('a file that changed after it was read is reported and not read again', async (t) => {
  const stream = await openStream(t);
  await stream.put('a', 1);
  await stream.drive();
  await stream.put('a', 1, 2, 3);
  const { changed, batches } = await stream.drive();
  assert.deepEqual([changed, batches], [['landing/a'], 0]);
  assert.deepEqual(await stream.values(), [1]);
});

test('the list of files stays whole while its segments are joined', async (t) => {
  const stream = await openStream(t);
  for (let i = 0; i < 30; i++) {
    await stream.put(`f${i}`, i);
    await stream.drive();
  }
  const segments = await stream.keys('sources/files');
  assert.ok(segments.length < 22, segments.join(' '));
  assert.equal((await stream.drive()).ends.files, 30);
  assert.deepEqual(
    await stream.values(),
    Array.from({ length: 30 }, (_, i) => i),
  );
});

test('old entries of the log go as new ones come', async (t) => {
  const stream = await openStream(t);
  for (let i = 0; i < 105; i++) await stream.put(`f${i}`, i);
  await stream.drive({ maxFiles: 1 });
  assert.equal((await stream.keys('offsets')).length, 100);
  assert.equal((await stream.values()).length, 105);
});
