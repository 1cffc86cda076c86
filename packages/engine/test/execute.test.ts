import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Column, PlanBody, PlanQuery, PlanTable, WriteTarget } from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { decodeRows, type ExecuteOptions, executePlan, type ResultPage, SchemaMoved } from '../index.ts';
import { column, openRoom } from './helper.ts';

async function openExecutor(t: Parameters<typeof openRoom>[0], options: Parameters<typeof openRoom>[1] = {}) {
  const room = await openRoom(t, options);
  const deps = { ...room, delta: createDelta({ store: room.store, engine: room.engine }) };
  const run = (body: PlanBody, options: Partial<ExecuteOptions> = {}) =>
    executePlan(deps, { body, principal: 'ann@example.com' }, { runId: randomUUID(), ...options });
  const rows = async (query: PlanQuery) => {
    const outcome = await run({ kind: 'query', query });
    return { ...outcome, rows: decodeRows(await room.store.get(outcome.result!.key)).rows };
  };
  const explain = async (body: Extract<PlanBody, { kind: 'explain' }>) => {
    const outcome = await run(body);
    return String(decodeRows(await room.store.get(outcome.result!.key)).rows[0]![0]);
  };
  return { ...deps, run, rows, explain };
}

/** CSV files of a volume that is kept under another key. */
const csvOf = (location: string, path: string, options: Record<string, string> = {}): PlanTable => ({
  source: 'files',
  location,
  path,
  format: 'csv',
  options: { header: 'true', ...options },
  columns: [column('n', 'int'), column('at', 'timestamp')],
  needed: ['n', 'at'],
  stream: false,
});

const target = (name: string, columns: Column[], partitionColumns: string[] = []): WriteTarget => ({
  tableId: `id-${name}`,
  fullName: `main.test.${name}`,
  location: `tables/${name}`,
  columns,
  partitionColumns,
});

const query = (sql: string, columns: Column[], tables: PlanTable[] = []): PlanQuery => ({
  engineText: sql
    .split(/(\{\d+\})/)
    .map((piece) => (/^\{\d+\}$/.test(piece) ? { table: Number(piece.slice(1, -1)) } : piece)),
  tables,
  columns,
  ordered: false,
});

const reading = (of: WriteTarget, extra: Partial<Extract<PlanTable, { source: 'delta' }>> = {}): PlanTable => ({
  source: 'delta',
  tableId: of.tableId,
  fullName: of.fullName,
  location: of.location,
  columns: of.columns,
  needed: of.columns.map((c) => c.name),
  predicates: [],
  ...extra,
});

const create = (of: WriteTarget, as?: PlanQuery, mode: 'create' | 'replace' = 'create'): PlanBody => ({
  kind: 'createTable',
  target: of,
  tableKind: 'MANAGED',
  mode,
  properties: {},
  query: as,
});
const insert = (into: WriteTarget, from: PlanQuery, mode: 'append' | 'overwrite' = 'append'): PlanBody => ({
  kind: 'insert',
  target: into,
  mode,
  query: from,
});

test('a table is created from a query in one commit, appended to, overwritten and read at each version', async (t) => {
  const { run, rows } = await openExecutor(t);
  const numbers = target('numbers', [column('i', 'int'), column('s', 'string')]);
  const made = await run(create(numbers, query("SELECT i::INTEGER, 's' || i FROM range(3) t(i)", numbers.columns)));
  assert.deepEqual([made.write?.version, made.write?.rows, made.write?.operation], [0, 3, 'CREATE TABLE AS SELECT']);
  const added = await run(insert(numbers, query("SELECT 9, 'nine'", numbers.columns)));
  assert.deepEqual([added.write?.version, added.write?.rows, added.write?.fileCount], [1, 1, 2]);
  const replaced = await run(insert(numbers, query('SELECT 7, NULL', numbers.columns), 'overwrite'));
  assert.deepEqual([replaced.write?.version, replaced.write?.fileCount], [2, 1]);

  const sql = 'SELECT i, s FROM {0} AS t ORDER BY i';
  const latest = await rows(query(sql, numbers.columns, [reading(numbers)]));
  assert.deepEqual(latest.rows, [[7, null]]);
  assert.deepEqual(
    latest.reads.map((read) => [read.fullName, read.version, read.filesRead, read.filesTotal]),
    [['main.test.numbers', 2, 1, 1]],
  );
  const before = await rows(query(sql, numbers.columns, [reading(numbers, { versionAsOf: 1 })]));
  assert.deepEqual(before.rows, [
    [0, 's0'],
    [1, 's1'],
    [2, 's2'],
    [9, 'nine'],
  ]);
});

test('files that cannot hold matching rows are not read, and the read says so', async (t) => {
  const { run, rows } = await openExecutor(t);
  const days = target('days', [column('i', 'bigint')]);
  await run(create(days));
  for (const start of [0, 1000, 2000])
    await run(insert(days, query(`SELECT i + ${start} FROM range(1000) t(i)`, days.columns)));
  const table = reading(days, { predicates: [{ column: 'i', op: '>=', values: ['2500'] }] });
  const found = await rows(
    query('SELECT count(*) AS c FROM {0} AS t WHERE i >= 2500', [column('c', 'bigint')], [table]),
  );
  assert.deepEqual(found.rows, [['500']]);
  assert.deepEqual([found.reads[0]!.filesRead, found.reads[0]!.filesTotal], [1, 3]);
  assert.ok(found.reads[0]!.bytesRead > 0);
});

test('EXPLAIN names the files and bytes that a query reads and skips, and runs nothing', async (t) => {
  const { run, rows, explain } = await openExecutor(t);
  const days = target('days', [column('i', 'bigint')]);
  await run(create(days));
  for (const start of [0, 1000, 2000])
    await run(insert(days, query(`SELECT i + ${start} FROM range(1000) t(i)`, days.columns)));
  const table = reading(days, { needed: ['i'], predicates: [{ column: 'i', op: '>=', values: ['2500'] }] });
  const asked = query('SELECT count(*) AS c FROM {0} AS t WHERE i >= 2500', [column('c', 'bigint')], [table]);
  const text = await explain({
    kind: 'explain',
    statement: 'SELECT',
    tables: asked.tables,
    engineText: asked.engineText,
    columns: [column('plan', 'string')],
  });
  const { bytesRead } = (await rows(asked)).reads[0]!;
  assert.match(
    text,
    new RegExp(`Delta table main.test.days version 3: reads 1 of 3 files, ${bytesRead} of \\d+ bytes; skips 2 files`),
  );
  assert.match(text, /where i >= 2500/);
  assert.match(text, /UNGROUPED_AGGREGATE/);
  assert.ok(!text.includes(days.location), 'tables go by their names');
});

test('one statement sees one version of a table, and may read what it writes', async (t) => {
  const { run, rows } = await openExecutor(t);
  const self = target('self', [column('i', 'int')]);
  await run(create(self, query('SELECT 1', self.columns)));
  const doubled = await run(
    insert(
      self,
      query('SELECT a.i + b.i FROM {0} AS a CROSS JOIN {1} AS b', self.columns, [reading(self), reading(self)]),
    ),
  );
  assert.equal(doubled.reads.length, 1);
  assert.deepEqual((await rows(query('SELECT i FROM {0} AS t ORDER BY i', self.columns, [reading(self)]))).rows, [
    [1],
    [2],
  ]);
});

test('a plan made for other columns than the log has is not run but asked for anew', async (t) => {
  const { run } = await openExecutor(t);
  const moved = target('moved', [column('a', 'int')]);
  await run(create(moved));
  const wider = { ...moved, columns: [column('a', 'int'), column('b', 'string')] };
  await run(create(wider, undefined, 'replace'));
  for (const stale of [
    { kind: 'query', query: query('SELECT a FROM {0} AS t', moved.columns, [reading(moved)]) } as PlanBody,
    insert(moved, query('SELECT 1', moved.columns)),
  ])
    await assert.rejects(run(stale), (error: unknown) => {
      assert.ok(error instanceof SchemaMoved);
      assert.deepEqual([error.tableId, error.version, error.columns.map((c) => c.name)], ['id-moved', 1, ['a', 'b']]);
      return true;
    });
});

test('NULL in a column that must not be NULL is refused by name and nothing is committed', async (t) => {
  const { run, delta } = await openExecutor(t);
  const strict = target('strict', [{ name: 'must', type: 'int', nullable: false }]);
  await run(create(strict));
  await assert.rejects(
    run(
      insert(
        strict,
        query('SELECT CASE WHEN i = 1 THEN NULL ELSE i::INTEGER END FROM range(3) t(i)', [column('must', 'int')]),
      ),
    ),
    {
      code: 'DELTA_NOT_NULL_CONSTRAINT_VIOLATED',
      message: /must/,
    },
  );
  assert.equal((await delta.snapshot('tables/strict')).version, 0);
});

test('a row that breaks a CHECK constraint is refused by the name of the constraint, whatever its values say', async (t) => {
  const { store, engine, run, delta } = await openExecutor(t);
  const checked = target('checked', [{ name: 'word', type: 'string', nullable: true }]);
  await run(create(checked));
  const compiler = { compile: () => 'length("word") < 5' };
  const compiling = createDelta({ store, engine, compiler });
  await compiling.alter('tables/checked', { kind: 'addConstraint', name: 'short', check: 'length(word) < 5' });
  const rows = query("SELECT 'No space left on device'", [column('word', 'string')]);
  const deps = { store, engine, delta: compiling };
  await assert.rejects(executePlan(deps, { body: insert(checked, rows), principal: 'ann' }, { runId: randomUUID() }), {
    code: 'DELTA_VIOLATE_CONSTRAINT_WITH_VALUES',
    message: /CHECK constraint short \(length\(word\) < 5\)[\s\S]* - word : No space left on device/,
  });
  assert.equal((await delta.snapshot('tables/checked')).version, 1);
});

test('creating a table twice is refused, and a failed query leaves no table', async (t) => {
  const { run, delta } = await openExecutor(t);
  const twice = target('twice', [column('i', 'int')]);
  await run(create(twice));
  await assert.rejects(run(create(twice)), { code: 'DELTA_TABLE_ALREADY_EXISTS' });
  const broken = target('broken', [column('i', 'int')]);
  await assert.rejects(
    run(create(broken, query("SELECT CAST('x' || i AS INTEGER) FROM range(3) t(i)", broken.columns))),
    { code: 'CAST_INVALID_INPUT' },
  );
  assert.equal(await delta.exists(broken.location), false);
});

test('the first page leaves before the result is complete and says whether more follows', async (t) => {
  const { run } = await openExecutor(t);
  const columns = [column('i', 'bigint')];
  const pagesOf = async (count: number) => {
    const pages: ResultPage[] = [];
    await run(
      { kind: 'query', query: query(`SELECT i FROM range(${count}) t(i)`, columns) },
      { pageRows: 100, onPage: (page) => pages.push(page) },
    );
    return pages.map((page) => [page.rows, page.more, decodeRows(page.bytes).rows.length]);
  };
  assert.deepEqual(await pagesOf(5000), [[100, true, 100]]);
  assert.deepEqual(await pagesOf(7), [[7, false, 7]]);
  assert.deepEqual(await pagesOf(0), [[0, false, 0]]);
});

test('history and detail of a table are answered as rows of the planned columns', async (t) => {
  const { run, store } = await openExecutor(t);
  const told = target('told', [column('i', 'int')]);
  await run(create(told));
  await run(insert(told, query('SELECT 1', told.columns)));
  const info = async (what: 'history' | 'detail', columns: Column[]) => {
    const table = reading(told) as Extract<PlanTable, { source: 'delta' }>;
    const outcome = await run({ kind: 'tableInfo', what, table, columns });
    return decodeRows(await store.get(outcome.result!.key)).rows;
  };
  const history = await info('history', [
    column('version', 'bigint'),
    column('userName', 'string'),
    column('operation', 'string'),
    column('operationMetrics', 'map<string,string>'),
  ]);
  assert.deepEqual(
    history.map((row) => row.slice(0, 3)),
    [
      ['1', 'ann@example.com', 'WRITE'],
      ['0', 'ann@example.com', 'CREATE TABLE'],
    ],
  );
  assert.ok((history[0]![3] as [string, string][]).some(([key, value]) => key === 'numOutputRows' && value === '1'));
  const detail = await info('detail', [
    column('format', 'string'),
    column('numFiles', 'bigint'),
    column('partitionColumns', 'array<string>'),
    column('createdAt', 'timestamp'),
  ]);
  assert.deepEqual(detail[0]!.slice(0, 3), ['delta', '1', []]);
  assert.match(String(detail[0]![3]), /^\d{4}-\d\d-\d\dT/);
});

test('prepared rows of the server take every type through the same door', async (t) => {
  const { run, store } = await openExecutor(t);
  const columns = [
    column('s', 'string'),
    column('m', 'map<string,int>'),
    column('a', 'array<struct<x:decimal(5,2),y:binary>>'),
    column('v', 'void'),
  ];
  const rows = [
    ["it's", [['k', 1]], [['1.50', 'FF']], null],
    [null, null, [], null],
  ];
  const outcome = await run({ kind: 'local', columns, rows });
  assert.deepEqual(decodeRows(await store.get(outcome.result!.key)).rows, rows);
});

test('a cancelled write commits nothing', async (t) => {
  const { run, delta } = await openExecutor(t);
  const big = target('big', [column('i', 'bigint')]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 150);
  await assert.rejects(
    run(create(big, query('SELECT a.range * b.range FROM range(1000000) a, range(1000) b', big.columns)), {
      signal: controller.signal,
    }),
    { code: 'CANCELLED' },
  );
  assert.equal(await delta.exists(big.location), false);
});

test('an error of the engine names files by their volume and tables by their names, never a folder of this machine', async (t) => {
  const { root, store, run, rows } = await openExecutor(t);
  const columns = [column('n', 'int'), column('at', 'timestamp')];
  const refused = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => assert.fail('it succeeded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof BoathouseError);
    assert.ok(!JSON.stringify(error.toInfo()).includes(root), `a path in ${JSON.stringify(error.toInfo())}`);
    return error;
  };
  await store.put('volumes/7/in/bad.csv', Buffer.from('n,at\n1,2024-01-01 00:00:00\nx,2024-01-01 00:00:00\n'));
  const files = csvOf('volumes/7/in/*.csv', '/Volumes/main/test/drop/in/*.csv');
  const wrong = await refused(rows(query('SELECT n, "at" FROM {0} AS t', columns, [files])));
  assert.match(wrong.message, /Column "n" at line 3 of the file bad\.csv/);
  assert.match(wrong.detail!, /file = \/Volumes\/main\/test\/drop\/in\/bad\.csv/);
  await store.put('volumes/7/late/bad.csv', Buffer.from('n,at\n1,2024-01-01 00:00:00\n2,later\n'));
  const late = csvOf('volumes/7/late/', '/Volumes/main/test/drop/late');
  const instant = await refused(rows(query('SELECT n, "at" FROM {0} AS t', columns, [late])));
  assert.match(instant.message, /Column "at" at line 3 of the file bad\.csv has the value "later"/);
  const numbers = target('numbers', [column('i', 'int')]);
  await run(create(numbers, query('SELECT 1', numbers.columns)));
  for await (const { key } of store.list('tables/numbers/'))
    if (key.endsWith('.parquet')) await store.put(key, Buffer.from('PAR1 is all that is left of this file PAR1'));
  const table = await refused(rows(query('SELECT i FROM {0} AS t', numbers.columns, [reading(numbers)])));
  assert.match(
    table.message,
    /Version 0 of the table at "main\.test\.numbers" cannot be read: damaged data file "part-/,
  );
});

test('a home whose name holds signs of a pattern, quotes and blanks is written and read like any other', async (t) => {
  const { run, rows, store } = await openExecutor(t, { folder: 'a*b? [c] {d} \'é" #1%20' });
  const columns = [column('i', 'int'), column('p', 'string')];
  for (const parts of [[], ['p']]) {
    const table = target(`odd${parts.length}`, columns, parts);
    await run(create(table, query("SELECT i::INTEGER, 'it''s [' || i || '] *' FROM range(3) t(i)", columns)));
    await run(insert(table, query('SELECT 9, NULL', columns)));
    const read = await rows(query('SELECT i, p FROM {0} AS t ORDER BY i', columns, [reading(table)]));
    assert.deepEqual(read.rows, [0, 1, 2].map((i): unknown[] => [i, `it's [${i}] *`]).concat([[9, null]]));
  }
  await store.put('volumes/7/a[1]*.csv', Buffer.from('n,at\n1,2024-01-01 00:00:00\n'));
  const csv = await rows(query('SELECT n FROM {0} AS t', [column('n', 'int')], [csvOf('volumes/7/', '/Volumes/v')]));
  assert.deepEqual(csv.rows, [[1]]);
  await store.put('volumes/8/x.csv', Buffer.from('n,at\n1,soon\n'));
  await assert.rejects(
    rows(query('SELECT "at" FROM {0} AS t', [column('at', 'timestamp')], [csvOf('volumes/8/', '/Volumes/v')])),
    { message: /at line 2 of the file x\.csv/, detail: /file = \/Volumes\/v\/x\.csv/ },
  );
});
