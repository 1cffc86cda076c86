import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type FaultyWay, faultyWay } from '../../storage/test/s3-proxy.ts';
import { type S3Server, withoutS3 as skip, startS3 } from '../../storage/test/s3-server.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

/** Python with delta-rs, as `.ci/peers/s3.sh` gives it. */
const peer = process.env.BOATHOUSE_PEERS_PYTHON;
const withoutPeer = skip || (peer ? false : 'needs delta-rs: .ci/peers/s3.sh gives it');

let server: S3Server;
let way: FaultyWay;
let prefix: string;
let room: Room;
before(async () => {
  if (skip) return;
  server = await startS3();
  way = await faultyWay(server.endpoint);
});
beforeEach(async () => {
  if (skip) return;
  prefix = `lake/${crypto.randomUUID()}`;
  way.fault = () => null;
  room = await openRoom((folder) => server.open({ prefix, endpoint: way.endpoint, cache: { folder } }));
});
afterEach(async () => {
  if (!skip) await room.close();
});
after(async () => {
  await way?.stop();
  await server?.stop();
});

const columns = [column('id', 'bigint'), column('p', 'string')];
const append = (rows: string) => room.delta.insert('t', { mode: 'append', rows });
/** The same bucket from another machine: nothing is known or copied there. */
const elsewhere = () => openRoom((folder) => server.open({ prefix, cache: { folder } }));

async function keysUnder(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of room.store.list(folder)) found.push(key);
  return found;
}

test('a table in a bucket lives as one in a folder: rows, changes, vectors, checkpoints, versions', {
  skip,
}, async () => {
  const { delta } = room;
  await delta.create('t', {
    columns,
    partitionColumns: ['p'],
    properties: { 'delta.enableDeletionVectors': 'true', 'delta.enableChangeDataFeed': 'true' },
  });
  await append("SELECT range AS id, CASE WHEN range % 2 = 0 THEN 'even' ELSE 'odd + 1' END AS p FROM range(5000)");
  await delta.delete('t', { where: 'target."id" % 3 = 0' });
  await delta.update('t', { where: 'target."id" = 4', set: [{ column: 'id', value: '-4' }] });
  await delta.merge('t', {
    source: "(SELECT * FROM (VALUES (-4, 'even'), (9999, 'new')) AS s(id, p))",
    on: 'target."id" = source."id"',
    matched: [{ condition: null, action: { kind: 'delete' } }],
    notMatched: [
      {
        condition: null,
        values: [
          { column: 'id', value: 'source."id"' },
          { column: 'p', value: 'source."p"' },
        ],
      },
    ],
    notMatchedBySource: [],
  });
  await delta.checkpoint('t');
  await append("SELECT 10000 AS id, 'even' AS p");
  const expected = [
    ...Array.from({ length: 5000 }, (_, id) => [BigInt(id), id % 2 ? 'odd + 1' : 'even'] as const).filter(
      ([id]) => id % 3n !== 0n && id !== 4n,
    ),
    [9999n, 'new'],
    [10000n, 'even'],
  ].sort(([left], [right]) => (left! < right! ? -1 : 1));
  assert.deepEqual(await room.read('t'), expected);
  assert.equal((await room.read('t', 1)).length, 5000);

  const other = await elsewhere();
  try {
    assert.deepEqual(await other.read('t'), expected);
    // What a checkpoint says needs no commits before it.
    for (const key of (await keysUnder('t/_delta_log/')).filter((key) => /0000[0-3]\.json$/.test(key)))
      await room.store.delete(key);
    const third = other.other({ filesInMemory: 1 });
    assert.equal((await third.prune(await third.snapshot('t'), [])).filesTotal, 4);
    await other.delta.optimize('t', {});
    assert.deepEqual(await other.read('t'), expected);
    assert.deepEqual(await room.read('t'), expected);
  } finally {
    await other.close();
  }
});

test('a clone refers to files by their URL in the bucket, and reads them', { skip }, async () => {
  await room.delta.create('t', { columns });
  await append("SELECT 1 AS id, 'a' AS p");
  const outside = room.other({ allowOutside: (uri) => uri.startsWith('s3://lake/') });
  await outside.clone('t', 'shallow', { mode: 'shallow' });
  const [file] = await (await outside.snapshot('shallow')).files();
  assert.match(file!.path, new RegExp(`^s3://lake/${prefix}/t/part-`));
  const snapshot = await outside.snapshot('shallow');
  const relation = await outside.relation(snapshot, await snapshot.files(), ['id']);
  assert.deepEqual(await room.engine.rows(`SELECT * FROM ${relation}`), [{ id: 1n }]);
});

test('vacuum takes removed files out of the bucket when their time is over', { skip }, async () => {
  await room.delta.create('t', { columns });
  await append("SELECT 1 AS id, 'a' AS p");
  await room.delta.insert('t', { mode: 'overwrite', rows: "SELECT 2 AS id, 'b' AS p" });
  const later = room.other({ clock: () => Date.now() + 8 * 864e5 });
  const { files } = await later.vacuum('t', {});
  assert.equal(files.length, 1);
  assert.equal((await keysUnder('t/')).filter((key) => key.endsWith('.parquet')).length, 1);
  assert.deepEqual(await room.read('t'), [[2n, 'b']]);
});

test('processes that write side by side leave every row once, and every version has one writer', { skip }, async () => {
  await room.delta.create('t', { columns: [column('app', 'string'), column('n', 'int')] });
  const count = 12;
  const apps = ['one', 'two'];
  await Promise.all(
    apps.map(async (app) => {
      const options = JSON.stringify(server.options({ prefix }));
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'committer-process.ts'), options, app, String(count)],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      assert.deepEqual(await once(child, 'close'), [0, null]);
    }),
  );
  const expected = apps.flatMap((app) => Array.from({ length: count }, (_, index) => [app, index + 1]));
  assert.deepEqual(await room.read('t'), expected);
  assert.equal(await room.delta.latestVersion('t'), count * apps.length);
});

test('delta-rs and we append side by side in one bucket, and each reads all rows', { skip: withoutPeer }, async () => {
  await room.delta.create('t', { columns, partitionColumns: ['p'] });
  await append("SELECT range AS id, CASE WHEN range % 2 = 0 THEN 'a b' ELSE 'c+d' END AS p FROM range(100)");
  await room.delta.checkpoint('t');
  const count = 4;
  const python = spawn(
    peer!,
    [join(import.meta.dirname, 's3-peer.py'), room.store.uri('t'), server.endpoint, `${count}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const output: Buffer[] = [];
  python.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  const ended = once(python, 'close');
  for (let n = 0; n < count; n++) await append(`SELECT ${1000 + n} AS id, 'a b' AS p`);
  assert.deepEqual(await ended, [0, null]);
  assert.equal(await room.delta.latestVersion('t'), 1 + 2 * count);
  const ids = (await room.read('t')).map(([id]) => Number(id));
  const expected = [-4, -3, -2, -1, ...Array.from({ length: 100 }, (_, id) => id), 1000, 1001, 1002, 1003];
  assert.deepEqual(ids, expected);
  const [, rows] = Buffer.concat(output).toString().trim().split(' ').map(Number);
  assert.ok(rows! >= 100 + count, `delta-rs saw ${rows} rows`);
});

test('a commit of which no answer came is known by its transaction, and not made twice', { skip }, async () => {
  await room.delta.create('t', { columns });
  const adds = await room.delta.writeFiles(
    { location: 't', columns, partitionColumns: [] },
    "SELECT 1 AS id, 'a' AS p",
  );
  let hidden = 0;
  let sent = 0;
  // Neither the write nor the store's own look at it is answered: the log is asked once the way is open again.
  way.fault = ({ method, url }) => {
    if (!url?.includes('00000000000000000001.json')) return null;
    if (method === 'PUT') {
      sent++;
      return 'cut';
    }
    return method === 'HEAD' && sent > 0 && hidden++ < 4 ? 'cut' : null;
  };
  const { version } = await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  assert.equal(version, 1);
  assert.ok(sent > 1 && hidden > 4, `sent ${sent} times, looked ${hidden} times`);
  assert.equal(await room.delta.latestVersion('t'), 1);
  assert.deepEqual(await room.read('t'), [[1n, 'a']]);
});

test('a second scan reads the copies, and fetches nothing', { skip }, async () => {
  await room.delta.create('t', { columns });
  await append("SELECT 1 AS id, 'a' AS p");
  const other = await openRoom((folder) => server.open({ prefix, endpoint: way.endpoint, cache: { folder } }));
  try {
    let fetched = 0;
    way.fault = ({ method, url }) => {
      if (method === 'GET' && url?.includes('.parquet')) fetched++;
      return null;
    };
    await other.read('t');
    await other.read('t');
    assert.equal(fetched, 1);
    const [file] = await (await other.delta.snapshot('t')).files();
    assert.ok(existsSync(other.store.engineUri(`t/${file!.path}`)));
  } finally {
    await other.close();
  }
});

test('a data file that is gone from the bucket is named, and no part of the rows is given', { skip }, async () => {
  await room.delta.create('t', { columns });
  await append("SELECT 1 AS id, 'a' AS p");
  await append("SELECT 2 AS id, 'a' AS p");
  const [file] = await (await room.delta.snapshot('t')).files();
  await room.store.delete(`t/${file!.path}`);
  await assert.rejects(room.read('t'), hasCode('OBJECT_NOT_FOUND', file!.path));
});

test('without the right to write, a table is read and not changed, and what is missing is said', { skip }, async () => {
  await room.delta.create('t', { columns });
  await append("SELECT 1 AS id, 'a' AS p");
  way.fault = ({ method }) => (method === 'PUT' ? { status: 403, code: 'AccessDenied' } : null);
  await assert.rejects(append("SELECT 2 AS id, 'a' AS p"), hasCode('STORAGE_PERMISSION_DENIED', 's3:PutObject'));
  assert.deepEqual(await room.read('t'), [[1n, 'a']]);
});
