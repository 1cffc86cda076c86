import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPipeline } from '../index.ts';
import { ada, session, TestCatalog } from './fixture.ts';

const pipeline = (texts: string[], catalog = new TestCatalog()) =>
  planPipeline(
    texts.map((text, index) => ({ cellId: `cell${index}`, text })),
    { catalog, session: session(), principal: ada, now: new Date(0), defaults: { catalog: 'main', schema: 'samples' } },
  );

const orders = `CREATE OR REFRESH STREAMING TABLE orders (CONSTRAINT paid EXPECT (amount > 0) ON VIOLATION DROP ROW)
  AS SELECT id, amount FROM STREAM read_files('/Volumes/main/samples/landing/', format => 'csv')`;
const totals = 'CREATE OR REFRESH MATERIALIZED VIEW totals AS SELECT count(*) AS n, sum(amount) AS total FROM orders';

test('datasets are ordered by what they read, whatever the order of the cells', async () => {
  const { flows, graph } = await pipeline([totals, orders]);
  assert.deepEqual(graph.errors, []);
  assert.deepEqual(
    flows.map(({ dataset, kind }) => `${dataset} ${kind}`),
    ['main.samples.orders streaming', 'main.samples.totals materialized'],
  );
  assert.deepEqual(flows[1]!.inputs, ['main.samples.orders']);
  assert.deepEqual(
    flows[1]!.columns.map(({ name, type }) => `${name} ${type}`),
    ['n bigint', 'total double'],
  );
  assert.deepEqual(graph.edges, [
    { from: 'main.samples.orders', to: 'main.samples.totals' },
    { from: '/Volumes/main/samples/landing/', to: 'main.samples.orders' },
  ]);
  assert.deepEqual(
    graph.nodes.map(({ name, kind, cellId }) => [name, kind, cellId]),
    [
      ['/Volumes/main/samples/landing/', 'files', null],
      ['totals', 'materialized_view', 'cell0'],
      ['orders', 'streaming_table', 'cell1'],
    ],
  );
});

test('a dataset that does not exist yet is named by its full name until it is reserved', async () => {
  const { flows } = await pipeline([orders, totals]);
  const [table] = flows[1]!.query.tables;
  assert.ok(table?.source === 'delta');
  assert.deepEqual(
    [table.tableId, table.fullName, table.location],
    ['dataset:main.samples.orders', 'main.samples.orders', ''],
  );
  const [files] = flows[0]!.query.tables;
  assert.ok(files?.source === 'files' && files.stream);
});

test('an expectation becomes a condition over the columns of its dataset', async () => {
  const { flows } = await pipeline([orders]);
  const [expectation] = flows[0]!.expectations;
  assert.equal(expectation!.expression, 'amount > 0');
  assert.equal(expectation!.action, 'drop');
  assert.match(expectation!.engineText, /"amount"/);
});

const problems: [string, string[], string][] = [
  [
    'a circle',
    ['CREATE MATERIALIZED VIEW a AS SELECT * FROM b', 'CREATE MATERIALIZED VIEW b AS SELECT * FROM a'],
    'PIPELINE_CYCLE',
  ],
  ['an unknown name', ['CREATE MATERIALIZED VIEW a AS SELECT * FROM nowhere'], 'TABLE_OR_VIEW_NOT_FOUND'],
  [
    'a name defined twice',
    [
      totals.replace('orders', 'flights').replaceAll('amount', 'delay'),
      'CREATE MATERIALIZED VIEW totals AS SELECT 1 AS x',
    ],
    'PIPELINE_DUPLICATE_DATASET',
  ],
  [
    'a streaming table that reads no stream',
    ['CREATE STREAMING TABLE a AS SELECT * FROM flights'],
    'INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE',
  ],
  [
    'a materialized view that reads a stream',
    [orders.replace('STREAMING TABLE', 'MATERIALIZED VIEW')],
    'INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW',
  ],
  [
    'an expectation that is no condition',
    [orders.replace('amount > 0', 'amount')],
    'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN',
  ],
  [
    'an expectation of an unknown column',
    [orders.replace('amount > 0', 'weight > 0')],
    'UNRESOLVED_COLUMN.WITH_SUGGESTION',
  ],
  [
    'an aggregate over a stream',
    [orders.replace('SELECT id, amount', 'SELECT id, sum(amount) AS amount').concat(' GROUP BY id')],
    'UNSUPPORTED_FEATURE',
  ],
  [
    'a dataset in the way of a table',
    ['CREATE MATERIALIZED VIEW flights AS SELECT 1 AS x'],
    'TABLE_OR_VIEW_ALREADY_EXISTS',
  ],
  ['a statement that makes no dataset', ['SELECT 1'], 'UNSUPPORTED_FEATURE'],
  ['a syntax error', ['CREATE MATERIALIZED VIEW a AS SELEC 1'], 'PARSE_SYNTAX_ERROR'],
];
for (const [what, texts, code] of problems) {
  test(`${what} is an error of the graph before any data moves`, async () => {
    const { graph } = await pipeline(texts);
    assert.equal(graph.errors[0]?.code, code);
    assert.match(graph.errors[0].cellId ?? '', /^cell\d$/);
    assert.ok(code === 'PIPELINE_CYCLE' || (graph.errors[0].position?.line ?? 0) > 0);
  });
}

test('both datasets of a circle say so, with the way round', async () => {
  const { graph, flows } = await pipeline(problems[0]![1]);
  assert.deepEqual(graph.errors.map(({ dataset, code }) => `${dataset} ${code}`).sort(), [
    'main.samples.a PIPELINE_CYCLE',
    'main.samples.b PIPELINE_CYCLE',
  ]);
  assert.match(graph.errors[0]!.message, /main\.samples\.a → main\.samples\.b → main\.samples\.a/);
  assert.deepEqual(flows, []);
});

test('what depends on a broken dataset says which one', async () => {
  const { graph, flows } = await pipeline([orders.replace('read_files', 'read_nothing'), totals]);
  assert.deepEqual(
    graph.errors.map(({ code }) => code),
    ['UNRESOLVABLE_TABLE_VALUED_FUNCTION', 'PIPELINE_UPSTREAM_FAILED'],
  );
  assert.deepEqual(flows, []);
});
