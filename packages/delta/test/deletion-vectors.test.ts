import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AddFile } from '../actions/types.ts';
import { deletedRows } from '../scan/deletion-vector.ts';
import { DeletionVectorFile } from '../scan/deletion-vector-write.ts';
import { countRows, decodeRows, encodeRows, type RowSet, rangesOf } from '../scan/roaring.ts';
import { decodeZ85, encodeZ85 } from '../scan/z85.ts';
import type { Snapshot } from '../types.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
before(async () => {
  room = await openRoom();
});
after(() => room.close());

function setOf(rows: Iterable<number>): RowSet {
  const set: RowSet = new Map();
  for (const row of rows) {
    const chunk = Math.floor(row / 65536);
    const bitmap = set.get(chunk) ?? new Uint8Array(8192);
    bitmap[(row % 65536) >> 3]! |= 1 << (row & 7);
    set.set(chunk, bitmap);
  }
  return set;
}
const rowsOf = (set: RowSet): number[] =>
  [...set].flatMap(([chunk, bitmap]) =>
    [...rangesOf(bitmap)].flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, index) => chunk * 65536 + start + index),
    ),
  );
const every = (step: number, end: number, start = 0) =>
  Array.from({ length: Math.ceil((end - start) / step) }, (_, index) => start + index * step);

const samples: [what: string, rows: number[]][] = [
  ['one row', [7]],
  ['rows of one container', [0, 1, 2, 100, 65535]],
  ['a run of rows over containers', every(1, 200_000, 50_000)],
  ['an array, a bitmap and a run', [...every(100, 65536), ...every(2, 131072, 65536), ...every(1, 140_000, 131_072)]],
  ['five containers without runs', every(7, 5 * 65536)],
  ['rows beyond 32 bits', [3, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 5, 2 ** 33 + 6]],
];
for (const [what, rows] of samples) {
  test(`A bitmap gives back ${what}`, () => {
    const set = decodeRows(encodeRows(setOf(rows)));
    assert.equal(countRows(set), rows.length);
    assert.deepEqual(rowsOf(set), rows);
  });
}

test('A bitmap that ends early is refused', () => {
  const bytes = encodeRows(setOf(every(2, 131072)));
  assert.throws(() => decodeRows(bytes.subarray(0, bytes.length - 10)), RangeError);
});

test('Text of inline vectors gives back its bytes, filled up to a multiple of four', () => {
  const bytes = Buffer.from([1, 2, 3, 250, 251, 252, 253, 254, 255]);
  const text = encodeZ85(bytes);
  assert.equal(text.length, 15);
  assert.deepEqual(decodeZ85(text)?.subarray(0, 9), bytes);
});

test('Vectors of one commit share a file, small ones lie in the log, and all are read back', async () => {
  const uuid = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
  const file = new DeletionVectorFile(room.store, 'vectors', uuid, 'ab');
  const sets = [[1, 5], every(3, 100_000), every(1, 70_000)].map(setOf);
  const descriptors = [...sets, setOf(every(5, 300_000))].map((set) => file.add(set));
  assert.deepEqual(
    descriptors.map(({ storageType }) => storageType),
    ['i', 'u', 'i', 'u'],
  );
  await file.write();
  assert.ok(await room.store.head(`vectors/ab/deletion_vector_${uuid}.bin`));
  for (const [index, set] of sets.entries())
    assert.deepEqual(rowsOf(await deletedRows(room.store, 'vectors', descriptors[index]!)), rowsOf(set));
});

/** A table of one file, as it is with some of its rows deleted. */
async function withDeleted(
  location: string,
  count: number,
  rows: number[],
): Promise<{ snapshot: Snapshot; file: AddFile }> {
  const columns = [column('id', 'bigint')];
  const target = { location, columns, partitionColumns: [] };
  const adds = await room.delta.writeFiles(target, `SELECT range AS id FROM range(${count})`);
  await room.delta.create(location, { columns, files: adds });
  const vectors = new DeletionVectorFile(room.store, location, crypto.randomUUID());
  const deletionVector = vectors.add(setOf(rows));
  await vectors.write();
  return { snapshot: await room.delta.snapshot(location), file: { ...adds[0]!, deletionVector } };
}

for (const [what, step] of [
  ['few', 1000],
  ['many', 3],
] as const) {
  test(`A scan leaves ${what} deleted rows out, and numbers the others as the file does`, async () => {
    const { snapshot, file } = await withDeleted(`scan-${what}`, 200_000, every(step, 200_000));
    const relation = await room.delta.relation(snapshot, [file], ['id'], { metadata: { file: 'f', row: 'r' } });
    assert.ok(relation.length < 10_000, 'the text of a query stays small');
    const [found] = await room.engine.rows(
      `SELECT count(*) AS n, count_if(id % ${step} = 0) AS deleted, count_if(id <> r OR f <> 0) AS wrong FROM ${relation}`,
    );
    assert.deepEqual(found, { n: BigInt(200_000 - Math.ceil(200_000 / step)), deleted: 0n, wrong: 0n });
  });
}
