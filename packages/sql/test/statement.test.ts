import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitStatements } from '../index.ts';
import { plan, session, TestCatalog } from './fixture.ts';

const needs = (requires: { privilege: string; fullName: string }[]) =>
  requires.map((item) => `${item.privilege} ${item.fullName}`).sort();

test('CREATE TABLE AS SELECT carries columns, query and what must be allowed', async () => {
  const planned = await plan(
    'CREATE TABLE late PARTITIONED BY (day) AS SELECT day, count(*) AS n FROM flights GROUP BY day',
  );
  assert.equal(planned.kind, 'createTable');
  if (planned.kind !== 'createTable') return;
  assert.deepEqual(planned.columns, [
    { name: 'day', type: 'date', nullable: true },
    { name: 'n', type: 'bigint', nullable: true },
  ]);
  assert.deepEqual(planned.partitionColumns, ['day']);
  assert.deepEqual(needs(planned.requires), [
    'CREATE TABLE main.samples',
    'SELECT main.samples.flights',
    'USE CATALOG main',
    'USE SCHEMA main.samples',
  ]);
  assert.deepEqual(planned.reads, ['main.samples.flights']);
});

test('INSERT casts by position to the columns of the table, and leaves to the table what no value is given for', async () => {
  const planned = await plan('INSERT INTO airports (city) VALUES (5)');
  assert.ok(planned.kind === 'plan' && planned.body.kind === 'insert');
  assert.deepEqual(
    planned.body.query.columns.map(({ name, type }) => `${name} ${type}`),
    ['city string'],
  );
  assert.deepEqual(needs(planned.requires), [
    'MODIFY main.samples.airports',
    'USE CATALOG main',
    'USE SCHEMA main.samples',
  ]);
});

test('INSERT with too few values names the numbers', async () => {
  await assert.rejects(plan("INSERT INTO airports VALUES ('ZRH')"), {
    code: 'INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS',
  });
});

test('a temporary view belongs to the session and wins over a table of its name', async () => {
  const made = await plan('CREATE TEMPORARY VIEW airports AS SELECT 1 AS one');
  assert.ok(made.kind === 'plan' && made.session);
  const read = await plan('SELECT * FROM airports', { session: made.session });
  assert.ok(read.kind === 'plan' && read.body.kind === 'query');
  assert.deepEqual(
    read.body.query.columns.map(({ name }) => name),
    ['one'],
  );
  assert.deepEqual(read.requires, []);
});

test('a view of the catalog keeps its text, its columns and the place of its creation', async () => {
  const planned = await plan(
    'CREATE OR REPLACE VIEW delays (place, total) AS SELECT origin, sum(delay) FROM flights GROUP BY origin',
  );
  assert.ok(planned.kind === 'command' && planned.command.command === 'createView');
  assert.deepEqual(
    planned.command.columns.map(({ name, type }) => `${name} ${type}`),
    ['place string', 'total bigint'],
  );
  assert.equal(planned.command.viewText, 'SELECT origin, sum(delay) FROM flights GROUP BY origin');
  assert.equal(`${planned.command.viewCatalog}.${planned.command.viewSchema}`, 'main.samples');
  assert.deepEqual(planned.command.reads, ['main.samples.flights']);
});

test('USE changes the current schema only to one that is there', async () => {
  const used = await plan('USE main.samples', { session: { ...session(), schema: 'default' } });
  assert.equal(used.kind === 'plan' && used.session?.schema, 'samples');
  await assert.rejects(plan('USE SCHEMA nowhere'), { code: 'SCHEMA_NOT_FOUND' });
});

test('SHOW TABLES filters by its pattern and lists temporary views last', async () => {
  const made = await plan('CREATE TEMP VIEW fast AS SELECT 1 AS x');
  assert.ok(made.kind === 'plan' && made.session);
  const shown = await plan("SHOW TABLES LIKE 'f*'", { session: made.session });
  assert.ok(shown.kind === 'plan' && shown.body.kind === 'local');
  assert.deepEqual(shown.body.rows, [
    ['samples', 'flights', false],
    ['', 'fast', true],
  ]);
});

test('DESCRIBE lists columns with their types', async () => {
  const described = await plan('DESCRIBE airports');
  assert.ok(described.kind === 'plan' && described.body.kind === 'local');
  assert.deepEqual(described.body.rows, [
    ['code', 'string', null],
    ['city', 'string', null],
  ]);
});

test('DESCRIBE HISTORY goes to the data plane and needs SELECT', async () => {
  const planned = await plan('DESCRIBE HISTORY flights LIMIT 2');
  assert.ok(planned.kind === 'plan' && planned.body.kind === 'tableInfo');
  assert.equal(planned.body.limit, 2);
  assert.ok(needs(planned.requires).includes('SELECT main.samples.flights'));
});

test('GRANT needs MANAGE and knows only privileges that exist', async () => {
  const planned = await plan('GRANT SELECT, MODIFY ON TABLE flights TO `bo@example.org`');
  assert.ok(planned.kind === 'command' && planned.command.command === 'grant');
  assert.deepEqual(planned.command.privileges, ['SELECT', 'MODIFY']);
  assert.ok(needs(planned.requires).includes('MANAGE main.samples.flights'));
  await assert.rejects(plan('GRANT FLY ON TABLE flights TO `bo@example.org`'), { code: 'UNSUPPORTED_PRIVILEGE' });
});

test('nothing is planned for a person without the right, and the error names it', async () => {
  const catalog = new TestCatalog();
  catalog.denied.add('ada MANAGE main.samples.flights');
  await assert.rejects(plan('DROP TABLE flights', { catalog }), { code: 'PERMISSION_DENIED' });
});

test('SET keeps the time zone and refuses settings that nothing would honour', async () => {
  const planned = await plan("SET TIME ZONE 'Europe/Zurich'");
  assert.equal(planned.kind === 'plan' && planned.session?.timeZone, 'Europe/Zurich');
  await assert.rejects(plan('SET spark.sql.ansi.enabled = false'), { code: 'UNSUPPORTED_SETTING' });
});

for (const text of [
  'CREATE TABLE t (a INT) USING parquet',
  "CREATE TABLE t (a INT) LOCATION '/tmp/t'",
  'CREATE TABLE t (a INT) CLUSTER BY AUTO',
  'CREATE TABLE t (a CHAR(3))',
  'CREATE STREAMING TABLE t AS SELECT 1',
  'ALTER VIEW v RENAME TO w',
]) {
  test(`${text} is refused by name`, async () => {
    await assert.rejects(plan(text), (error: { code: string }) => error.code.startsWith('UNSUPPORTED_'));
  });
}

test('a script is one statement of a text', () => {
  const texts = (text: string) => splitStatements(text).map((piece) => piece.text);
  assert.deepEqual(texts('SELECT 0; BEGIN SELECT 1; INSERT INTO t VALUES (2); END'), [
    'SELECT 0',
    'BEGIN SELECT 1; INSERT INTO t VALUES (2); END',
  ]);
});

test('nested type brackets survive a reading of the text that is tried and given up', async () => {
  const planned = await plan('WITH z AS (SELECT CAST(NULL AS ARRAY<STRUCT<a: INT>>)) SELECT * FROM z');
  assert.ok(planned.kind === 'plan' && planned.body.kind === 'query');
  assert.equal(planned.body.query.columns[0]?.type, 'array<struct<a:int>>');
});
