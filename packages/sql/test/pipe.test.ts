import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planQuery, useDuck } from './fixture.ts';

const { answer, names } = useDuck();

const t = "VALUES (1, 'a', 10), (2, 'b', 20), (3, 'a', 30), (4, NULL, NULL) AS t(id, g, x)";

test('each pipe operator works on what stands before it', async () => {
  assert.deepEqual(
    await answer(`FROM ${t} |> WHERE x > 10 |> EXTEND x + 1 AS y, y * 2 AS z |> SELECT id, z |> ORDER BY id`),
    [
      [2, 42],
      [3, 62],
    ],
  );
  assert.deepEqual(await answer(`FROM ${t} |> ORDER BY id DESC |> LIMIT 2 OFFSET 1 |> DROP g`), [
    [3, 30],
    [2, 20],
  ]);
  assert.deepEqual(await answer(`FROM ${t} |> SELECT id |> UNION ALL VALUES (9) |> WHERE id > 3 |> ORDER BY id`), [
    [4],
    [9],
  ]);
});

test('a pipe keeps the names of relations until AS gives a new one', async () => {
  assert.deepEqual(await answer(`FROM ${t} |> SELECT id |> WHERE t.id = 2`), [[2]]);
  assert.deepEqual(await answer(`FROM ${t} |> AS u |> WHERE u.id = 2 |> SELECT g`), [['b']]);
  await assert.rejects(planQuery(`FROM ${t} |> AS u |> WHERE t.id = 2`), { code: 'UNRESOLVED_COLUMN.WITH_SUGGESTION' });
});

test('SET assigns from left to right, each to the column in its place', async () => {
  assert.deepEqual(await answer(`FROM ${t} |> SET id = x, x = id |> WHERE g = 'b'`), [[20, 'b', 20]]);
  await assert.rejects(planQuery(`FROM ${t} |> SET nothing = 1`), { code: 'UNRESOLVED_COLUMN.WITH_SUGGESTION' });
});

test('AGGREGATE gives its keys first, then the aggregates', async () => {
  const text = `FROM ${t} |> AGGREGATE sum(x) AS s, count(*) GROUP BY g AS k |> ORDER BY k`;
  assert.deepEqual(await names(text), ['k string', 's bigint', 'count(1) bigint']);
  assert.deepEqual(await answer(text), [
    [null, null, '1'],
    ['a', '40', '2'],
    ['b', '20', '1'],
  ]);
  assert.deepEqual(await names(`FROM ${t} |> AGGREGATE max(id) GROUP BY 2`), ['g string', 'max(id) int']);
});

test('a pipe refuses aggregates where rows are computed, and rows where aggregates are', async () => {
  const refused = {
    'FROM t |> EXTEND sum(x) AS s': 'PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION',
    'FROM t |> SET x = sum(x)': 'PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION',
    'FROM t |> AGGREGATE x': 'PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION',
    'FROM t |> AGGREGATE sum(x) GROUP BY ROLLUP(g)': 'UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE',
    'FROM t |> DROP x, x': 'EXCEPT_OVERLAPPING_COLUMNS',
    'FROM t |> HAVING x > 1': 'PARSE_SYNTAX_ERROR',
  };
  for (const [text, code] of Object.entries(refused)) {
    await assert.rejects(planQuery(text.replace('FROM t', `FROM ${t}`)), { code });
  }
});

test('TABLESAMPLE gives all rows, none, or a number of them; a random share is refused', async () => {
  assert.deepEqual(await answer(`SELECT count(*) FROM (SELECT * FROM ${t}) TABLESAMPLE (100 PERCENT)`), [['4']]);
  assert.deepEqual(await answer(`SELECT count(*) FROM (SELECT * FROM ${t}) TABLESAMPLE (3 ROWS) q`), [['3']]);
  assert.deepEqual(await answer(`SELECT count(*) FROM (SELECT * FROM ${t}) TABLESAMPLE (BUCKET 0 OUT OF 2)`), [['0']]);
  await assert.rejects(planQuery(`SELECT * FROM (SELECT * FROM ${t}) TABLESAMPLE (5 PERCENT)`), {
    code: 'UNSUPPORTED_FEATURE',
  });
});

test('IN takes rows of several columns, and says false where it does not know', async () => {
  const s = "(SELECT 'a' AS g, 1 AS id UNION ALL SELECT NULL, 2)";
  assert.deepEqual(await answer(`SELECT id FROM ${t} WHERE (g, id) IN ${s} ORDER BY id`), [[1]]);
  assert.deepEqual(await answer(`SELECT id FROM ${t} WHERE (g, id) NOT IN ${s} ORDER BY id`), [[3], [4]]);
  assert.deepEqual(await answer(`SELECT id FROM ${t} WHERE (id IN (SELECT NULL)) IS NULL`), []);
  await assert.rejects(planQuery(`SELECT id FROM ${t} WHERE (g, id) IN (SELECT 1)`), {
    code: 'DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH',
  });
});

test('LIMIT may be computed of constants; hints are passed over when they are right', async () => {
  assert.deepEqual(await answer(`SELECT id FROM ${t} ORDER BY id LIMIT 1 + 1 OFFSET length('a')`), [[2], [3]]);
  await assert.rejects(answer(`SELECT id FROM ${t} LIMIT 1 - 5`), /IS_NEGATIVE/);
  assert.deepEqual(
    await answer(`SELECT /*+ BROADCAST(t), REPARTITION(2, id) */ id FROM ${t} SORT BY id DESC LIMIT 1`),
    [[4]],
  );
  await assert.rejects(planQuery(`SELECT /*+ REPARTITION(gone) */ id FROM ${t}`), {
    code: 'UNRESOLVED_COLUMN.WITH_SUGGESTION',
  });
  await assert.rejects(planQuery(`SELECT /*+ COALESCE(id) */ id FROM ${t}`), { code: '_LEGACY_ERROR_TEMP_1048' });
});

test('EXCEPT takes out fields of structs', async () => {
  const from = "VALUES (1, named_struct('x', 2, 'y', named_struct('p', 3, 'q', 4))) AS t(a, s)";
  assert.deepEqual(await names(`SELECT * EXCEPT (a, s.x, s.y.p) FROM ${from}`), ['s struct<y:struct<q:int>>']);
  await assert.rejects(planQuery(`SELECT * EXCEPT (s, s.x) FROM ${from}`), { code: 'EXCEPT_OVERLAPPING_COLUMNS' });
});
