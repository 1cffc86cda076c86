import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '@boathouse/contracts';
import { parseS3Url } from '../index.ts';
import { createS3Store } from '../s3/store.ts';
import { bytes, hasCode, keysOf, storeContract } from './contract.ts';
import { type FaultyWay, faultyWay } from './s3-proxy.ts';
import { type S3Server, withoutS3 as skip, startS3 } from './s3-server.ts';

let server: S3Server;
let way: FaultyWay;
let prefix: string;
let store: ObjectStore;
before(async () => {
  if (skip) return;
  server = await startS3();
  way = await faultyWay(server.endpoint);
});
beforeEach(() => {
  if (skip) return;
  prefix = `lakes/${crypto.randomUUID()}`;
  store = server.open({ prefix });
});
afterEach(() => {
  if (!skip) way.fault = () => null;
});
after(async () => {
  await way?.stop();
  await server?.stop();
});

storeContract(
  () => store,
  () => JSON.stringify(server.options({ prefix })),
  skip,
);

const digest = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');
/** The same objects by a way that may break. */
const faulty = () => server.open({ prefix, endpoint: way.endpoint });

test('a listing goes on over many pages, and over objects that no key can name', { skip }, async () => {
  const names = Array.from({ length: 1050 }, (_, index) => `log/${String(index).padStart(5, '0')}`);
  for (let start = 0; start < names.length; start += 50)
    await Promise.all(names.slice(start, start + 50).map((key) => store.put(key, bytes(key))));
  const client = new S3Client(clientOptions());
  for (const odd of ['log/', 'log//x', 'log/00001/'])
    await client.send(new PutObjectCommand({ Bucket: server.bucket, Key: `${prefix}/${odd}`, Body: 'x' }));
  client.destroy();
  assert.deepEqual(await keysOf(store, 'log/'), names);
  assert.deepEqual(await keysOf(store, 'log/', 'log/01047'), ['log/01048', 'log/01049']);
  await store.deletePrefix('log/');
  assert.deepEqual(await keysOf(store, ''), []);
});

const clientOptions = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

test('a large body goes in parts, whole, and only where nothing is', { skip }, async () => {
  const requests: string[] = [];
  way.fault = ({ method, url }) => {
    requests.push(`${method} ${url?.includes('partNumber') ? 'part' : ''}`);
    return null;
  };
  const large = faulty();
  const body = randomBytes(40 * 1024 * 1024);
  assert.equal(await large.putIfAbsent('large.bin', body), true);
  assert.equal(requests.filter((line) => line === 'PUT part').length, 3);
  assert.equal(digest(await store.get('large.bin')), digest(body));
  assert.equal(await large.putIfAbsent('large.bin', randomBytes(body.length)), false);
  assert.equal(digest(await store.get('large.bin')), digest(body));
});

test('a write whose answer was lost is known as one’s own, alone and in parts; another’s is not', {
  skip,
}, async () => {
  const unsure = faulty();
  for (const [key, size] of [
    ['small', 10],
    ['large', 20 * 1024 * 1024],
  ] as const) {
    let cuts = 0;
    way.fault = ({ method, url }) => {
      const isEffect = size < 1000 ? method === 'PUT' : method === 'POST' && !!url?.includes('uploadId');
      return isEffect && cuts++ === 0 ? 'cut' : null;
    };
    assert.equal(await unsure.putIfAbsent(key, Buffer.alloc(size, 1)), true, key);
    assert.ok(cuts >= 2, `${key} was sent again`);
    assert.equal((await store.head(key))?.sizeBytes, size);
  }
  await store.put('taken', bytes('theirs'));
  let cuts = 0;
  way.fault = ({ method }) => (method === 'PUT' && cuts++ === 0 ? 'cut' : null);
  assert.equal(await unsure.putIfAbsent('taken', bytes('mine')), false);
  assert.equal(Buffer.from(await store.get('taken')).toString(), 'theirs');
});

test('a connection that breaks within a body is met by asking again, and never gives half of it', {
  skip,
}, async () => {
  const body = randomBytes(100_000);
  await store.put(named(7), body);
  for (const breaks of [1, 100]) {
    let broken = 0;
    way.fault = ({ method }) => (method === 'GET' && broken++ < breaks ? 'half' : null);
    const reader = faulty();
    const got = reader.get(named(7));
    const localised = got.catch(() => undefined).then(() => reader.localise([named(7)]));
    if (breaks === 1) {
      assert.equal(digest(await got), digest(body));
      broken = 0;
      await localised;
      assert.equal(digest(await readFile(reader.engineUri(named(7)))), digest(body));
    } else {
      await assert.rejects(got, hasCode('STORAGE_UNREACHABLE'));
      await assert.rejects(localised, hasCode('STORAGE_UNREACHABLE'));
      assert.equal(existsSync(reader.engineUri(named(7))), false);
    }
  }
});

test('a conflict with a write under way (409) is tried again', { skip }, async () => {
  let conflicts = 0;
  way.fault = ({ method }) =>
    method === 'PUT' && conflicts++ < 2 ? { status: 409, code: 'ConditionalRequestConflict' } : null;
  assert.equal(await faulty().putIfAbsent('k', bytes('x')), true);
  assert.equal(conflicts, 3);
});

test('what a store refuses says what to do', { skip }, async () => {
  const refused = faulty();
  for (const [status, code, expected] of [
    [403, 'AccessDenied', 'STORAGE_PERMISSION_DENIED'],
    [403, 'InvalidAccessKeyId', 'STORAGE_CREDENTIALS_INVALID'],
    [400, 'ExpiredToken', 'STORAGE_CREDENTIALS_INVALID'],
    [403, 'RequestTimeTooSkewed', 'STORAGE_CLOCK_SKEWED'],
    [501, 'NotImplemented', 'STORAGE_WITHOUT_CONDITIONAL_WRITES'],
  ] as const) {
    way.fault = () => ({ status, code });
    await assert.rejects(refused.putIfAbsent('k', bytes('x')), hasCode(expected), code);
  }
  way.fault = () => ({ status: 403, code: 'AccessDenied' });
  await assert.rejects(refused.get('k'), hasCode('STORAGE_PERMISSION_DENIED'));
  await assert.rejects(refused.head('k'), hasCode('STORAGE_PERMISSION_DENIED'));
  await assert.rejects(keysOf(refused, ''), hasCode('STORAGE_PERMISSION_DENIED'));
  await assert.rejects(refused.localise(['k']), hasCode('STORAGE_PERMISSION_DENIED'));
});

test('an endpoint that is no address is refused by name', { skip }, () => {
  for (const endpoint of ['nonsense', 'ftp://host', 'host:9000'])
    assert.throws(() => server.open({ endpoint }), hasCode('INVALID_STORAGE_ENDPOINT'), endpoint);
});

test('a bucket that is not there and a server that does not answer are told apart', { skip }, async () => {
  const elsewhere = server.open({ bucket: 'no-such-bucket' });
  await assert.rejects(keysOf(elsewhere, ''), hasCode('STORAGE_BUCKET_NOT_FOUND'));
  await assert.rejects(elsewhere.putIfAbsent('k', bytes('x')), hasCode('STORAGE_BUCKET_NOT_FOUND'));
  const closed = await faultyWay(server.endpoint);
  await closed.stop();
  const away = server.open({ endpoint: closed.endpoint });
  await assert.rejects(away.get('k'), hasCode('STORAGE_UNREACHABLE'));
  await assert.rejects(away.putIfAbsent('k', bytes('x')), hasCode('STORAGE_UNREACHABLE'));
});

test('a server that ignores conditions is found out before anything is written by one', { skip }, async () => {
  way.isIgnorant = true;
  try {
    await store.put('log/0', bytes('theirs'));
    const ignorant = faulty();
    await assert.rejects(ignorant.putIfAbsent('log/0', bytes('mine')), hasCode('STORAGE_WITHOUT_CONDITIONAL_WRITES'));
    await assert.rejects(ignorant.putIfAbsent('log/1', bytes('mine')), hasCode('STORAGE_WITHOUT_CONDITIONAL_WRITES'));
    assert.equal(Buffer.from(await store.get('log/0')).toString(), 'theirs');
    assert.deepEqual(await keysOf(store, ''), ['log/0']);
  } finally {
    way.isIgnorant = false;
  }
});

const named = (index: number) => `t/part-${index}-00000000-0000-4000-8000-${String(index).padStart(12, '0')}.parquet`;

test('a copy is made once, shared by stores with the same folder, and lasts when they close', { skip }, async () => {
  let reads = 0;
  way.fault = ({ method }) => {
    if (method === 'GET') reads++;
    return null;
  };
  await store.put(named(1), bytes('rows'));
  const cache = { folder: join(server.folder, 'shared') };
  const open = () => createS3Store(server.options({ prefix, endpoint: way.endpoint, cache }));
  await Promise.all([open(), open()].map((one) => one.localise([named(1), named(1)])));
  const before = reads;
  const last = open();
  await last.localise([named(1)]);
  assert.equal(reads, before);
  assert.equal(await readFile(last.engineUri(named(1)), 'utf8'), 'rows');
  await assert.rejects(last.localise([named(1), named(2)]), hasCode('OBJECT_NOT_FOUND'));
});

test('a file of the engine is its own copy: nothing is fetched to read it', { skip }, async () => {
  way.fault = ({ method }) => (method === 'GET' ? { status: 500, code: 'InternalError' } : null);
  const writer = faulty();
  const stage = await writer.stage();
  await writeFile(join(stage.folder, 'data'), 'rows');
  await stage.publish(join(stage.folder, 'data'), named(3));
  await stage.discard();
  await writer.localise([named(3)]);
  assert.equal(await readFile(writer.engineUri(named(3)), 'utf8'), 'rows');
});

test('a name that may be given anew is asked for again, and fetched only where it changed', { skip }, async () => {
  const key = 't/_delta_log/00000000000000000010.checkpoint.parquet';
  await store.put(key, bytes('first'));
  const answers: string[] = [];
  way.fault = ({ method, headers }) => {
    answers.push(`${method} ${headers['if-none-match'] ? 'if changed' : 'all'}`);
    return null;
  };
  const reader = faulty();
  await reader.localise([key]);
  await reader.localise([key]);
  assert.deepEqual(answers, ['GET all', 'GET if changed']);
  await store.put(key, bytes('second'));
  await reader.localise([key]);
  assert.equal(await readFile(reader.engineUri(key), 'utf8'), 'second');
});

test('copies beyond the limit go, those first that were not used for longest; those in use stay', {
  skip,
}, async () => {
  let nowMs = 1_000_000_000_000;
  const cache = { folder: join(server.folder, 'small'), maxBytes: 3500, inUseMs: 1000 };
  const small = createS3Store(server.options({ prefix, cache, clock: () => nowMs }));
  for (let index = 0; index < 6; index++) await store.put(named(index), Buffer.alloc(1000, index));
  const held = () => [0, 1, 2, 3, 4, 5].filter((index) => existsSync(small.engineUri(named(index))));
  for (const index of [0, 1, 2]) {
    nowMs += 10_000;
    await small.localise([named(index)]);
  }
  nowMs += 10_000;
  await small.localise([named(0)]);
  nowMs += 10_000;
  await small.localise([named(3)]);
  assert.deepEqual(held(), [0, 2, 3]);
  nowMs += 10_000;
  await small.localise([0, 1, 2, 3, 4, 5].map(named));
  assert.deepEqual(held(), [0, 1, 2, 3, 4, 5]);
  nowMs += 10_000;
  await small.localise([named(5)]);
  assert.equal(held().length, 3);
  assert.ok(held().includes(5));
});

test('a URL names a bucket and a folder in it', () => {
  assert.deepEqual(parseS3Url('s3://lake/tables/t/'), { bucket: 'lake', key: 'tables/t' });
  assert.deepEqual(parseS3Url('s3a://lake/t'), { bucket: 'lake', key: 't' });
  assert.equal(parseS3Url('/tables/t'), null);
  for (const bad of ['s3://', 's3://lake', 's3://lake/'])
    assert.throws(() => parseS3Url(bad), hasCode('INVALID_STORAGE_URL'), bad);
  assert.throws(() => parseS3Url('s3://lake/a/../b'), hasCode('INVALID_OBJECT_KEY'));
});
