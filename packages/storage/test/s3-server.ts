import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '@boathouse/contracts';
import type { S3StoreOptions } from '../index.ts';
import { createS3Store } from '../s3/store.ts';

/** Python with moto, as `.ci/peers/s3.sh` installs it. */
const python =
  process.env.BOATHOUSE_S3_PYTHON ?? join(import.meta.dirname, '../../../node_modules/.cache/boathouse/s3/bin/python');

/** Why tests that need an S3 server are skipped; false where they are not. */
export const withoutS3 = existsSync(python) ? false : 'needs an S3 server: .ci/peers/s3.sh installs one';

export interface S3Server {
  endpoint: string;
  bucket: string;
  folder: string;
  /** A store as of another machine: with copies of its own. */
  open(options?: Partial<S3StoreOptions>): ObjectStore;
  /** What another process needs to open a store. */
  options(more?: Partial<S3StoreOptions>): S3StoreOptions;
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Starts an S3 server with one empty bucket. */
export async function startS3(): Promise<S3Server> {
  const child = spawn(python, [join(import.meta.dirname, 's3-server.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('The S3 server did not start.'))),
  ])) as [string];
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = 'lake';
  const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  const folder = await mkdtemp(join(tmpdir(), 'boathouse-s3-'));
  let opened = 0;
  const options = (more: Partial<S3StoreOptions> = {}): S3StoreOptions => ({
    endpoint,
    bucket,
    credentials,
    cache: { folder: join(folder, `cache-${++opened}`) },
    ...more,
  });
  return {
    endpoint,
    bucket,
    folder,
    options,
    open: (more) => createS3Store(options(more)),
    async stop() {
      if (child.exitCode === null) {
        child.kill();
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
