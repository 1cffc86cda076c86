import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Column, EngineText, PlanBody, PlanEngine, PlanQuery, PlanTable, WriteTarget } from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import { createDelta, type Delta } from '@boathouse/delta';
import {
  checkSpark,
  decodeRows,
  type Engine,
  type ExecuteOptions,
  executePlan,
  openDuckDb,
  type ResultPage,
  SparkPool,
} from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import { type RunningServer, start } from './servers.ts';

/** Plans on real servers of Spark Connect: Spark 4.2 with Delta Lake, and Sail. The tables are ours. */
const root = await mkdtemp(join(tmpdir(), 'boathouse-spark-connect-'));
const store = createLocalStore(join(root, 'storage'));
const spark = new SparkPool();
let engine: Engine;
let delta: Delta;
let server: RunningServer;
let sail: RunningServer;

before(async () => {
  engine = await openDuckDb({
    memoryLimitBytes: 1024 ** 3,
    threads: 2,
    tempDirectory: join(root, 'tmp'),
    allowedDirectories: [join(root, 'storage')],
  });
  delta = createDelta({ store, engine, compiler: createExpressionCompiler() });
  [server, sail] = await Promise.all([
    start(process.env.BOATHOUSE_SPARK_CONNECT_SERVER ?? '', (port) => [String(port), join(root, 'warehouse')]),
    start(process.env.BOATHOUSE_SAIL ?? '', (port) => ['spark', 'server', '--ip', '127.0.0.1', '--port', String(port)]),
  ]);
});
after(async () => {
  await spark.close();
  await Promise.all([server?.stop(), sail?.stop()]);
  await engine?.close();
  await rm(root, { recursive: true, force: true });
});

const column = (name: string, type: string): Column => ({ name, type, nullable: true });
const onSpark = (): PlanEngine => ({ engineId: 'spark', name: 'Spark', url: server.url, tls: false });
const onSail = (): PlanEngine => ({ engineId: 'sail', name: 'Sail', url: sail.url, tls: false });

const target = (name: string, columns: Column[]): WriteTarget => ({
  tableId: `id-${name}`,
  fullName: `main.test.${name}`,
  location: `tables/${name}`,
  columns,
  partitionColumns: [],
});
const reading = (of: WriteTarget, extra: Partial<Extract<PlanTable, { source: 'delta' }>> = {}): PlanTable => ({
  source: 'delta',
  tableId: of.tableId,
  fullName: of.fullName,
  location: of.location,
  columns: of.columns,
  needed: of.columns.map(({ name }) => name),
  predicates: [],
  ...extra,
});
const pieces = (sql: string): EngineText =>
  sql
    .split(/(\{\d+\})/)
    .filter(Boolean)
    .map((piece) => (/^\{\d+\}$/.test(piece) ? { table: Number(piece.slice(1, -1)) } : piece));
const asked = (sql: string, tables: PlanTable[] = [], columns: Column[] = []): PlanQuery => ({
  engineText: [],
  tables,
  columns,
  ordered: false,
  sparkText: pieces(sql),
});
const create = (of: WriteTarget, query?: PlanQuery): PlanBody => ({
  kind: 'createTable',
  target: of,
  tableKind: 'MANAGED',
  mode: 'create',
  properties: {},
  query,
});
const insert = (into: WriteTarget, query: PlanQuery, mode: 'append' | 'overwrite' = 'append'): PlanBody => ({
  kind: 'insert',
  target: into,
  mode,
  query,
});

function run(body: PlanBody, at?: PlanEngine, options: Partial<ExecuteOptions> = {}, statement = '') {
  const plan = { body, principal: 'ann@example.com', timeZone: 'UTC', statement, ...(at ? { engine: at } : {}) };
  return executePlan({ engine, delta, store, spark }, plan, { runId: randomUUID(), ...options });
}
async function rows(query: PlanQuery, at?: PlanEngine) {
  const outcome = await run({ kind: 'query', query }, at);
  const { columns, rows: values } = decodeRows(await store.get(outcome.result!.key));
  return { ...outcome, columns: columns.map(({ name, type }) => `${name} ${type}`), rows: values };
}
const failed = async (work: Promise<unknown>): Promise<BoathouseError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BoathouseError, String(error));
  return error;
};

test('the check of a good Spark passes step by step, and tells its version', async () => {
  const { steps, version } = await checkSpark({ engine, delta, store }, onSpark());
  assert.deepEqual(
    steps.map(({ name, ok }) => `${name} ${ok}`),
    ['address true', 'tls true', 'token true', 'version true', 'storage true', 'delta true', 'write true'],
  );
  assert.match(version ?? '', /^4\.\d/);
});

test('the check says what is wrong: another folder, no TLS, nobody there', async () => {
  const last = async (engineOf: PlanEngine) => (await checkSpark({ engine, delta, store }, engineOf)).steps.at(-1)!;
  const elsewhere = await last({ ...onSpark(), storageUrl: 'file:///nowhere' });
  assert.deepEqual([elsewhere.name, elsewhere.ok], ['storage', false]);
  assert.match(elsewhere.message, /does not see our storage at file:\/\/\/nowhere/);
  assert.match((await last({ ...onSpark(), tls: true })).message, /Turn TLS off/);
  assert.match((await last({ ...onSpark(), url: 'sc://127.0.0.1:1' })).message, /nothing listens on this port/);
});

test('a query runs on Spark at the versions that we pinned, with its own names and types', async () => {
  const sales = target('sales', [column('id', 'int'), column('odd name', 'string'), column('amount', 'decimal(10,2)')]);
  await run(create(sales));
  await run(insert(sales, asked("SELECT 1 AS id, 'a' AS `odd name`, CAST(2.50 AS DECIMAL(10,2)) AS amount", [], sales.columns)), onSpark());
  await run(insert(sales, asked("SELECT 2 AS id, 'b' AS `odd name`, CAST(4 AS DECIMAL(10,2)) AS amount", [], sales.columns)), onSpark());
  const text = 'SELECT t.`odd name`, sum(t.amount), count(*) AS n FROM {0} AS t GROUP BY ALL ORDER BY 1';
  const latest = await rows(asked(text, [reading(sales)]), onSpark());
  assert.deepEqual(latest.columns, ['odd name string', 'sum(amount) decimal(20,2)', 'n bigint']);
  assert.deepEqual(latest.rows, [
    ['a', '2.50', '1'],
    ['b', '4.00', '1'],
  ]);
  assert.deepEqual(
    latest.reads.map(({ fullName, version, filesTotal }) => [fullName, version, filesTotal]),
    [['main.test.sales', 2, 2]],
  );
  const old = await rows(asked('SELECT id FROM {0} AS t', [reading(sales, { versionAsOf: 1 })]), onSpark());
  assert.deepEqual(old.rows, [[1]]);
});

test('every type that Spark hands over for a write reads the same on both engines', async () => {
  const values = `CAST(1 AS TINYINT) AS a, CAST(2 AS SMALLINT) AS b, 3 AS c, 4L AS d, CAST(1.5 AS FLOAT) AS e, double('NaN') AS f,
    CAST(-1.25 AS DECIMAL(38,2)) AS g, 'ü' AS h, x'00AB' AS i, true AS j, DATE'0001-01-01' AS k, TIMESTAMP'1960-01-01 00:00:00.000001' AS l,
    TIMESTAMP_NTZ'2020-01-01 10:00:00' AS m, map('k', array(1, null)) AS n, named_struct('x', 1, 'y', DATE'2020-02-29') AS o`;
  const made = target('typed', []);
  const written = await run(create(made, asked(`SELECT ${values} UNION ALL SELECT ${Array(15).fill('NULL').join(', ')} -- the end`)), onSpark());
  assert.equal(written.write?.rows, 2);
  const typed = { ...made, columns: written.write!.columns };
  const names = typed.columns.map(({ name }) => name).join(', ');
  const there = await rows(asked(`SELECT ${names} FROM {0} AS t ORDER BY a`, [reading(typed)]), onSpark());
  const here = await rows({
    engineText: pieces(`SELECT ${names} FROM {0} AS t ORDER BY a NULLS FIRST`),
    tables: [reading(typed)],
    columns: typed.columns,
    ordered: true,
  });
  assert.deepEqual(here.columns, there.columns);
  assert.deepEqual(here.rows, there.rows);
  assert.equal(here.rows.length, 2);
});

test('both engines write to one table at once and nothing is lost', async () => {
  const both = target('both', [column('source', 'string'), column('i', 'bigint')]);
  await run(create(both));
  const ours = (n: number): PlanQuery => ({
    engineText: pieces(`SELECT 'ours', CAST(${n} * 100 + i AS BIGINT) FROM range(100) t(i)`),
    tables: [],
    columns: both.columns,
    ordered: false,
  });
  const theirs = (n: number) => asked(`SELECT 'theirs' AS source, ${n} * 100 + id AS i FROM range(100)`, [], both.columns);
  const rounds = [0, 1, 2, 3];
  const writes = await Promise.all([
    ...rounds.map((n) => run(insert(both, theirs(n)), onSpark())),
    ...rounds.map((n) => run(insert(both, ours(n)))),
    ...rounds.map((n) => run(insert(both, asked(`SELECT 'sail' AS source, id + ${n} * 100 AS i FROM range(100)`, [], both.columns)), onSail())),
  ]);
  assert.deepEqual(writes.map(({ write }) => write!.version).sort((a, b) => a - b), Array.from({ length: 12 }, (_, i) => i + 1));
  const count = asked('SELECT source, count(DISTINCT i) AS n, min(i) AS low, max(i) AS high FROM {0} AS t GROUP BY source ORDER BY source', [reading(both)]);
  const expected = ['ours', 'sail', 'theirs'].map((source) => [source, '400', '0', '399']);
  assert.deepEqual((await rows(count, onSpark())).rows, expected);
  assert.deepEqual((await rows(count, onSail())).rows, expected);
  for await (const { key } of store.list('staging/')) assert.fail(`${key} was left behind`);
});

test('a constraint of a table holds for rows from Spark', async () => {
  const strict = target('strict', [{ ...column('i', 'int'), nullable: false }]);
  await run(create(strict));
  const error = await failed(run(insert(strict, asked('SELECT CAST(NULL AS INT) AS i', [], strict.columns)), onSpark()));
  assert.equal(error.code, 'DELTA_NOT_NULL_CONSTRAINT_VIOLATED');
  for await (const { key } of store.list('staging/')) assert.fail(`${key} was left behind`);
});

test('other writes on Spark are refused with the reason', async () => {
  const any = target('any', [column('i', 'int')]);
  const body: PlanBody = { kind: 'maintain', target: any, operation: { kind: 'vacuum', dryRun: false } as never, columns: [] };
  const error = await failed(run(body, onSpark()));
  assert.equal(error.code, 'UNSUPPORTED_ON_SPARK');
  assert.match(error.message, /Run it on the embedded engine/);
});

test("Spark's errors name condition, SQLSTATE and the place in the statement, and no folder of ours", async () => {
  const some = target('some', [column('i', 'int')]);
  await run(create(some, { engineText: ['SELECT 0'], tables: [], columns: some.columns, ordered: false }));
  const statement = 'SELECT i,\n  10 / i FROM main.test.some';
  const query = asked('SELECT i,\n  10 / i FROM {0} AS some', [reading(some)]);
  const error = await failed(run({ kind: 'query', query }, onSpark(), {}, statement));
  assert.deepEqual([error.code, error.sqlState, error.fault], ['DIVIDE_BY_ZERO', '22012', 'user']);
  assert.deepEqual(error.position, { line: 2, column: 3, start: 12, end: 18 });
  const unknown = await failed(run({ kind: 'query', query: asked('SELECT nosuch FROM {0} AS some', [reading(some)]) }, onSpark(), {}, ''));
  assert.equal(unknown.code, 'UNRESOLVED_COLUMN.WITH_SUGGESTION');
  assert.ok(!JSON.stringify(unknown.toInfo()).includes(root), unknown.message);
});

test('a long answer comes as a page first, then whole, and tells its progress', async () => {
  const pages: ResultPage[] = [];
  const percents: number[] = [];
  const outcome = await run({ kind: 'query', query: asked('SELECT id, repeat(CAST(id AS STRING), 3) AS s FROM range(60000)') }, onSpark(), {
    pageRows: 500,
    onPage: (page) => pages.push(page),
    onProgress: (percent) => percents.push(percent),
  });
  assert.equal(outcome.result?.rowCount, 60_000);
  assert.deepEqual(pages.map(({ rows: count, more }) => [count, more]), [[500, true]]);
  assert.deepEqual(decodeRows(pages[0]!.bytes).rows[499], ['499', '499499499']);
  assert.ok(percents.every((percent) => percent >= 0 && percent <= 100));
});

test('cancelling a statement ends its job at Spark', async () => {
  const stop = new AbortController();
  const slow = asked('SELECT count(*) AS n FROM range(1000000000000) WHERE sqrt(id) % 7 = 1.5');
  const running = run({ kind: 'query', query: slow }, onSpark(), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  assert.equal((await failed(running)).code, 'CANCELLED');
  // Its slots are free again: a job runs to its end.
  assert.deepEqual((await rows(asked('SELECT sum(id) AS n FROM range(100)'), onSpark())).rows, [['4950']]);
});

test('settings of the session go with the plan', async () => {
  const time = asked("SELECT TIME'10:00:00' AS t");
  assert.equal((await failed(run({ kind: 'query', query: time }, onSpark()))).code, 'UNSUPPORTED_TIME_TYPE');
  const allowed = { ...onSpark(), settings: { 'spark.sql.timeType.enabled': 'true' } };
  assert.deepEqual((await rows(time, allowed)).rows, [['10:00:00.000000']]);
});

test('Sail passes the check, reads our tables and tells its errors', async () => {
  const { steps } = await checkSpark({ engine, delta, store }, onSail());
  assert.deepEqual(steps.filter(({ ok }) => !ok), []);
  const made = target('forsail', [column('id', 'bigint')]);
  await run(create(made, asked('SELECT id FROM range(10)', [], made.columns)), onSail());
  const found = await rows(asked("SELECT sum(id) AS total, max(struct(id, 'x')) AS top FROM {0} AS t", [reading(made)]), onSail());
  assert.deepEqual(found.columns[0], 'total bigint');
  assert.deepEqual(found.rows, [['45', ['9', 'x']]]);
  assert.match((await failed(rows(asked('SELECT * FROM nosuch'), onSail()))).message, /nosuch/);
});

test('a restarted server is taken up again by the next statement', async () => {
  assert.deepEqual((await rows(asked('SELECT 1 AS one'), onSail())).rows, [[1]]);
  const { port } = sail;
  await sail.stop();
  const away = await failed(rows(asked('SELECT 1 AS one'), onSail()));
  assert.equal(away.code, 'ENGINE_UNREACHABLE');
  sail = await start(process.env.BOATHOUSE_SAIL ?? '', (at) => ['spark', 'server', '--ip', '127.0.0.1', '--port', String(at)], port);
  assert.deepEqual((await rows(asked('SELECT 2 AS two'), onSail())).rows, [[2]]);
});
