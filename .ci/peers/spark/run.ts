import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableEngine } from '@boathouse/contracts';
import { createDelta, type Delta } from '@boathouse/delta';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import { DuckDBInstance } from '@duckdb/node-api';
import { Spark } from './session.ts';
import { COLUMNS, type Kind, kinds, rowsSpark, rowsText, shownSpark, shownText } from './tables.ts';

/**
 * The matrix of features and operations: a table that we write is read by Spark with equal rows, changed by it, read and
 * changed by us, and read by Spark again; the same with a table that Spark makes. Checkpoints of ours are read alone, with
 * the commits before them deleted, also by delta-rs where it knows the features.
 */
const [sparkPython, peersPython] = process.argv.slice(2);
const root = await mkdtemp(join(tmpdir(), 'boathouse-spark-'));
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
const engine: TableEngine = { rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() };
const delta: Delta = createDelta({
  store: createLocalStore(root),
  engine,
  compiler: createExpressionCompiler(),
});
let passed = 0;
let failed = 0;

async function check(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Rows as a multiset; the first that only one side has is told. */
function equal(ours: readonly unknown[][], theirs: readonly unknown[][], what: string): void {
  const [left, right] = [ours, theirs].map((rows) => rows.map((row) => JSON.stringify(row)).sort()) as [string[], string[]];
  const at = left.findIndex((row, index) => row !== right[index]);
  if (left.length === right.length && at < 0) return;
  const index = at < 0 ? left.length : at;
  throw new Error(
    `${what}: ${left.length} rows of ours and ${right.length} of theirs; ours ${left[index]}, theirs ${right[index]}`,
  );
}

async function rowsOf(location: string, more: readonly string[], version?: number): Promise<unknown[][]> {
  const snapshot = await delta.snapshot(location, { version });
  const names = ['id', 'name', 'amount', 'day', 'ts', 's', 'xs', ...more];
  const relation = await delta.relation(snapshot, await snapshot.files(), names);
  return (await engine.rows(shownText(`${relation} AS t`, more))).map((row) => Object.values(row));
}

const path = (location: string): string => `delta.\`${join(root, location)}\``;

/** Everything that we do to a table of ours before Spark sees it. */
async function write(kind: Kind): Promise<void> {
  const location = kind.name;
  await delta.createAs(location, {
    mode: 'create',
    columns: [...COLUMNS, ...(kind.extra ?? [])],
    partitionColumns: kind.partitionBy ?? [],
    properties: kind.properties ?? {},
    ...(kind.clusterBy ? { clusterBy: kind.clusterBy } : {}),
    rows: rowsText(1, 20),
  });
  if (kind.check) await delta.alter(location, { kind: 'addConstraint', ...kind.check });
  await delta.insert(location, { mode: 'append', rows: rowsText(21, 10) });
  await change(location, 3);
  await delta.optimize(location);
  await change(location, 4);
  await delta.alter(location, {
    kind: 'addColumns',
    columns: [{ parent: [], column: { name: 'note', type: 'string', nullable: true } }],
  });
  await delta.update(location, { where: 'target."id" % 5 = 0', set: [{ column: 'note', value: "'noted'" }] });
}

/** DELETE, UPDATE and MERGE of our own. */
async function change(location: string, of: number): Promise<void> {
  await delta.delete(location, { where: `target."id" % ${of * 4} = 1` });
  await delta.update(location, { where: `target."id" % ${of} = 0`, set: [{ column: 'amount', value: 'target."amount" + 1' }] });
  const next = Number((await engine.rows(`SELECT max(id) AS id FROM ${await whole(location)}`))[0]!.id) + 1;
  await delta.merge(location, {
    source: `(${rowsText(next - 3, 5)})`,
    on: 'target."id" = source."id"',
    matched: [{ condition: null, action: { kind: 'update', set: [{ column: 'name', value: "'merged'" }] } }],
    notMatched: [
      { condition: null, values: COLUMNS.map(({ name }) => ({ column: name, value: `source."${name}"` })) },
    ],
    notMatchedBySource: [],
  });
}

async function whole(location: string): Promise<string> {
  const snapshot = await delta.snapshot(location);
  return delta.relation(snapshot, await snapshot.files(), ['id']);
}

/** The same kinds of changes by Spark. */
async function changeBySpark(spark: Spark, location: string, of: number): Promise<void> {
  const names = COLUMNS.map(({ name }) => name).join(', ');
  const [[last]] = (await spark.sql(`SELECT max(id) FROM ${path(location)}`)) as [[number]];
  await spark.sql(`INSERT INTO ${path(location)} (${names}) ${rowsSpark(last + 1, 3)}`);
  await spark.sql(`DELETE FROM ${path(location)} WHERE id % ${of * 4} = 2`);
  await spark.sql(`UPDATE ${path(location)} SET amount = amount + 2 WHERE id % ${of} = 1`);
  await spark.sql(
    `MERGE INTO ${path(location)} t USING (${rowsSpark(last + 2, 4)}) s ON t.id = s.id
     WHEN MATCHED THEN UPDATE SET name = 'spark' WHEN NOT MATCHED THEN INSERT (${names}) VALUES (${names
       .split(', ')
       .map((name) => `s.${name}`)
       .join(', ')})`,
  );
}

async function agree(spark: Spark, location: string, more: readonly string[], what: string): Promise<void> {
  const ours = await rowsOf(location, more);
  equal(ours, await spark.sql(shownSpark(path(location), more)), what);
  if (ours.length < 10) throw new Error(`${what}: only ${ours.length} rows`);
}

async function historyAgrees(spark: Spark, location: string): Promise<void> {
  await delta.idle();
  const ours = (await delta.history(location, 100)).map((entry) => [entry.version, entry.operation]);
  const theirs = (await spark.sql(`DESCRIBE HISTORY ${path(location)}`)).map((row) => [row[0], row[4]]);
  equal(ours, theirs, 'history');
}

async function feedAgrees(spark: Spark, location: string): Promise<void> {
  const feed = await delta.changes(location, { fromVersion: 0, needed: ['id', 'amount', '_change_type', '_commit_version'] });
  const ours = await engine.rows(
    `SELECT id::VARCHAR, amount::VARCHAR, _change_type, _commit_version::VARCHAR FROM ${feed.relation} AS f`,
  );
  const name = `feed_${location}`;
  await spark.sql(`CREATE TABLE ${name} USING delta LOCATION '${join(root, location)}'`);
  const theirs = await spark.sql(
    `SELECT CAST(id AS STRING), CAST(amount AS STRING), _change_type, CAST(_commit_version AS STRING) FROM table_changes('${name}', 0)`,
  );
  equal(ours.map((row) => Object.values(row)), theirs, 'change feed');
}

/** Every version checksum, Spark's and ours, fits the log; and Spark, which derives its own from the one before, wrote one. */
async function checksumsAgree(location: string): Promise<void> {
  await delta.idle();
  const warnings: string[] = [];
  const logger = { warn: (fields: object, message: string) => warnings.push(`${message} ${JSON.stringify(fields)}`) };
  const names = await readdir(join(root, location, '_delta_log'));
  const versions = names.filter((name) => /^\d{20}\.crc$/.test(name)).map((name) => Number(name.slice(0, 20)));
  if (!versions.includes(await delta.latestVersion(location))) throw new Error('the latest version has no checksum');
  for (const version of versions) {
    const reader = createDelta({ store: createLocalStore(root), engine, logger });
    await reader.snapshot(location, { version });
  }
  if (warnings.length) throw new Error(warnings.join('; '));
}

/** Our checkpoint alone: a copy of the table without the commits that it covers. */
async function checkpointAlone(location: string): Promise<string> {
  await delta.checkpoint(location);
  const copy = `${location}_checkpoint`;
  await cp(join(root, location), join(root, copy), { recursive: true });
  const { version } = await delta.snapshot(location);
  const log = join(root, copy, '_delta_log');
  for (const name of await readdir(log)) {
    if (/^\d{20}\.json$/.test(name) && Number(name.slice(0, 20)) < version) await rm(join(log, name));
  }
  return copy;
}

function byDeltaRs(location: string): unknown[][] {
  // The libraries' threads may abort an interpreter that ends in order.
  const script = `import os, sys, json, deltalake
t = deltalake.DeltaTable(sys.argv[1])
from deltalake import QueryBuilder
rows = QueryBuilder().register('t', t).execute('select cast(id as string) as a, name as b, cast(amount as string) as c from t').read_all()
print(json.dumps([list(r) for r in zip(*[rows.column(i).to_pylist() for i in range(3)])]), flush=True)
os._exit(0)`;
  const done = spawnSync(peersPython!, ['-c', script, join(root, location)], { encoding: 'utf8', timeout: 60_000 });
  if (done.status !== 0) throw new Error(`delta-rs: ${done.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(done.stdout) as unknown[][];
}

async function createBySpark(spark: Spark, kind: Kind, location: string): Promise<void> {
  const columns = [...COLUMNS.map(({ name, type }) => `${name} ${type}`), ...(kind.extraSql ?? [])];
  const properties = Object.entries(kind.properties ?? {}).map(([name, value]) => `'${name}' = '${value}'`);
  await spark.sql(
    `CREATE TABLE ${path(location)} (${columns.join(', ')}) USING delta
     ${kind.partitionBy ? `PARTITIONED BY (${kind.partitionBy.join(', ')})` : ''}
     ${kind.clusterBy ? `CLUSTER BY (${kind.clusterBy.join(', ')})` : ''}
     ${properties.length ? `TBLPROPERTIES (${properties.join(', ')})` : ''}`,
  );
  const names = COLUMNS.map(({ name }) => name).join(', ');
  await spark.sql(`INSERT INTO ${path(location)} (${names}) ${rowsSpark(1, 25)}`);
}

const spark = await Spark.start(sparkPython!, join(root, 'spark'));
console.log(`Spark ${spark.version}`);
/** What CI looks at; the long form looks at all. */
const slice = ['partitioned', 'mapping_id', 'feed_vectors', 'rules', 'together'];
const wanted = process.env.PEER_KINDS?.split(',') ?? (process.env.BOATHOUSE_TEST_LONG ? null : slice);
for (const kind of kinds.filter(({ name }) => !wanted || wanted.includes(name))) {
  const more = [...(kind.extra ?? []).map(({ name }) => name), 'note'];
  await check(`${kind.name}: written by us`, () => write(kind));
  await check(`${kind.name}: Spark reads what we wrote`, () => agree(spark, kind.name, more, 'rows'));
  await check(`${kind.name}: Spark has our history`, () => historyAgrees(spark, kind.name));
  if (kind.properties?.['delta.enableChangeDataFeed'])
    await check(`${kind.name}: the change feed is the one that Spark reads`, () => feedAgrees(spark, kind.name));
  await check(`${kind.name}: our checkpoint alone gives Spark the table`, async () => {
    const copy = await checkpointAlone(kind.name);
    equal(await rowsOf(kind.name, more), await spark.sql(shownSpark(path(copy), more)), 'rows');
    if (!kind.deltaRs) return;
    const ours = (await rowsOf(kind.name, more)).map((row) => row.slice(0, 3));
    equal(ours, byDeltaRs(copy), 'rows by delta-rs');
  });
  await check(`${kind.name}: Spark changes our table, and we read it`, async () => {
    await changeBySpark(spark, kind.name, 3);
    await agree(spark, kind.name, more, 'rows after Spark');
  });
  await check(`${kind.name}: checksums of both fit the log`, () => checksumsAgree(kind.name));
  await check(`${kind.name}: we change it after Spark, and Spark reads it`, async () => {
    await change(kind.name, 5);
    await delta.checkpoint(kind.name);
    await agree(spark, kind.name, more, 'rows after us');
  });
  const theirs = `${kind.name}_spark`;
  await check(`${kind.name}: a table of Spark's own, changed by us and by Spark again`, async () => {
    await createBySpark(spark, kind, theirs);
    const rules = (kind.extra ?? []).map(({ name }) => name);
    await agree(spark, theirs, rules, 'rows of Spark');
    await change(theirs, 3);
    await agree(spark, theirs, rules, 'rows after us');
    await changeBySpark(spark, theirs, 4);
    await agree(spark, theirs, rules, 'rows after Spark again');
    await checksumsAgree(theirs);
  });
}
await spark.stop();
await delta.idle();
connection.closeSync();
instance.closeSync();
await rm(root, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
