import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { parseQuery } from '../index.ts';
import { renderQuery } from './render.ts';

function reads(cases: Record<string, string>): void {
  for (const [text, expected] of Object.entries(cases)) assert.equal(renderQuery(parseQuery(text)), expected, text);
}

test('the clauses of a query come in their places', () => {
  reads({
    'SELECT DISTINCT a, b AS c, f(x) d FROM t WHERE a GROUP BY b HAVING c ORDER BY d DESC NULLS LAST, 2 LIMIT 3 OFFSET 4':
      'select distinct a, b as c, f(x) as d from t where a group b having c order d desc last, 2:int asc limit 3:int offset 4:int',
    'WITH RECURSIVE a (n) AS (SELECT 1), b AS (TABLE a) SELECT * FROM b':
      'with recursive a(n)={select 1:int}, b={table a} select * from b',
    'SELECT * EXCEPT (a, s.b), t.* FROM t QUALIFY r = 1 WINDOW w AS (ORDER BY a)':
      'select * except (a, s.b), t.* from t qualify (r = 1:int) window w',
    'SELECT 1 ORDER BY ALL DESC LIMIT ALL': 'select 1:int order all desc',
    'FROM t SELECT a': 'select a from t',
    'FROM t |> WHERE a > 1 |> SELECT b': 'select * from t |> where (a > 1:int) |> select b',
    'VALUES (1, 2), (3, 4) AS t(a, b)': 'values (1:int,2:int), (3:int,4:int) as t(a,b)',
    'SELECT explode(m) AS (k, v)': 'select explode(m) as (k,v)',
  });
});

test('INTERSECT binds tighter than UNION and EXCEPT, which go from left to right', () => {
  reads({
    'SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 MINUS SELECT 4':
      '((select 1:int union (select 2:int intersect select 3:int)) except select 4:int)',
    '(SELECT 1 LIMIT 1) UNION ALL SELECT 2 ORDER BY 1':
      '({select 1:int limit 1:int} union all select 2:int) order 1:int asc',
    'SELECT * EXCEPT ALL SELECT 1': '(select * except all select 1:int)',
  });
});

test('relations are joined from left to right', () => {
  reads({
    'SELECT * FROM a, b x JOIN c ON x.i = c.i LEFT SEMI JOIN d USING (i, j)':
      'select * from a, ((b as x inner c on (x.i = c.i)) semi d using i,j)',
    'SELECT * FROM a NATURAL FULL OUTER JOIN b CROSS JOIN c ANTI JOIN d':
      'select * from (((a natural full b) cross c) anti d)',
    'SELECT * FROM (a JOIN b) AS j, LATERAL (SELECT 1) l(x), LATERAL explode(a.xs) AS e(x)':
      'select * from [(a inner b)] as j, lateral {select 1:int} as l(x), lateral explode(a.xs) as e(x)',
    'SELECT * FROM ((SELECT 1) UNION (SELECT 2)) u': 'select * from {({select 1:int} union {select 2:int})} as u',
    'SELECT * FROM ((SELECT 1) a JOIN b)': 'select * from [({select 1:int} as a inner b)]',
    'SELECT * FROM VALUES (1), (STRUCT(2 AS q)) v(x)': 'select * from values (1:int), (2:int) as v(x)',
    'SELECT x FROM t LATERAL VIEW OUTER explode(xs) l AS x': 'select x from t view outer explode l(x)',
  });
});

test('tables may be read as of a version or time, sampled, streamed and made by functions', () => {
  reads({
    'SELECT * FROM c.s.t VERSION AS OF 3 AS x': 'select * from c.s.t @version 3:int as x',
    "SELECT * FROM t TIMESTAMP AS OF '2024-01-01' WHERE a": 'select * from t @timestamp "2024-01-01" where a',
    'SELECT * FROM t FOR SYSTEM_VERSION AS OF 3 x': 'select * from t @version 3:int as x',
    'SELECT * FROM t@v3 x': 'select * from t @version 3:bigint as x',
    'SELECT * FROM t@20240102030405006': 'select * from t @timestamp "2024-01-02 03:04:05.006"',
    'SELECT * FROM t TABLESAMPLE (5 PERCENT) s': 'select * from t sample 0.05 as s',
    'SELECT * FROM delta.`/a/b`': 'select * from delta./a/b',
    'SELECT * FROM STREAM t s': 'select * from stream t as s',
    'SELECT * FROM STREAM(c.s.t)': 'select * from stream c.s.t',
    "SELECT * FROM STREAM read_files('/x', format => 'csv') f":
      'select * from stream read_files("/x", format => "csv") as f',
    'SELECT * FROM event_log(TABLE(a.b)), range(1, 5)': 'select * from event_log(table a.b), range(1:int, 5:int)',
    'SELECT * FROM f(TABLE (SELECT 1))': 'select * from f(table {select 1:int})',
    'SELECT * FROM stream': 'select * from stream',
  });
});

test('PIVOT and UNPIVOT wrap the relation before them', () => {
  reads({
    "SELECT * FROM t PIVOT (sum(v) AS s, max(w) FOR k IN ('a' AS x, 'b')) p":
      'select * from pivot(t; sum(v),max(w); k; "a" as x, "b") as p',
    'SELECT * FROM t UNPIVOT INCLUDE NULLS ((v, w) FOR n IN ((a, b) AS q, (c, d)))':
      'select * from unpivot(t; v,w; n; a+b as q, c+d; nulls)',
    'SELECT * FROM t UNPIVOT (v FOR n IN (a, t.b)) AS u': 'select * from unpivot(t; v; n; a, t.b) as u',
  });
});

test('every form of grouping comes as the standard writes it', () => {
  reads({
    'SELECT 1 FROM t GROUP BY ALL': 'select 1:int from t group all',
    'SELECT 1 FROM t GROUP BY a, ROLLUP (b, (c, d))': 'select 1:int from t group a, rollup([b] [c,d])',
    'SELECT 1 FROM t GROUP BY a, b WITH CUBE': 'select 1:int from t group cube([a] [b])',
    'SELECT 1 FROM t GROUP BY a, b GROUPING SETS ((a, b), a, ())': 'select 1:int from t group sets([a,b] [a] [])',
    'SELECT 1 FROM t GROUP BY GROUPING SETS (ROLLUP (a, b), (c))':
      'select 1:int from t group sets(rollup([a] [b]) [c])',
  });
});

test('subqueries stand wherever a value or a relation can', () => {
  reads({
    'SELECT (SELECT 1) + 1, ((SELECT 2) + 1), ((SELECT 3))':
      'select ({select 1:int} + 1:int), ({select 2:int} + 1:int), {{select 3:int}}',
    'SELECT 1 WHERE (a, b) NOT IN (SELECT 1, 2)': 'select 1:int where (row(a, b) not in {select 1:int, 2:int})',
    'SELECT 1 WHERE a IN ((SELECT 1))': 'select 1:int where (a in [{select 1:int}])',
    'SELECT 1 WHERE a IN ((SELECT 1) UNION (SELECT 2))':
      'select 1:int where (a in {({select 1:int} union {select 2:int})})',
    'SELECT 1 WHERE a IN (WITH x AS (SELECT 1) SELECT * FROM x)':
      'select 1:int where (a in {with x={select 1:int} select * from x})',
  });
});

test('clause words are aliases where no clause can follow', () => {
  reads({
    'SELECT 1 FROM': 'select 1:int as FROM',
    'SELECT price limit, day version FROM t': 'select price as limit, day as version from t',
    'SELECT a end FROM t window': 'select a as end from t as window',
    'SELECT a `b c` FROM t qualify': 'select a as b c from t as qualify',
  });
});

test('a syntax error says what was found, what was expected, and where', () => {
  const cases: [string, RegExp, number, number][] = [
    ['SELECT a,\n  FROM t', /found "FROM", but expected an expression/, 2, 3],
    ['SELECT (1 + 2', /the statement ends, but expected "\)"/, 1, 14],
    ["SELECT 'abc", /string has no end/, 1, 8],
    ['SELECT * FORM t', /found "t", but expected the end/, 1, 15],
    ['SELECT CASE WHEN a THEN 1', /but expected END/, 1, 26],
    ['SELECT a FROM t ORDER BY', /the statement ends, but expected an expression/, 1, 25],
  ];
  for (const [text, message, line, column] of cases) {
    assert.throws(
      () => parseQuery(text),
      (error) => {
        assert.ok(error instanceof BoathouseError, text);
        assert.equal(error.code, 'PARSE_SYNTAX_ERROR', text);
        assert.equal(error.sqlState, '42601', text);
        assert.match(error.message, message, text);
        assert.deepEqual([error.position?.line, error.position?.column], [line, column], text);
        return true;
      },
    );
  }
});

test('a name with a hyphen gets advice', () => {
  assert.throws(() => parseQuery('SELECT * FROM my-table'), {
    code: 'INVALID_IDENTIFIER',
    message: /write `my-table`/,
  });
});
