import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planQuery, useDuck } from './fixture.ts';

const { answer, names } = useDuck();

const bags = "VALUES (1, array('a', NULL)), (2, array()), (3, NULL) AS b(id, xs)";

test('explode drops rows without elements, OUTER keeps them, and the order of the elements stays', async () => {
  assert.deepEqual(await answer(`SELECT id, explode(xs) AS x FROM ${bags}`), [
    [1, 'a'],
    [1, null],
  ]);
  assert.deepEqual(await answer(`SELECT id, x FROM ${bags} LATERAL VIEW OUTER explode(xs) AS x`), [
    [1, 'a'],
    [1, null],
    [2, null],
    [3, null],
  ]);
  assert.deepEqual(await answer(`SELECT id, pos, col FROM ${bags} LATERAL VIEW posexplode(xs) e WHERE id = 1`), [
    [1, 0, 'a'],
    [1, 1, null],
  ]);
});

test('explode of a map gives its keys and values, also in FROM', async () => {
  assert.deepEqual(await names("SELECT * FROM explode(map('k', 1))"), ['key string', 'value int']);
  assert.deepEqual(await answer("SELECT * FROM explode(map('k', 1))"), [['k', 1]]);
});

test('a generator inside an expression is refused with the class that Spark gives', async () => {
  await assert.rejects(planQuery('SELECT explode(array(1)) + 1'), {
    code: 'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS',
  });
  await assert.rejects(planQuery('SELECT id FROM flights WHERE explode(array(true))'), {
    code: 'UNSUPPORTED_GENERATOR.OUTSIDE_SELECT',
  });
});

test('PIVOT leaves NULL where a combination is missing, also for counts', async () => {
  const text = `SELECT * FROM (SELECT origin, destination FROM flights WHERE origin IS NOT NULL)
    PIVOT (count(*) FOR destination IN ('ZRH', 'BER' AS berlin)) ORDER BY origin`;
  assert.deepEqual(await names(text), ['origin string', 'ZRH bigint', 'berlin bigint']);
  assert.deepEqual(await answer(text), [
    ['BER', '1', null],
    ['ZRH', null, '1'],
  ]);
});

test('UNPIVOT drops NULLs unless they are wanted', async () => {
  const from = 'VALUES (1, 10, NULL) AS t(id, a, b) UNPIVOT';
  assert.deepEqual(await answer(`SELECT * FROM ${from} (v FOR n IN (a, b))`), [[1, 'a', 10]]);
  assert.deepEqual(await answer(`SELECT * FROM ${from} INCLUDE NULLS (v FOR n IN (a, b AS second))`), [
    [1, 'a', 10],
    [1, 'second', null],
  ]);
});

test('LATERAL sees the items to its left', async () => {
  const text =
    'SELECT a.code, late.id FROM airports a, LATERAL (SELECT f.id FROM flights f WHERE f.origin = a.code AND delay > 0) late';
  assert.deepEqual(await answer(text), [['ZRH', '1']]);
});

test('set operations widen their columns and take the names of the first query', async () => {
  const text = 'SELECT 1 AS one UNION ALL SELECT 2L UNION ALL SELECT 3 ORDER BY one DESC';
  assert.deepEqual(await names(text), ['one bigint']);
  assert.deepEqual(await answer(text), [['3'], ['2'], ['1']]);
  await assert.rejects(planQuery('SELECT 1 UNION SELECT 1, 2'), { code: 'NUM_COLUMNS_MISMATCH' });
});

test('-0.0 and 0.0 are one group and one distinct value, which shows as 0.0', async () => {
  const zeros = '(SELECT -0.0D AS x UNION ALL SELECT 0.0D)';
  assert.deepEqual(await answer(`SELECT x, count(*) FROM ${zeros} GROUP BY x`), [[0, '2']]);
  const [[distinct]] = (await answer(`SELECT DISTINCT x FROM ${zeros}`)) as [[number]];
  assert.ok(Object.is(distinct, 0));
});

test('GROUP BY prefers the column, ORDER BY the alias, WHERE never sees one', async () => {
  assert.deepEqual(await answer('SELECT delay AS id FROM flights WHERE id = 1'), [[10]]);
  assert.deepEqual(await answer('SELECT -id AS id FROM flights ORDER BY id LIMIT 1'), [['-4']]);
  await assert.rejects(planQuery('SELECT delay + 1 AS late FROM flights WHERE late > 1'), {
    code: 'UNRESOLVED_COLUMN.WITH_SUGGESTION',
  });
});

test('an alias may be used by later items of the list', async () => {
  assert.deepEqual(await answer('SELECT id * 2 AS twice, twice + 1 AS more FROM flights WHERE id = 3'), [['6', '7']]);
});

test('a key of GROUP BY is the same with its operands turned round', async () => {
  assert.deepEqual(await answer('SELECT 1 + id, count(*) FROM flights WHERE id = 1 GROUP BY id + 1'), [['2', '1']]);
});

test('aliases that double each other and nested views are bounded', async () => {
  const list = Array.from({ length: 40 }, (_, index) =>
    index === 0 ? 'delay AS a0' : `a${index - 1} + a${index - 1} AS a${index}`,
  );
  await assert.rejects(planQuery(`SELECT ${list.join(', ')} FROM flights`), { code: 'UNSUPPORTED_FEATURE' });
});

test('a recursive common table expression walks a tree, and endless recursion is an error', async () => {
  const text = `WITH RECURSIVE tree AS (SELECT 1 AS id, 'root' AS path UNION ALL
    SELECT c.id, concat(t.path, '/', c.name) FROM tree t JOIN (VALUES (2, 1, 'a'), (3, 2, 'b')) AS c(id, parent, name) ON c.parent = t.id)
    SELECT * FROM tree ORDER BY id`;
  assert.deepEqual(await answer(text), [
    [1, 'root'],
    [2, 'root/a'],
    [3, 'root/a/b'],
  ]);
  const endless = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT';
  await assert.rejects(answer(`${endless} max(n) FROM r`), /RECURSION_LEVEL_LIMIT_EXCEEDED/);
  assert.deepEqual(await answer(`${endless} * FROM r LIMIT 2`), [[1], [2]]);
});
