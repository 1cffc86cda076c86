import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openDuck, planQuery } from './fixture.ts';

let duck: Awaited<ReturnType<typeof openDuck>>;
before(async () => {
  duck = await openDuck();
});
after(() => duck.close());

const answer = async (text: string) => duck.run(await planQuery(text));
const counting = async (step: string, head = 'r(n)') =>
  answer(`WITH RECURSIVE ${head} AS (SELECT 1 UNION ALL ${step}) SELECT * FROM r ORDER BY n`);
const three = [[1], [2], [3]];

test('a recursive step may be in parentheses, distinct, joined, or read itself through a subquery of FROM', async () => {
  const steps = [
    '(SELECT n + 1 FROM r WHERE n < 3)',
    'SELECT DISTINCT n + 1 FROM r WHERE n < 3',
    'SELECT n + 1 FROM (SELECT n FROM r WHERE n < 3)',
    'SELECT a.n + 1 FROM r a JOIN r b ON a.n = b.n WHERE a.n < 3',
    'SELECT r.n + 1 FROM (VALUES (1)) AS s(k) RIGHT JOIN r ON r.n = s.k WHERE r.n < 3',
  ];
  for (const step of steps) assert.deepEqual(await counting(step), three, step);
});

test('a recursive step takes the types of the first part where these hold its own', async () => {
  const text =
    'WITH RECURSIVE r(n) AS (SELECT 1.5D UNION ALL SELECT CAST(n AS INT) + 1 FROM r WHERE n < 3) SELECT * FROM r ORDER BY n';
  assert.deepEqual(await answer(text), [[1.5], [2], [3]]);
  await assert.rejects(counting('SELECT n + 1L FROM r WHERE n < 3'), { code: 'CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE' });
});

test('recursion ends with an error at its level, which the query may set', async () => {
  await assert.rejects(counting('SELECT n + 1 FROM r', 'r(n) MAX RECURSION LEVEL 3'), /RECURSION_LEVEL_LIMIT_EXCEEDED/);
  assert.equal((await counting('SELECT n + 1 FROM r WHERE n < 150', 'r(n) MAX RECURSION LEVEL 200')).length, 150);
});

test('recursion under aggregates, windows and the optional side of a join is refused', async () => {
  const refused = {
    'SELECT max(n) + 1 FROM r': 'INVALID_RECURSIVE_REFERENCE.PLACE',
    'SELECT row_number() OVER (ORDER BY n) FROM r': 'INVALID_RECURSIVE_REFERENCE.PLACE',
    'SELECT r.n FROM (VALUES (1)) AS s(k) LEFT JOIN r ON true': 'INVALID_RECURSIVE_REFERENCE.PLACE',
    'SELECT n + 1 FROM r LIMIT 4': 'INVALID_RECURSIVE_CTE',
    'SELECT n + 1 FROM r UNION ALL SELECT n + 2 FROM r': 'INVALID_RECURSIVE_CTE',
  };
  for (const [step, code] of Object.entries(refused)) await assert.rejects(counting(step), { code }, step);
});

test('a field may be read from every element of an array and from a map', async () => {
  const from = "VALUES (array(named_struct('f', 1), named_struct('f', 2)), map('k', 5)) AS v(xs, m)";
  assert.deepEqual(await answer(`SELECT xs.f[1], m.k, m.gone FROM ${from}`), [[2, 5, null]]);
});

test('columns of the outer query may not stand where a subquery aggregates', async () => {
  const from = 'VALUES (1, 2) AS t(a, b)';
  const code = 'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE';
  await assert.rejects(planQuery(`SELECT (SELECT max(k) + t.a FROM VALUES (1) AS s(k)) FROM ${from}`), { code });
  await assert.rejects(planQuery(`SELECT (SELECT sum(t.a) FROM VALUES (1) AS s(k)) FROM ${from}`), { code });
  assert.deepEqual(await answer(`SELECT sum((SELECT max(k) FROM VALUES (1) AS s(k) WHERE k = t.a)) FROM ${from}`), [
    ['1'],
  ]);
});
