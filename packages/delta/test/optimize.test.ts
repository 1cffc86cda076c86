import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { AddFile } from '../actions/types.ts';
import { pack, together } from '../maintenance/bins.ts';
import { cubeTags, MIN_CUBE_SIZE, selectCubes } from '../maintenance/clustering.ts';
import { orderedByPlace } from '../maintenance/curve.ts';
import { fileStats } from '../stats/file-stats.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('id', 'bigint'), column('v', 'double'), column('p', 'string')];

/** A table with a file an element of `parts`, each a SELECT of id, v, p. */
async function tableOf(parts: readonly string[], partitionColumns: string[] = []): Promise<void> {
  await room.delta.create('t', { columns, partitionColumns });
  for (const part of parts) {
    const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns }, part);
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  }
}
const row = (id: number, p: string) => `SELECT ${id} AS id, ${id} / 2 AS v, '${p}' AS p`;
/** Of all rows, in any order. */
async function hashOfRows(): Promise<unknown> {
  const snapshot = await room.delta.snapshot('t');
  const rows = await room.delta.relation(snapshot, await snapshot.files(), ['id', 'v', 'p']);
  return (await room.engine.rows(`SELECT count(*) AS n, sum(hash(id, v, p)) AS h FROM ${rows}`))[0];
}
const filesOf = async () => (await room.delta.snapshot('t')).files();

test('small files become one, with the same rows, in a commit that changes no data', async () => {
  await tableOf([row(1, 'a'), row(2, 'a'), row(3, 'b')]);
  const before = await room.read('t');
  const { version, metrics } = await room.delta.optimize('t');
  assert.equal(version, 4);
  assert.deepEqual([metrics.numFilesAdded, metrics.numFilesRemoved, metrics.totalConsideredFiles], [1, 3, 3]);
  assert.equal(metrics.filesRemoved.totalFiles, 3);
  assert.deepEqual(await room.read('t'), before);
  assert.equal((await filesOf()).length, 1);
  const [entry] = await room.delta.history('t', 1);
  assert.equal(entry?.operation, 'OPTIMIZE');
  assert.deepEqual(
    { ...entry?.operationParameters },
    { predicate: '[]', zOrderBy: '[]', clusterBy: '[]', auto: 'false' },
  );
  assert.equal(entry?.operationMetrics.numRemovedFiles, '3');
  assert.equal(entry?.operationMetrics.p50FileSize, String((await filesOf())[0]!.size));
  // There is nothing more to do: no commit.
  assert.equal((await room.delta.optimize('t')).version, null);
  assert.equal(await room.delta.latestVersion('t'), 4);
});

test('an append that comes in between does not disturb, and another work on the same files does', async () => {
  await tableOf([row(1, 'a'), row(2, 'a')]);
  const other = room.other();
  const adds = await other.writeFiles({ location: 't', columns, partitionColumns: [] }, row(3, 'a'));
  const engine = {
    rows: async (sql: string) => {
      const rows = await room.engine.rows(sql);
      if (sql.startsWith('COPY')) await other.commit('t', { operation: 'WRITE', mode: 'append', adds });
      return rows;
    },
  };
  assert.equal((await room.delta.optimize('t', { engine })).version, 4);
  assert.equal((await room.read('t')).length, 3);

  const racing = {
    rows: async (sql: string) => {
      const rows = await room.engine.rows(sql);
      if (sql.startsWith('COPY')) await other.optimize('t');
      return rows;
    },
  };
  await assert.rejects(
    room.delta.optimize('t', { engine: racing }),
    hasCode('DELTA_CONCURRENT_DELETE_DELETE', 'OPTIMIZE'),
  );
  assert.equal((await room.read('t')).length, 3);
  const data = [];
  for await (const { key } of room.store.list('t/')) if (key.endsWith('.parquet')) data.push(key);
  // Three appends and two rewrites; the refused one left nothing.
  assert.equal(data.length, 5);
});

test('files of different partitions stay apart, and a condition over partitions chooses among them', async () => {
  await tableOf([row(1, 'a'), row(2, 'a'), row(3, 'b'), row(4, 'b'), row(5, 'x y/%')], ['p']);
  const { metrics } = await room.delta.optimize('t', { where: `target."p" >= 'b'`, predicates: ["p >= 'b'"] });
  assert.deepEqual([metrics.numFilesAdded, metrics.numFilesRemoved, metrics.totalConsideredFiles], [1, 2, 3]);
  assert.deepEqual((await filesOf()).map((file) => file.partitionValues.p).sort(), ['a', 'a', 'b', 'x y/%']);
  assert.equal((await room.read('t')).length, 5);
  assert.ok((await filesOf()).every((file) => file.path.startsWith('p=')));
  assert.equal((await room.delta.optimize('t')).metrics.numFilesAdded, 1);
  assert.deepEqual(
    (await room.read('t')).map((values) => values[0]),
    [1n, 2n, 3n, 4n, 5n],
  );
  await assert.rejects(
    room.delta.optimize('t', { where: 'target."id" = 1' }),
    hasCode('DELTA_NON_PARTITION_COLUMN_REFERENCE', 'p'),
  );
});

test('Z-order lets a query on either of two columns leave most files out', async () => {
  // Both columns are spread over all rows: without an order every file holds every value. Files end with row groups.
  await tableOf([
    'SELECT (i * 7919) % 1000003 AS id, ((i * 104729) % 1000003)::DOUBLE AS v, NULL AS p FROM range(600000) AS r(i)',
  ]);
  const before = await hashOfRows();
  const { metrics } = await room.delta.optimize('t', { zOrderBy: ['id', 'V'], maxFileSize: 100_000 });
  assert.ok(metrics.numFilesAdded >= 4, `${metrics.numFilesAdded} files`);
  assert.deepEqual(await hashOfRows(), before);
  const snapshot = await room.delta.snapshot('t');
  for (const name of ['id', 'v']) {
    const { files, filesTotal } = await room.delta.prune(snapshot, [{ column: name, op: '=', values: ['20001'] }]);
    assert.ok(
      files.length > 0 && files.length <= (filesTotal * 2) / 3,
      `${files.length} of ${filesTotal} files by ${name}`,
    );
  }
  const [entry] = await room.delta.history('t', 1);
  assert.equal(entry?.operationParameters.zOrderBy, '["id","V"]');
});

test('Z-order is refused on columns that do not exist, are partitions or have no statistics', async () => {
  await tableOf([row(1, 'a')], ['p']);
  const by = (...zOrderBy: string[]) => room.delta.optimize('t', { zOrderBy });
  await assert.rejects(by('zz'), hasCode('DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST', 'zz'));
  await assert.rejects(by('p'), hasCode('DELTA_ZORDERING_ON_PARTITION_COLUMN'));
  await assert.rejects(room.delta.optimize('t', { full: true }), hasCode('DELTA_OPTIMIZE_FULL_NOT_SUPPORTED'));
  await room.delta.create('narrow', { columns, properties: { 'delta.dataSkippingNumIndexedCols': '1' } });
  await assert.rejects(
    room.delta.optimize('narrow', { zOrderBy: ['v'] }),
    hasCode('DELTA_ZORDERING_ON_COLUMN_WITHOUT_STATS', 'v'),
  );
});

test('a size that bins cannot exceed keeps large files alone', () => {
  const sized = (size: number): AddFile => ({
    path: String(size),
    partitionValues: {},
    size,
    modificationTime: 0,
    dataChange: true,
  });
  const bins = pack([1, 2, 3, 4, 9].map(sized), 6);
  assert.deepEqual(
    bins.map((bin) => bin.map(({ size }) => size)),
    [[1, 2, 3], [4], [9]],
  );
});

test('clustering takes new files and small cubes, leaves full cubes alone, and all files when it is asked for all', () => {
  const by = [['a'], ['s', 'b']];
  const file = (path: string, size: number, cube?: string, columnsOf = by): AddFile => ({
    path,
    partitionValues: {},
    size,
    modificationTime: 0,
    dataChange: true,
    ...(cube === undefined ? {} : { tags: cubeTags(cube, columnsOf), clusteringProvider: 'liquid' }),
  });
  const paths = (files: readonly AddFile[], full = false) =>
    selectCubes(files, by, full)
      .bins.flat()
      .map(({ path }) => path)
      .sort();
  const full = file('full', MIN_CUBE_SIZE, 'x');
  const small = file('small', 10, 'y');
  const fresh = file('new', 10);
  const foreign = file('foreign', 10, 'z', [['c']]);
  assert.deepEqual(paths([full, small, fresh, foreign]), ['new', 'small']);
  assert.deepEqual(paths([full, small]), []);
  assert.deepEqual(paths([full, small, fresh, foreign], true), ['foreign', 'full', 'new', 'small']);
  assert.equal(small.tags?.ZCUBE_ZORDER_BY, '["a","s.b"]');
  assert.deepEqual(fileStats(fresh).numRecords, null);
});

test("on Hilbert's curve every row is next to its neighbours, in two dimensions and in three", async () => {
  for (const [dimensions, side] of [
    [2, 32],
    [3, 8],
  ] as const) {
    const names = ['x', 'y', 'z'].slice(0, dimensions);
    const grid = names.map((name) => `range(${side}) AS of_${name}(${name})`).join(', ');
    const axes = names.map((name) => ({ value: name, type: 'BIGINT' }));
    const bounds = names.map(() => Array.from({ length: side - 1 }, (_, index) => String(index + 1)));
    const ordered = orderedByPlace(`(SELECT * FROM ${grid})`, names, axes, bounds, 'hilbert');
    const rows = (await room.engine.rows(`SELECT * FROM ${ordered}`)).map((row) =>
      names.map((name) => Number(row[name])),
    );
    assert.equal(rows.length, side ** dimensions);
    const steps = rows
      .slice(1)
      .map((row, index) => row.reduce((sum, at, axis) => sum + Math.abs(at - rows[index]![axis]!), 0));
    assert.deepEqual([...new Set(steps)], [1]);
  }
});

test('a clustered table is laid out by its columns, once: only what is new is clustered again', async () => {
  await room.delta.create('t', { columns, clusterBy: ['id', 'v'] });
  const append = async (sql: string) => {
    const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, sql);
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  };
  await append(row(2, 'a'));
  await append(row(1, 'a'));
  await assert.rejects(room.delta.optimize('t', { zOrderBy: ['id'] }), hasCode('DELTA_CLUSTERING_WITH_ZORDER_BY'));
  const { metrics } = await room.delta.optimize('t');
  assert.deepEqual(metrics.clusteringStats?.inputOtherFiles.numFiles, 2);
  const [file] = await filesOf();
  assert.equal(file?.clusteringProvider, 'liquid');
  assert.deepEqual([file?.tags?.ZCUBE_ZORDER_BY, file?.tags?.ZCUBE_ZORDER_CURVE], ['["id","v"]', 'hilbert']);
  const [entry] = await room.delta.history('t', 1);
  assert.equal(entry?.operationParameters.clusterBy, '["id","v"]');
  assert.equal((await room.delta.optimize('t')).version, null);
  await append(row(3, 'a'));
  assert.equal((await room.delta.optimize('t')).metrics.numFilesRemoved, 2);
  assert.equal((await room.delta.optimize('t', { full: true })).metrics.numFilesRemoved, 1);
  assert.deepEqual(
    (await room.read('t')).map((values) => values[0]),
    [1n, 2n, 3n],
  );
});

test('rows that are deleted while their file is compacted are not brought back: one of the two works is refused', async () => {
  await room.delta.create('t', { columns, properties: { 'delta.enableDeletionVectors': 'true' } });
  for (const id of [1, 2]) {
    const sql = `SELECT i AS id, 0 AS v, 'a' AS p FROM range(${id * 100}, ${id * 100 + 100}) AS r(i)`;
    const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, sql);
    await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  }
  const other = room.other();
  const engine = {
    rows: async (sql: string) => {
      const rows = await room.engine.rows(sql);
      if (sql.startsWith('COPY')) await other.delete('t', { where: 'target."id" = 150' });
      return rows;
    },
  };
  await assert.rejects(
    room.delta.optimize('t', { engine }),
    hasCode('DELTA_CONCURRENT_DELETE_DELETE', 'OPTIMIZE', 'DELETE'),
  );
  assert.equal((await room.read('t')).length, 199);
});

test('a file of which many rows are deleted is written anew without them, one of which few are is left', async () => {
  await room.delta.create('t', { columns, properties: { 'delta.enableDeletionVectors': 'true' } });
  const sql = "SELECT i AS id, 0 AS v, 'a' AS p FROM range(100) AS r(i)";
  const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, sql);
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
  await room.delta.delete('t', { where: 'target."id" < 2' });
  assert.equal((await room.delta.optimize('t')).version, null);
  await room.delta.delete('t', { where: 'target."id" < 20' });
  const { metrics } = await room.delta.optimize('t');
  assert.deepEqual(metrics.deletionVectorStats, { numDeletionVectorsRemoved: 1, numDeletionVectorRowsRemoved: 20 });
  const files = await filesOf();
  assert.deepEqual(
    files.map((file) => [file.deletionVector, fileStats(file).numRecords]),
    [[undefined, 80]],
  );
});

test('many small partitions are compacted by few statements, and keep their values as the log has them', async () => {
  const values = ["'a b'", "'x/y%=é'", 'NULL', "'2024-01-01'"];
  const all = values.map((value, index) => `SELECT ${index} AS id, 0 AS v, ${value} AS p`).join(' UNION ALL ');
  await tableOf([all, all, all], ['p']);
  const valuesOf = async () => new Set((await filesOf()).map((file) => file.partitionValues.p));
  const [rows, before] = [await room.read('t'), await valuesOf()];
  let statements = 0;
  const engine = {
    rows: (sql: string) => {
      if (sql.startsWith('COPY')) statements++;
      return room.engine.rows(sql);
    },
  };
  const { metrics } = await room.delta.optimize('t', { engine });
  assert.deepEqual([metrics.numFilesAdded, metrics.numFilesRemoved, statements], [4, 12, 1]);
  assert.deepEqual(await room.read('t'), rows);
  assert.deepEqual(await valuesOf(), before);
});

test('bins of one partition, and more than fit, are written by statements of their own', () => {
  const bin = (partition: string, size: number): AddFile[] => [
    { path: partition, partitionValues: {}, size, modificationTime: 0, dataChange: true },
  ];
  const bins = [bin('a', 5), bin('b', 5), bin('a', 1), bin('c', 10), bin('apart', 1), bin('d', 9)];
  const batches = together(
    bins,
    10,
    ({ path }) => path,
    ([first]) => first?.path === 'apart',
  );
  assert.deepEqual(batches.map((batch) => batch.map(([file]) => `${file?.path}${file?.size}`)).sort(), [
    ['a1'],
    ['a5', 'b5'],
    ['apart1'],
    ['c10'],
    ['d9'],
  ]);
});
