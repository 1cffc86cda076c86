import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CompletionSource, completeSql } from '../index.ts';

const columns: Record<string, [string, string][]> = {
  flights: [
    ['carrier', 'string'],
    ['delay', 'int'],
    ['day', 'date'],
    ['tail number', 'string'],
  ],
  carriers: [
    ['code', 'string'],
    ['name', 'string'],
  ],
  orders: [['total', 'decimal(10,2)']],
};
const source: CompletionSource = {
  currentCatalog: 'main',
  currentSchema: 'samples',
  catalogs: ['main', 'lab'],
  schemas: [
    { catalog: 'main', name: 'samples' },
    { catalog: 'main', name: 'sales' },
    { catalog: 'lab', name: 'bench' },
  ],
  tables: [
    { catalog: 'main', schema: 'samples', name: 'flights' },
    { catalog: 'main', schema: 'samples', name: 'carriers' },
    { catalog: 'main', schema: 'sales', name: 'orders' },
    { catalog: 'lab', schema: 'bench', name: 'my-runs' },
    { name: 'scratch', kind: 'temporary view' },
  ],
  columnsOf: ({ name }) => columns[name]?.map(([column, type]) => ({ name: column, type })),
  functions: ['sum', 'date_trunc', { name: 'read_files', detail: '(path, …)' }],
};

/** Completes at the `|` of a text. */
function at(marked: string) {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const found = completeSql(text, offset, source);
  return { ...found, of: (kind: string) => found.items.filter((item) => item.kind === kind).map(({ label }) => label) };
}

test('a statement begins with the words of statements', () => {
  assert.equal(at('sel|').items[0]?.label, 'SELECT');
  assert.ok(at('SELECT 1;\nDESC|').of('keyword').includes('DESCRIBE HISTORY'));
});

test('columns of the tables in FROM are offered before it is written to the end', () => {
  assert.deepEqual(at('SELECT | FROM flights').of('column'), ['carrier', 'delay', 'day', 'tail number']);
  assert.deepEqual(at('SELECT carrier, d| FROM flights f WHERE x').of('column').slice(0, 2), ['delay', 'day']);
  assert.deepEqual(at('SELECT * FROM flights WHERE ca|').items[0], {
    kind: 'column',
    label: 'carrier',
    insert: 'carrier',
    detail: 'string · flights',
  });
  assert.deepEqual(at('SELECT f.| FROM flights f JOIN carriers c ON f.carrier = c.code').of('column'), [
    'carrier',
    'delay',
    'day',
    'tail number',
  ]);
  assert.deepEqual(at('SELECT 1 FROM flights f JOIN carriers c ON c.|').of('column'), ['code', 'name']);
  assert.deepEqual(at('SELECT 1 FROM flights f, main.sales.orders o GROUP BY o.|').of('column'), ['total']);
});

test('aliases are offered beside the columns, and names are quoted where they must be', () => {
  assert.deepEqual(at('SELECT | FROM flights f JOIN carriers').of('alias'), ['f', 'carriers']);
  assert.equal(at('SELECT tail| FROM flights').items[0]?.insert, '`tail number`');
  assert.equal(at('SELECT `ta| FROM flights').items[0]?.insert, '`tail number`');
});

test('tables come with the shortest name that finds them, those of the current schema first', () => {
  const found = at('SELECT * FROM |');
  assert.deepEqual(found.of('table'), ['flights', 'carriers', 'scratch', 'sales.orders', 'lab.bench.my-runs']);
  assert.deepEqual(found.of('function'), ['read_files']);
  assert.equal(at('SELECT * FROM my|').items[0]?.insert, 'lab.bench.`my-runs`');
  assert.deepEqual(at('SELECT * FROM flights JOIN car|').of('table'), ['carriers']);
  assert.deepEqual(at('SELECT * FROM flights, car|').of('table'), ['carriers']);
  assert.deepEqual(at('INSERT INTO fl|').of('table'), ['flights']);
  assert.deepEqual(at('DESCRIBE HISTORY fl|').of('table'), ['flights']);
  assert.deepEqual(at('SELECT * FROM STREAM(fl|').of('table'), ['flights']);
});

test('a name is completed step by step: catalog, schema, table', () => {
  assert.deepEqual(at('SELECT * FROM ma|').of('catalog'), ['main']);
  assert.deepEqual(at('SELECT * FROM lab.|').of('schema'), ['bench']);
  assert.deepEqual(at('SELECT * FROM lab.bench.|').of('table'), ['my-runs']);
  assert.deepEqual(at('SELECT * FROM sales.o|').of('table'), ['orders']);
  assert.deepEqual(at('USE CATALOG |').of('catalog'), ['main', 'lab']);
  assert.deepEqual(at('USE |').of('schema'), ['samples', 'sales']);
  assert.deepEqual(at('SHOW TABLES IN s|').of('schema'), ['samples', 'sales']);
});

test('common table expressions and subqueries give the columns that their text tells', () => {
  const cte = 'WITH late AS (SELECT carrier, sum(delay) AS total, f.day FROM flights f) ';
  assert.deepEqual(at(`${cte}SELECT | FROM late`).of('column'), ['carrier', 'total', 'day']);
  assert.deepEqual(at(`${cte}SELECT * FROM la|`).of('alias'), ['late']);
  assert.deepEqual(at('WITH x (a, b) AS (SELECT 1, 2) SELECT x.| FROM x').of('column'), ['a', 'b']);
  assert.deepEqual(at('SELECT q.| FROM (SELECT *, delay * 2 AS twice FROM flights) q').of('column'), [
    'carrier',
    'delay',
    'day',
    'tail number',
    'twice',
  ]);
  assert.deepEqual(at('SELECT v.| FROM VALUES (1, 2) AS v(one, two)').of('column'), ['one', 'two']);
});

test('inside a subquery its own columns stand before those of the query around it', () => {
  const found = at('SELECT * FROM flights f WHERE EXISTS (SELECT 1 FROM carriers c WHERE |)');
  assert.deepEqual(found.of('column'), ['code', 'name', 'carrier', 'delay', 'day', 'tail number']);
  assert.deepEqual(at('SELECT code FROM carriers UNION SELECT | FROM main.sales.orders').of('column'), ['total']);
});

test('only the statement under the cursor counts', () => {
  assert.deepEqual(at('SELECT * FROM carriers; SELECT | FROM main.sales.orders; SELECT * FROM flights').of('column'), [
    'total',
  ]);
});

test('types are offered where a type is meant, clauses after relations', () => {
  assert.ok(at('SELECT CAST(a AS de|').of('type').includes('DECIMAL('));
  assert.ok(at('SELECT a::str|').of('type').includes('STRING'));
  assert.ok(at('SELECT * FROM flights wh|').of('keyword').includes('WHERE'));
  assert.ok(at('SELECT * FROM flights f le|').of('keyword').includes('LEFT JOIN'));
  assert.ok(at('SELECT carrier fr|').of('keyword').includes('FROM'));
  assert.deepEqual(at('CREATE VIEW v AS sel|').of('keyword'), ['SELECT']);
  assert.ok(at('SELECT extract(year FROM d|) FROM flights').of('column').includes('day'));
});

test('nothing is offered in strings, comments, numbers and aliases', () => {
  for (const text of [
    "SELECT 'fl|",
    "SELECT 'fl|' FROM flights",
    '-- fl|',
    '/* fl| */',
    'SELECT 12|',
    'SELECT carrier AS d| FROM flights',
  ]) {
    assert.deepEqual(at(text).items, [], text);
  }
});

test('the written word is what is replaced', () => {
  const text = 'SELECT car FROM flights';
  const found = completeSql(text, 10, source);
  assert.deepEqual([found.start, found.end], [7, 10]);
});

test('any half of any statement is completed without an error', () => {
  const text =
    "WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT `x y`, f.*, (SELECT max(n) FROM a), CASE WHEN n THEN 'é' END FROM (flights f JOIN carriers USING (code)) LATERAL VIEW explode(xs) e AS c, STREAM(b) VERSION AS OF 1 g; MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE; INSERT INTO t (a, b) VALUES (1, /* x";
  for (let end = 0; end <= text.length; end += 1) {
    for (let offset = 0; offset <= end; offset += 7) completeSql(text.slice(0, end), offset, source);
  }
  completeSql('('.repeat(20_000), 20_000, source);
});

test('the door needs nothing but this package, so that the browser can load it', () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, typeOnly, path] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (type )?[^;]*?from '([^']+)'/gm,
    )) {
      if (typeOnly) continue;
      assert.match(path!, /^\.\.?\//, `${file} imports ${path}`);
      visit(join(dirname(file), path!));
    }
  };
  visit(fileURLToPath(new URL('../index.ts', import.meta.url)));
  assert.ok(seen.size >= 8);
});
