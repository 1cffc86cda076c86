import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDelta } from '@boathouse/delta';
import { openDuckDb } from '@boathouse/engine';
import { type S3Server, withoutS3 as skip, startS3 } from '../../../../packages/storage/test/s3-server.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
let server: S3Server;
let cache = '';
before(async () => {
  if (skip) return;
  server = await startS3();
  cache = join(server.folder, 'command');
  const folder = join(server.folder, 'writer');
  const engine = await openDuckDb({
    memoryLimitBytes: 1 << 28,
    threads: 1,
    tempDirectory: join(server.folder, 'spill'),
    allowedDirectories: [folder],
  });
  const delta = createDelta({ store: server.open({ prefix: 'lake', cache: { folder } }), engine });
  await delta.create('boats', { columns: [{ name: 'id', type: 'bigint', nullable: true }] });
  for (const id of [1, 2]) await delta.insert('boats', { mode: 'append', rows: `SELECT ${id} AS id` });
  await delta.idle();
  await engine.close();
});
after(() => server?.stop());

/** The command as a user starts it, on the environment of AWS's own tools. */
async function boathouse(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'apps/cli/main.ts', 'delta', ...args],
    {
      cwd: root,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        BOATHOUSE_CACHE: cache,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = await once(child, 'close');
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

const url = 's3://lake/lake/boats';

test('the command reads and maintains a table in a bucket', { skip }, async () => {
  const rows = await boathouse('rows', url, '--format', 'json', '--where', 'id > 1');
  assert.deepEqual([rows.code, rows.err, JSON.parse(rows.out)], [0, '', [{ id: 2 }]]);
  const detail = await boathouse('detail', 's3a://lake/lake/boats/', '--format', 'json');
  assert.match(detail.out, /"numFiles": ?2/);
  assert.equal((await boathouse('optimize', url)).code, 0);
  assert.equal((await boathouse('checkpoint', url)).code, 0);
  const checked = await boathouse('fsck', url);
  assert.deepEqual([checked.code, checked.err], [0, '']);
  const mended = await boathouse('rows', url, '--format', 'csv');
  assert.equal(mended.out.trim().split(/\s+/).sort().join(), '1,2,id');
  assert.ok(existsSync(join(cache, 'objects')), 'copies are kept for the next command');
  assert.ok(readdirSync(join(cache, 'unfinished')).length <= 1, 'of ended commands nothing unfinished is left');
});

test('what is no table and what is no place for one is said in a sentence', { skip }, async () => {
  const missing = await boathouse('rows', 's3://lake/nothing');
  assert.deepEqual([missing.code, missing.out], [1, '']);
  assert.equal(missing.err, 's3://lake/nothing is no Delta table: it has no _delta_log folder.\n');
  const bucket = await boathouse('rows', 's3://no-such-bucket/t');
  assert.match(bucket.err, /^There is no bucket "no-such-bucket" at http.*\n$/);
});
