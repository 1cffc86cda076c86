import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { PrunePredicate } from '@boathouse/contracts';
import type { AddFile, Snapshot } from '../index.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

/** A reader that leaves the files of every checkpoint to the engine. */
const large = () => room.other({ filesInMemory: 0 });
const byPath = (files: readonly AddFile[]) =>
  files
    .map((file) => ({ ...file, dataChange: true }))
    .sort((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right)));
const same = async (left: Snapshot, right: Snapshot) => {
  assert.deepEqual(byPath(await left.files()), byPath(await right.files()));
  assert.deepEqual(await left.totals(), await right.totals());
};

const columns = [column('p', 'string'), column('id', 'bigint'), column('s', 'struct<a:int,b:string>')];
const partitionColumns = ['p'];
async function filled(files: number): Promise<AddFile[]> {
  return room.delta.writeFiles(
    { location: 't', columns, partitionColumns },
    `SELECT 'p ' || i AS p, i * 10 + j AS id, {'a': i, 'b': 'x' || i} AS s FROM range(${files}) r(i), range(10) q(j)`,
  );
}
async function checkpointed(): Promise<void> {
  await room.delta.create('t', { columns, partitionColumns, properties: { 'delta.checkpointInterval': '1' } });
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: await filled(40) });
  await room.delta.idle();
}

test('the files of a large checkpoint are the same whether the engine keeps them or memory does', async () => {
  await checkpointed();
  const snapshot = await large().snapshot('t');
  await same(snapshot, await room.delta.snapshot('t'));
  assert.equal((await snapshot.totals()).numRows, 400);
});

test('commits after a large checkpoint hide what they removed, and show what they added again', async () => {
  await checkpointed();
  const delta = large();
  const before = await delta.snapshot('t');
  const files = await before.files();
  const folder = join(room.root, 't/_delta_log');
  const remove = (file: AddFile) => ({
    remove: { path: file.path, deletionTimestamp: 1, dataChange: true, size: file.size },
  });
  const spelled = (file: AddFile) => `file://${room.root}/t/${file.path}`;
  const lines = [
    remove(files[0]!),
    remove({ ...files[1]!, path: spelled(files[1]!) }),
    { add: { ...files[2]!, size: 7 } },
  ];
  await room.store.put(
    `t/_delta_log/${'0'.repeat(19)}2.json`,
    Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')),
  );
  const after = await delta.snapshot('t');
  await same(after, await room.delta.snapshot('t'));
  const totals = await after.totals();
  assert.deepEqual([totals.numFiles, totals.numRows], [38, 380]);
  // The older snapshot is what it was.
  assert.equal((await before.files()).length, 40);
  assert.equal((await before.totals()).numFiles, 40);
  assert.ok((await readdir(folder)).some((name) => name.includes('checkpoint')));
  const lost = await delta.prune(after, [{ column: 'id', op: '=', values: ['5'] }]);
  assert.deepEqual([lost.files.length, lost.filesTotal], [0, 38]);
});

test('the engine leaves the same files as the exact tests do, on columns, nested fields and partitions', async () => {
  await checkpointed();
  const delta = large();
  const snapshot = await delta.snapshot('t');
  const [inMemory, cases]: [Snapshot, [PrunePredicate[], number][]] = [
    await room.delta.snapshot('t'),
    [
      [[{ column: 'id', op: '=', values: ['155'] }], 1],
      [[{ column: 'id', op: 'in', values: ['0', '399', '1000'] }], 2],
      [[{ column: 's.a', op: '>=', values: ['38'] }], 2],
      [[{ column: 'S.B', op: '=', values: ['x7'] }], 1],
      [[{ column: 'p', op: '=', values: ['p 3'] }], 1],
      [
        [
          { column: 'p', op: '>', values: ['p 3'] },
          { column: 'id', op: '<', values: ['100'] },
        ],
        6,
      ],
      [[{ column: 's.b', op: 'is null', values: [] }], 0],
    ],
  ];
  // The second time the engine answers from its own tables.
  for (let round = 0; round < 2; round++) {
    for (const [predicates, count] of cases) {
      const found = await delta.prune(snapshot, predicates);
      assert.equal(found.files.length, count, JSON.stringify(predicates));
      assert.deepEqual(byPath(found.files), byPath((await room.delta.prune(inMemory, predicates)).files));
      assert.deepEqual([found.filesTotal, found.bytesTotal], [40, (await snapshot.totals()).sizeBytes]);
    }
  }
});

test('a checkpoint whose file is gone is said to be gone, by name', async () => {
  await checkpointed();
  const snapshot = await large().snapshot('t');
  await rm(join(room.root, 't/_delta_log', `${'0'.repeat(19)}1.checkpoint.parquet`));
  await assert.rejects(
    snapshot.files(),
    (error) => error instanceof Error && /checkpoint\.parquet/.test(error.message),
  );
});

test('a log without checkpoints is folded by whoever reads it, and goes on being the same table', async () => {
  await room.delta.create('t', { columns, partitionColumns, properties: { 'delta.checkpointInterval': '1000' } });
  const files = await filled(30);
  const reader = room.other({ filesInMemory: 2 });
  const late = room.other({ filesInMemory: 2 });
  await reader.snapshot('t');
  for (const [index, add] of files.entries()) {
    await room.delta.commit('t', { operation: 'WRITE', mode: index === 20 ? 'overwrite' : 'append', adds: [add] });
    await same(await reader.snapshot('t'), await room.delta.snapshot('t'));
  }
  const snapshot = await late.snapshot('t');
  await same(snapshot, await room.delta.snapshot('t'));
  assert.equal((await snapshot.totals()).numFiles, 10);
  const left = await late.prune(snapshot, [{ column: 'id', op: '>=', values: ['290'] }]);
  assert.deepEqual([left.files.length, left.filesTotal], [1, 10]);
});

test('a reader whose checkpoint was cleaned up by others goes on from a newer one', async () => {
  await checkpointed();
  const reader = large();
  await reader.snapshot('t');
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: await filled(1) });
  await room.delta.idle();
  await rm(join(room.root, 't/_delta_log', `${'0'.repeat(19)}1.checkpoint.parquet`));
  const after = await reader.snapshot('t');
  await same(after, await room.delta.snapshot('t'));
  assert.equal((await after.totals()).numFiles, 41);
});
