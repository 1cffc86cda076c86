import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanQuery } from '@boathouse/contracts';
import { planStatement } from '../index.ts';
import { ada, type Options, session, TestCatalog } from './fixture.ts';

/** Plans for an attached Spark. */
const plan = (text: string, { catalog = new TestCatalog(), ...options }: Options = {}) =>
  planStatement({
    text,
    session: options.session ?? session(),
    principal: ada,
    catalog,
    now: new Date(0),
    engine: 'spark',
    ...(options.parameters ? { parameters: options.parameters } : {}),
  });

async function planQuery(text: string, options: Options = {}): Promise<PlanQuery> {
  const planned = await plan(text, options);
  if (planned.kind !== 'plan' || planned.body.kind !== 'query') throw new Error(`Not a query: ${text}`);
  return planned.body.query;
}

/** The text with each table as `<its name>`. */
const shown = ({ sparkText, tables }: PlanQuery) =>
  sparkText!
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const table = tables[piece.table]!;
      return table.source === 'delta' ? `<${table.fullName.split('.').at(-1)}>` : '<files>';
    })
    .join('');

const spark = async (text: string, options: Options = {}) => shown(await planQuery(text, options));
const refuses = (text: string, expected: { code: string; message?: RegExp }, options: Options = {}) =>
  assert.rejects(plan(text, options), expected);

test('a table becomes a piece under the name by which the query knows it, and all else stays as written', async () => {
  assert.equal(
    await spark('SELECT f.id,  count(*)\nFROM samples.flights f -- the flights\nGROUP BY ALL'),
    'SELECT f.id,  count(*)\nFROM <flights> f  \nGROUP BY ALL',
  );
  assert.equal(
    await spark('SELECT * FROM flights JOIN main.samples.airports ON origin = code'),
    'SELECT * FROM <flights> AS `flights` JOIN <airports> AS `airports` ON origin = code',
  );
  assert.equal(await spark('TABLE flights'), 'SELECT * FROM <flights>');
  assert.equal(
    await spark('SELECT 1 WHERE EXISTS (SELECT * FROM flights VERSION AS OF 3 AS g WHERE g.id = 1)'),
    'SELECT 1 WHERE EXISTS (SELECT * FROM <flights> AS g WHERE g.id = 1)',
  );
});

test('a plan for Spark pins what the statement names, and needs the rights that it needs elsewhere', async () => {
  const catalog = new TestCatalog();
  const query = await planQuery('SELECT id FROM flights VERSION AS OF 3', { catalog });
  assert.deepEqual(
    query.tables.map((table) => table.source === 'delta' && [table.fullName, table.versionAsOf, table.needed.length]),
    [['main.samples.flights', 3, 5]],
  );
  assert.deepEqual(query.columns, [{ name: 'id', type: 'bigint', nullable: true }]);
  assert.deepEqual(query.engineText, []);
  assert.deepEqual(
    catalog.asked
      .at(-1)!
      .requirements.map(({ privilege, fullName }) => `${privilege} ${fullName}`)
      .sort(),
    ['SELECT main.samples.flights', 'USE CATALOG main', 'USE SCHEMA main.samples'],
  );
  catalog.denied.add('ada SELECT main.samples.flights');
  // Also where only Spark carries the query.
  await refuses(`SELECT from_avro(unhex(origin), '"int"') FROM flights`, { code: 'PERMISSION_DENIED' }, { catalog });
  await refuses('SELECT * FROM nowhere', { code: 'TABLE_OR_VIEW_NOT_FOUND' });
  await refuses('SELECT * FROM parquet.`/etc/passwd`', { code: 'TABLE_OR_VIEW_NOT_FOUND' });
  await refuses('SELECT nothing FROM flights', { code: 'UNRESOLVED_COLUMN.WITH_SUGGESTION' });
});

test('a query that the embedded engine refuses for a function runs on Spark, which tells its columns', async () => {
  const query = await planQuery(`SELECT from_avro(unhex(origin), '"int"') FROM flights`);
  assert.equal(shown(query), `SELECT from_avro(unhex(origin), '"int"') FROM <flights> AS \`flights\``);
  assert.deepEqual(query.columns, []);
});

test('functions that reach past their arguments stay out', async () => {
  for (const call of [
    "reflect('java.lang.System', 'getenv')",
    "java_method('java.lang.System', 'exit', 1)",
    "try_reflect('java.lang.System', 'getenv')",
    "from_protobuf(x'00', 'M', '/etc/passwd')",
    'current_path()',
  ])
    await refuses(`SELECT ${call}`, { code: 'UNSUPPORTED_FUNCTION', message: /attached Spark/ });
  await refuses("SELECT * FROM range(3) LATERAL VIEW reflect('a', 'b') t AS x", { code: 'UNSUPPORTED_FUNCTION' });
  await assert.rejects(plan("SELECT * FROM table_changes_by_path('/x', 0)"));
  await refuses("SELECT from_xml('<a/>', 'a int', map('rowValidationXSDPath', '/etc/passwd'))", {
    code: 'UNSUPPORTED_FEATURE',
  });
  await refuses('SELECT main.f(1)', { code: 'UNRESOLVED_ROUTINE' });
  await refuses('SELECT no_such_function(1)', { code: 'UNRESOLVED_ROUTINE' });
  await refuses("SELECT * FROM read_files('/Volumes/main/samples/landing/a.csv')", { code: 'UNSUPPORTED_FEATURE' });
});

test('columns named by catalog and schema are named by their table alone', async () => {
  assert.equal(
    await spark('SELECT main.samples.flights.id, samples.flights.* FROM flights WHERE samples.flights.delay > 1'),
    'SELECT `flights`.`id`, `flights`.* FROM <flights> AS `flights` WHERE `flights`.`delay` > 1',
  );
  assert.equal(
    await spark('SELECT (SELECT max(a.code) FROM airports a WHERE a.code = samples.flights.origin) FROM flights'),
    'SELECT (SELECT max(a.code) FROM <airports> a WHERE a.code = `flights`.`origin`) FROM <flights> AS `flights`',
  );
});

test('names of WITH stay, also where a table has the name, and end where their query ends', async () => {
  assert.equal(
    await spark('WITH flights AS (SELECT * FROM flights), b AS (TABLE flights) SELECT * FROM flights, b'),
    'WITH flights AS (SELECT * FROM <flights> AS `flights`), b AS (TABLE flights) SELECT * FROM flights, b',
  );
  assert.equal(
    await spark('SELECT * FROM (WITH flights AS (SELECT 1 AS one) SELECT * FROM flights) x, flights'),
    'SELECT * FROM (WITH flights AS (SELECT 1 AS one) SELECT * FROM flights) x, <flights> AS `flights`',
  );
  assert.equal(
    await spark('WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r'),
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r',
  );
});

test('views become subqueries with the columns that they promised, read with the rights of their owner', async () => {
  const catalog = new TestCatalog();
  const view = {
    kind: 'VIEW' as const,
    viewText: 'SELECT id, delay FROM flights -- all',
    viewCatalog: 'main',
    viewSchema: 'samples',
    ownerId: 'bo',
  };
  catalog.tables.push(catalog.make('late', 'number bigint, delay bigint', view));
  assert.equal(
    await spark('SELECT samples.late.number FROM late', { catalog }),
    'SELECT `late`.`number` FROM (SELECT c0 AS `number`, CAST(c1 AS bigint) AS `delay` FROM (SELECT id, delay FROM <flights> AS `flights`) AS v(c0, c1)) AS `late`',
  );
  const rights = catalog.asked.map(({ principal, requirements }) => [principal, requirements.at(-1)!.fullName]);
  assert.deepEqual(rights, [
    ['ada', 'main.samples.late'],
    ['bo', 'main.samples.flights'],
  ]);
  const temporary = { name: 'v', text: 'SELECT max(id) AS m FROM flights', catalog: 'main', schema: 'samples' };
  assert.equal(
    await spark('SELECT * FROM v', { session: { ...session(), tempViews: { v: temporary } } }),
    'SELECT * FROM (SELECT c0 AS `m` FROM (SELECT max(id) AS m FROM <flights> AS `flights`) AS v(c0)) AS `v`',
  );
});

test('parameters and values of the session are literals: Spark would tell its own', async () => {
  assert.equal(
    await spark('SELECT 1 -:n AS a, ? FROM range(3)', {
      parameters: {
        named: { n: { value: '-5', type: 'bigint' } },
        positional: [{ value: "it's \\ so", type: 'string' }],
      },
    }),
    "SELECT 1 - -5L  AS a,  'it\\'s \\\\ so'  FROM range(3)",
  );
  assert.equal(
    await spark('SELECT current_catalog(), current_user AS me FROM flights WHERE origin = current_schema'),
    "SELECT  'main' AS `current_catalog()`,  'ada@example.org' AS me FROM <flights> AS `flights` WHERE origin =  'samples'",
  );
  assert.equal(
    await spark('SELECT upper(current_schema()), 1'),
    "SELECT upper( 'samples') AS `upper(current_schema())`, 1",
  );
  await refuses('SELECT * FROM (SELECT upper(current_schema()))', { code: 'UNSUPPORTED_FEATURE', message: /AS/ });
  // A column of that name is the column.
  const catalog = new TestCatalog();
  catalog.tables.push(catalog.make('people', 'user string', {}));
  assert.equal(
    await spark('SELECT user, transform(array(1), current_user -> current_user) FROM people', { catalog }),
    'SELECT user, transform(array(1), current_user -> current_user) FROM <people> AS `people`',
  );
});

test('rows to be written are computed in the types of the columns', async () => {
  const planned = await plan("INSERT INTO airports (city, code) WITH x AS (SELECT 'a' AS a) SELECT a, 1 FROM x");
  assert.ok(planned.kind === 'plan' && planned.body.kind === 'insert');
  assert.equal(
    shown(planned.body.query),
    "SELECT CAST(c1 AS string) AS `code`, CAST(c0 AS string) AS `city` FROM (WITH x AS (SELECT 'a' AS a) SELECT a, 1 FROM x) AS s(c0, c1)",
  );
  const created = await plan('CREATE TABLE made AS SELECT id, current_user() AS who FROM flights');
  assert.ok(created.kind === 'createTable' && created.query);
  assert.equal(
    shown(created.query),
    "SELECT CAST(c0 AS bigint) AS `id`, CAST(c1 AS string) AS `who` FROM (SELECT id,  'ada@example.org' AS who FROM <flights> AS `flights`) AS s(c0, c1)",
  );
  const catalog = new TestCatalog();
  const columns = catalog.tables[1]!.columns.map((column) => ({ ...column, default: "concat('x', 'y')" }));
  catalog.tables.push(catalog.make('places', '', { columns }));
  const defaults = await plan("INSERT INTO places VALUES (DEFAULT, 'b')", { catalog });
  assert.ok(defaults.kind === 'plan' && defaults.body.kind === 'insert');
  assert.match(shown(defaults.body.query), /FROM \(VALUES \(\(concat\('x', 'y'\)\), 'b'\)\)/);
});

test('statements that change rows in place are for the embedded engine', async () => {
  for (const text of ['DELETE FROM flights', 'UPDATE flights SET id = 1', 'OPTIMIZE flights', 'EXPLAIN SELECT 1'])
    await refuses(text, { code: 'UNSUPPORTED_FEATURE', message: /embedded engine/ });
});

test('text that Spark would replace by variables of its server stays text', async () => {
  const name = ['$', '{env:HOME}'].join('');
  assert.equal(
    await spark(`SELECT '${name}' AS a, r'\\${name}' AS b -- ${name}`),
    "SELECT '\\u0024{env:HOME}' AS a, '\\\\\\u0024{env:HOME}' AS b",
  );
  await refuses(`SELECT 1 AS \`${name}\``, { code: 'UNSUPPORTED_FEATURE' });
});

test('variables of the session are values, where no column has their name', async () => {
  const variables = {
    n: { name: 'n', type: 'int', value: 7 },
    id: { name: 'id', type: 'string', value: "it's" },
    p: { name: 'p', type: 'struct<a:int,b:array<date>>', value: [1, ['2024-01-02']] },
  };
  const options = { session: { ...session(), variables } };
  assert.equal(
    await spark('SELECT n, n + 1 AS more, session.id AS own, id FROM flights WHERE id > n', options),
    "SELECT  CAST( 7  AS int)  AS `n`,  CAST( 7  AS int)  + 1 AS more,  CAST( 'it\\'s'  AS string)  AS own, id FROM <flights> AS `flights` WHERE id >  CAST( 7  AS int) ",
  );
  assert.match(
    await spark('SELECT p.a AS a FROM (SELECT 1 AS one)', options),
    /AS struct<a: ?int,b: ?array<date>>\)\.`a` {2}AS a FROM/,
  );
});
