import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bo, openDuck, planQuery, session, TestCatalog } from './fixture.ts';

let duck: Awaited<ReturnType<typeof openDuck>>;
before(async () => {
  duck = await openDuck();
});
after(() => duck.close());

const answer = async (text: string, options?: Parameters<typeof planQuery>[1]) =>
  duck.run(await planQuery(text, options));

test('a query over a table runs on the engine with only the columns that it needs', async () => {
  const query = await planQuery('SELECT origin, delay FROM main.samples.flights WHERE delay > 0 ORDER BY delay DESC');
  assert.deepEqual(query.tables[0]!.needed, ['origin', 'delay']);
  assert.deepEqual(
    query.columns.map(({ name, type }) => `${name} ${type}`),
    ['origin string', 'delay int'],
  );
  assert.equal(query.ordered, true);
  assert.deepEqual(await duck.run(query), [
    [null, 30],
    ['ZRH', 10],
  ]);
});

test('a count of rows needs no column of the table', async () => {
  const query = await planQuery('SELECT count(*) FROM flights');
  assert.deepEqual(query.tables[0]!.needed, []);
  assert.deepEqual(query.columns, [{ name: 'count(1)', type: 'bigint', nullable: false }]);
  assert.deepEqual(await duck.run(query), [['4']]);
});

test('ascending order puts NULL first, descending last', async () => {
  assert.deepEqual(await answer('SELECT delay FROM flights ORDER BY delay'), [[null], [-5], [10], [30]]);
  assert.deepEqual(await answer('SELECT delay FROM flights ORDER BY delay DESC'), [[30], [10], [-5], [null]]);
});

test('groups, HAVING and ORDER BY of an aggregate agree', async () => {
  const text = `SELECT f.origin, a.city, count(*) AS n, sum(f.delay) AS total FROM flights f
    LEFT JOIN airports a ON f.origin = a.code GROUP BY f.origin, a.city HAVING n >= 1 ORDER BY sum(f.delay), n`;
  assert.deepEqual(await answer(text), [
    ['BER', 'Berlin', '1', '-5'],
    ['ZRH', 'Zürich', '2', '10'],
    [null, null, '1', '30'],
  ]);
});

test('windows stand over aggregates and QUALIFY filters by them', async () => {
  const grouped =
    'SELECT origin, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS r FROM flights GROUP BY origin';
  assert.deepEqual(await answer(`${grouped} ORDER BY r, origin LIMIT 1`), [['ZRH', '2', 1]]);
  const text = 'SELECT id FROM flights QUALIFY row_number() OVER (PARTITION BY origin ORDER BY id) = 2';
  assert.deepEqual(await answer(text), [['2']]);
});

test('ROLLUP over no rows gives no row', async () => {
  assert.deepEqual(await answer('SELECT origin, count(*) FROM flights WHERE id > 9 GROUP BY ROLLUP (origin)'), []);
});

test('USING puts the key first and once', async () => {
  const query = await planQuery(
    'SELECT * FROM flights JOIN (SELECT code AS origin, city FROM airports) USING (origin) WHERE id = 1',
  );
  assert.deepEqual(
    query.columns.map(({ name }) => name),
    ['origin', 'id', 'destination', 'delay', 'day', 'city'],
  );
  assert.deepEqual(await duck.run(query), [['ZRH', '1', 'BER', 10, '2024-01-01', 'Zürich']]);
});

test('common table expressions, set operations and correlated subqueries work together', async () => {
  const text = `WITH late AS (SELECT * FROM flights WHERE delay > 0)
    SELECT city FROM airports a WHERE EXISTS (SELECT 1 FROM late WHERE late.origin = a.code)
    UNION ALL SELECT origin FROM late WHERE origin IN (SELECT code FROM airports) ORDER BY city`;
  assert.deepEqual(await answer(text), [['ZRH'], ['Zürich']]);
});

test('top-level comparisons of a column with literals prune files, and nothing else does', async () => {
  const query = await planQuery(`SELECT id FROM flights
    WHERE id >= 3 AND day = DATE'2024-01-02' AND 'ZRH' = origin AND delay + 1 > 2 AND (id = 1 OR id = 2)`);
  const [table] = query.tables;
  assert.equal(table!.source, 'delta');
  assert.deepEqual(table!.source === 'delta' && table!.predicates, [
    { column: 'id', op: '>=', values: ['3'] },
    { column: 'day', op: '=', values: ['2024-01-02'] },
    { column: 'origin', op: '=', values: ['ZRH'] },
  ]);
});

test('IS NULL over the filled side of an outer join does not prune', async () => {
  const query = await planQuery(
    'SELECT f.id FROM flights f LEFT JOIN airports a ON f.origin = a.code WHERE a.city IS NULL',
  );
  assert.deepEqual(
    query.tables.map((table) => (table.source === 'delta' ? table.predicates : null)),
    [[], []],
  );
});

test('an unknown column names its near neighbours and its place', async () => {
  await assert.rejects(
    planQuery('SELECT id,\n  orign FROM flights'),
    (error: { code: string; position: object; message: string }) => {
      assert.equal(error.code, 'UNRESOLVED_COLUMN.WITH_SUGGESTION');
      assert.match(error.message, /`origin`/);
      assert.deepEqual(error.position, { line: 2, column: 3, start: 13, end: 18 });
      return true;
    },
  );
});

for (const [text, code] of [
  ['SELECT * FROM nowhere', 'TABLE_OR_VIEW_NOT_FOUND'],
  ['SELECT f.id FROM flights f, flights g WHERE id = 1', 'AMBIGUOUS_REFERENCE'],
  ['SELECT nonsense(id) FROM flights', 'UNRESOLVED_ROUTINE'],
  ['SELECT id, count(*) FROM flights', 'MISSING_GROUP_BY'],
  ['SELECT id, count(*) FROM flights GROUP BY origin', 'MISSING_AGGREGATION'],
  ['SELECT id FROM flights WHERE count(*) > 1', 'INVALID_WHERE_CONDITION'],
  ['SELECT sum(count(*)) FROM flights', 'NESTED_AGGREGATE_FUNCTION'],
  ['SELECT id FROM flights WHERE 1', 'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN'],
  ['SELECT rank() OVER () FROM flights', 'WINDOW_FUNCTION_FRAME_NOT_ORDERED'],
  ["SELECT * FROM read_files('/etc/passwd')", 'UNSUPPORTED_FILE_PATH'],
  ["SELECT * FROM read_files('/Volumes/main/samples/landing/../x')", 'UNSUPPORTED_FILE_PATH'],
  ["SELECT * FROM read_csv('x')", 'UNRESOLVABLE_TABLE_VALUED_FUNCTION'],
  ['SELECT * FROM flights TABLESAMPLE (10 PERCENT)', 'UNSUPPORTED_FEATURE'],
  ["COPY INTO flights FROM '/x' FILEFORMAT = CSV", 'UNSUPPORTED_FEATURE'],
  ['SELECT :missing', 'UNBOUND_SQL_PARAMETER'],
] as const) {
  test(`${text} is refused as ${code}`, async () => {
    await assert.rejects(planQuery(text), (error: { code: string }) => error.code.startsWith(code));
  });
}

test('read_files plans the files of a volume with their inferred schema', async () => {
  const query = await planQuery(
    "SELECT sum(amount) FROM read_files('/Volumes/main/samples/landing/in', format => 'csv', header => true)",
  );
  assert.deepEqual(query.tables, [
    {
      source: 'files',
      location: 'volumes/v/in/',
      path: '/Volumes/main/samples/landing/in',
      format: 'csv',
      options: { header: 'true' },
      columns: new TestCatalog().files.columns,
      needed: ['amount'],
      stream: false,
    },
  ]);
});

test('files are not opened for a person who may not read their volume', async () => {
  const catalog = new TestCatalog();
  catalog.denied.add('ada READ VOLUME main.samples.landing');
  let opened = false;
  catalog.inferFiles = async () => {
    opened = true;
    return catalog.files;
  };
  await assert.rejects(planQuery("SELECT * FROM read_files('/Volumes/main/samples/landing/x.csv')", { catalog }), {
    code: 'PERMISSION_DENIED',
  });
  assert.equal(opened, false);
});

test('parameters are values and never text of the statement', async () => {
  const parameters = { named: { place: { value: "ZRH' OR '1'='1" }, least: { value: '10', type: 'int' } } };
  assert.deepEqual(await answer('SELECT id FROM flights WHERE origin = :place', { parameters }), []);
  assert.deepEqual(await answer('SELECT id FROM flights WHERE delay >= :least ORDER BY id', { parameters }), [
    ['1'],
    ['4'],
  ]);
});

test('time travel pins a version', async () => {
  for (const text of ['SELECT id FROM flights VERSION AS OF 3', 'SELECT id FROM flights@v3']) {
    const [table] = (await planQuery(text)).tables;
    assert.equal(table!.source === 'delta' && table!.versionAsOf, 3);
  }
});

test('a view reads its tables with the rights of its owner, where its short names led at its creation', async () => {
  const catalog = new TestCatalog();
  catalog.tables.push(
    catalog.make('late', 'id bigint', {
      kind: 'VIEW',
      ownerId: 'bo',
      viewText: 'SELECT * FROM flights WHERE delay > 0',
      viewCatalog: 'main',
      viewSchema: 'samples',
      location: undefined,
    }),
  );
  const query = await planQuery('SELECT * FROM main.samples.late ORDER BY id', {
    catalog,
    session: { ...session(), schema: 'elsewhere' },
  });
  assert.deepEqual(
    query.columns.map(({ name }) => name),
    ['id'],
  );
  assert.deepEqual(await duck.run(query), [['1'], ['4']]);
  const selects = catalog.asked.map(({ principal, requirements }) => [
    principal,
    requirements.filter((item) => item.privilege === 'SELECT').map((item) => item.fullName),
  ]);
  assert.deepEqual(selects, [
    ['ada', ['main.samples.late']],
    [bo.userId, ['main.samples.flights']],
  ]);
});
