import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planQuery, useDuck } from './fixture.ts';

const { answer, names } = useDuck();

const t = "VALUES (1, 'a', 10), (2, 'b', 20), (3, 'a', 30), (4, NULL, NULL) AS t(id, g, x)";
const days = "VALUES (DATE'2024-01-31'), (DATE'2024-02-29'), (DATE'2024-03-01') AS v(d)";

test('RANGE frames measure days, months and numbers of any type', async () => {
  const count = (frame: string) =>
    answer(`SELECT count(*) OVER (ORDER BY d RANGE BETWEEN ${frame} AND CURRENT ROW) FROM ${days}`);
  assert.deepEqual(await count('1 PRECEDING'), [['1'], ['1'], ['2']]);
  assert.deepEqual(await count("INTERVAL '1' DAY PRECEDING"), [['1'], ['1'], ['2']]);
  assert.deepEqual(await count("INTERVAL '1' MONTH PRECEDING"), [['1'], ['2'], ['2']]);
  const decimals = 'VALUES (1.0BD), (1.4BD), (2.0BD) AS v(o)';
  const text = `SELECT count(*) OVER (ORDER BY o RANGE BETWEEN 0.5 PRECEDING AND CURRENT ROW) FROM ${decimals}`;
  assert.deepEqual(await answer(text), [['1'], ['2'], ['1']]);
});

test('a frame whose distances do not suit its key names the reason', async () => {
  const refused = {
    "RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW": 'DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE',
    "RANGE BETWEEN INTERVAL '1' YEAR PRECEDING AND INTERVAL '6' MONTH PRECEDING":
      'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_DIFF_TYPES',
    'ROWS BETWEEN 1L PRECEDING AND CURRENT ROW': 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE',
    'ROWS BETWEEN CURRENT ROW AND UNBOUNDED PRECEDING': 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND',
    'ROWS BETWEEN 2 FOLLOWING AND 1 FOLLOWING': 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON',
  };
  for (const [frame, code] of Object.entries(refused)) {
    await assert.rejects(planQuery(`SELECT count(*) OVER (ORDER BY d ${frame}) FROM ${days}`), { code });
  }
});

test('a frame prints its distances as written', async () => {
  assert.deepEqual(await names(`SELECT sum(x) OVER (ORDER BY id ROWS 1 PRECEDING) FROM ${t}`), [
    'sum(x) OVER (ORDER BY id ASC NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) bigint',
  ]);
});

test('QUALIFY of a grouped query sees what the query gives', async () => {
  const grouped = `SELECT g, count(*) AS n FROM ${t} GROUP BY g QUALIFY row_number() OVER (ORDER BY n DESC, g) = 1`;
  assert.deepEqual(await answer(grouped), [['a', '2']]);
  await assert.rejects(planQuery(`SELECT g FROM ${t} GROUP BY g QUALIFY rank() OVER (ORDER BY count(*)) = 1`), {
    code: 'MISSING_GROUP_BY',
  });
  await assert.rejects(planQuery(`SELECT id FROM ${t} QUALIFY id > 1`), { code: 'QUALIFY_REQUIRES_WINDOW_FUNCTION' });
});

test('HAVING takes a key before an alias, and makes a query without GROUP BY one group', async () => {
  assert.deepEqual(await answer(`SELECT concat(g, '!') AS g, count(*) FROM ${t} GROUP BY g HAVING g = 'a'`), [
    ['a!', '2'],
  ]);
  assert.deepEqual(await answer(`SELECT max(x) AS x FROM ${t} GROUP BY g HAVING x > 20`), [[30]]);
  assert.deepEqual(await answer(`SELECT 1 AS a FROM ${t} HAVING true`), [[1]]);
  assert.deepEqual(await answer(`SELECT count(*) AS c FROM ${t} HAVING NULL`), []);
});

test('a window may be used again by its alias, but not inside of another window', async () => {
  assert.deepEqual(await answer(`SELECT row_number() OVER (ORDER BY id) AS r, r * 2 AS d FROM ${t} LIMIT 2`), [
    [1, 2],
    [2, 4],
  ]);
  await assert.rejects(planQuery(`SELECT sum(x) OVER (ORDER BY id) AS s, lag(s) OVER (ORDER BY id) FROM ${t}`), {
    code: 'UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW',
  });
});

test('several generators of one list multiply, and those of a grouped query work on its groups', async () => {
  assert.deepEqual(await answer('SELECT explode(array(1, 2)) AS a, explode(array(3, 4)) AS b, a + b AS c'), [
    [1, 3, 4],
    [1, 4, 5],
    [2, 3, 5],
    [2, 4, 6],
  ]);
  assert.deepEqual(await answer(`SELECT g, explode(collect_list(x)) AS e FROM ${t} GROUP BY g ORDER BY g, e`), [
    ['a', 10],
    ['a', 30],
    ['b', 20],
  ]);
});

test('a subquery may be a key of GROUP BY; one that is none may not use columns of the groups', async () => {
  const sub = `(SELECT max(y) FROM VALUES ('a', 7) AS s(k, y) WHERE k = g)`;
  assert.deepEqual(await answer(`SELECT ${sub} AS m, count(*) FROM ${t} GROUP BY ${sub} ORDER BY m`), [
    [null, '2'],
    [7, '2'],
  ]);
  await assert.rejects(planQuery(`SELECT g, ${sub} FROM ${t} GROUP BY g`), {
    code: 'SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION',
  });
});

test('a frame between a distance and the current row that lies the wrong way round holds no row', async () => {
  const text = `SELECT count(*) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND CURRENT ROW) FROM ${t} LIMIT 1`;
  assert.deepEqual(await answer(text), [['0']]);
});

test('a name that two columns of a subquery share is clear where they are one column', async () => {
  assert.deepEqual(await answer(`SELECT q.id FROM (SELECT id, id FROM ${t}) q WHERE q.id = 1`), [[1]]);
  await assert.rejects(planQuery(`SELECT q.id FROM (SELECT id, x AS id FROM ${t}) q`), { code: 'AMBIGUOUS_REFERENCE' });
  await assert.rejects(planQuery(`SELECT id AS a, id AS a FROM ${t} ORDER BY a`), { code: 'AMBIGUOUS_REFERENCE' });
});

test('ORDER BY of a union may name the relation of its first query, and structs of other names are not converted', async () => {
  assert.deepEqual(await answer(`SELECT t.id FROM ${t} UNION ALL SELECT 9 ORDER BY t.id DESC LIMIT 1`), [[9]]);
  await assert.rejects(planQuery('SELECT struct(1 AS a) UNION ALL SELECT struct(2L AS b)'), {
    code: 'INCOMPATIBLE_COLUMN_TYPE',
  });
});
