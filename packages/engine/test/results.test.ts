import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Column, ResultManifest } from '@boathouse/contracts';
import { decodeRows, type Engine, ResultWriter, readWindow } from '../index.ts';
import { column, openRoom } from './helper.ts';

type Room = Awaited<ReturnType<typeof openRoom>>;

async function keep(
  { engine, store }: { engine: Engine; store: Room['store'] },
  sql: string,
  columns: Column[],
  limitBytes?: number,
): Promise<ResultManifest> {
  const writer = new ResultWriter({ store, columns, limitBytes });
  await engine.query(sql, columns, { onBatch: async (batch) => (await writer.add(batch)).accepted });
  return writer.finish();
}

test('a stored result is found by its content hash and read back by windows of whole batches', async (t) => {
  const room = await openRoom(t);
  const manifest = await keep(room, "SELECT i, 'row number ' || i FROM range(200000) t(i)", [
    column('i', 'bigint'),
    column('s', 'string'),
  ]);
  const bytes = await room.store.get(manifest.key);
  assert.equal(manifest.rowCount, 200000);
  assert.equal(manifest.byteCount, bytes.length);
  assert.equal(manifest.key, `results/${createHash('sha256').update(bytes).digest('hex')}.arrow`);
  assert.equal(decodeRows(bytes).rows.length, 200000);
  for (const [offset, rows] of [
    [0, 50],
    [999, 2],
    [70000, 100],
    [199999, 1],
    [0, 200000],
  ] as const) {
    const window = await readWindow(room.store, manifest, offset, rows);
    const decoded = decodeRows(window.bytes).rows;
    assert.equal(decoded.length, window.rows);
    assert.ok(window.rowOffset <= offset && window.rowOffset + window.rows >= offset + rows);
    decoded.slice(offset - window.rowOffset, offset - window.rowOffset + rows).forEach((row, at) => {
      assert.deepEqual(row, [String(offset + at), `row number ${offset + at}`]);
    });
  }
});

test('the same rows are kept once, and a window beyond the end is an empty stream with the schema', async (t) => {
  const room = await openRoom(t);
  const first = await keep(room, 'SELECT 1', [column('a', 'int')]);
  const second = await keep(room, 'SELECT 1', [column('a', 'int')]);
  assert.equal(first.key, second.key);
  const none = await keep(room, 'SELECT 1 WHERE false', [column('a', 'int')]);
  assert.deepEqual([none.rowCount, none.batches], [0, []]);
  const window = await readWindow(room.store, none, 0, 100);
  assert.deepEqual(decodeRows(window.bytes), { columns: [column('a', 'int')], rows: [] });
});

test('a result above the size limit is cut at a batch and says so', async (t) => {
  const room = await openRoom(t);
  const manifest = await keep(
    room,
    "SELECT repeat('x', 100) FROM range(1000000) t(i)",
    [column('s', 'string')],
    20_000_000,
  );
  assert.equal(manifest.truncated, true);
  assert.ok(manifest.byteCount <= 20_000_000 && manifest.rowCount > 100_000);
  assert.equal(decodeRows(await room.store.get(manifest.key)).rows.length, manifest.rowCount);
});
