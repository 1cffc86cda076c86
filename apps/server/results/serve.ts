import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BoathouseError,
  type ObjectStore,
  RESULT_MIME,
  RESULT_OFFSET_HEADER,
  RESULT_ROWS_HEADER,
  RESULT_TOTAL_HEADER,
  ResultManifest,
  userError,
} from '@boathouse/contracts';
import { readWindow } from '@boathouse/engine/results';
import type { Compute } from '../compute/index.ts';
import { type Reply, reply } from '../http/reply.ts';
import type { RunRecord, RunService } from '../runs/index.ts';

export const resultExpired = () =>
  userError(
    'RESULT_EXPIRED',
    'This result is not kept any more (results have an age limit and a quota). Run it again.',
    { status: 410 },
  );

/** The run's last result, or the one with this hash among those that a cell displayed. Throws where there is none. */
export async function findResult(runs: RunService, run: RunRecord, hash: string | undefined): Promise<ResultManifest> {
  if (run.result && (!hash || run.result.hash === hash)) return run.result;
  if (hash) {
    for (let after = 0; ; ) {
      const rows = await runs.runStore.events(run.id, after, 1000);
      for (const { event } of rows) {
        const found =
          event.type === 'result'
            ? event.result
            : event.type === 'display'
              ? ResultManifest.safeParse(event.data[RESULT_MIME]).data
              : undefined;
        if (found?.hash === hash) return found;
      }
      if (rows.length < 1000) break;
      after = rows.at(-1)!.seq;
    }
  }
  throw userError(
    'RESULT_NOT_FOUND',
    run.state === 'succeeded' ? 'This run has no such result.' : 'This run has no result yet.',
    { status: 404 },
  );
}

const tagOf = (hash: string, offset: number, rows: number): string => `"${hash.slice(0, 32)}-${offset}-${rows}"`;

/** A window as Arrow IPC. The content never changes under its hash, so a browser may keep it. */
export async function serveWindow(
  store: ObjectStore,
  manifest: ResultManifest,
  offset: number,
  rows: number,
  ifNoneMatch: string | undefined,
): Promise<Reply> {
  const etag = tagOf(manifest.hash, offset, rows);
  const headers = { etag, 'cache-control': 'private, max-age=0, must-revalidate' };
  if (ifNoneMatch === etag) return reply({ status: 304, headers });
  const window = await readWindow(store, manifest, offset, rows).catch(expired);
  return reply({
    headers: {
      ...headers,
      'content-type': 'application/vnd.apache.arrow.stream',
      'content-length': String(window.bytes.length),
      [RESULT_OFFSET_HEADER]: String(window.rowOffset),
      [RESULT_ROWS_HEADER]: String(window.rows),
      [RESULT_TOTAL_HEADER]: String(manifest.rowCount),
    },
    bytes: window.bytes,
  });
}

export function expired(error: unknown): never {
  if (error instanceof BoathouseError && error.code === 'OBJECT_NOT_FOUND') throw resultExpired();
  throw error;
}

const types = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' } as const;
const READ_BYTES = 4 * 1024 * 1024;

/** The whole result as a file: compute writes it, it is streamed from the store and then removed. */
export async function serveDownload(
  options: { store: ObjectStore; compute: Compute },
  manifest: ResultManifest,
  format: keyof typeof types,
  fileName: string,
): Promise<Reply> {
  const { store, compute } = options;
  if (!(await store.head(manifest.key))) throw resultExpired();
  const target = `exports/${randomUUID()}.${format}`;
  const remove = () => store.delete(target).catch(() => {});
  try {
    await compute.ask({ ask: 'exportResult', key: manifest.key, format, target }, { timeoutMs: 10 * 60_000 });
    const info = await store.head(target);
    if (!info) throw new Error('compute wrote no export');
    return reply({
      headers: {
        'content-type': types[format],
        'content-length': String(info.sizeBytes),
        'content-disposition': disposition(`${fileName}.${format}`),
      },
      stream: Readable.from(chunks(store, target, info.sizeBytes, remove), { objectMode: false }),
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* chunks(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  done: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < sizeBytes; at += READ_BYTES)
      yield await store.getRange(key, at, Math.min(READ_BYTES, sizeBytes - at));
  } finally {
    await done();
  }
}

/** RFC 6266: a plain name for old clients, the full one percent-encoded. */
function disposition(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}
