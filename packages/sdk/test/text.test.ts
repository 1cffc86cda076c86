import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpression, parseStatement } from '@boathouse/sql';
import { bindParameters, type Parameters } from '../sql/parameters.ts';
import { isQuery, withoutEnd } from '../sql/scan.ts';
import { literal, quoteName, quotePath, type SqlValue } from '../sql/text.ts';

test('values become literals of the type that Spark gives them, and the parser reads them', () => {
  const cases: [value: SqlValue, text: string][] = [
    [null, 'NULL'],
    [undefined, 'NULL'],
    [true, 'true'],
    [7, '7'],
    [-7, '-7'],
    [1.5, "CAST('1.5' AS DOUBLE)"],
    [-0, "CAST('-0.0' AS DOUBLE)"],
    [Number.NaN, "CAST('NaN' AS DOUBLE)"],
    [1e300, "CAST('1e+300' AS DOUBLE)"],
    [5n, '5L'],
    [2n ** 70n, "CAST('1180591620717411303424' AS DECIMAL(38, 0))"],
    ["it's \\ a\nb", "'it\\'s \\\\ a\\nb'"],
    ["'; DROP TABLE t; --", "'\\'; DROP TABLE t; --'"],
    [new Date(0), "TIMESTAMP '1970-01-01T00:00:00.000Z'"],
    [new Uint8Array([0, 255]), "X'00ff'"],
    [[1, null], 'array(1, NULL)'],
    [{ a: 1, 'b c': 'x' }, "named_struct('a', 1, 'b c', 'x')"],
    [new Map<SqlValue, SqlValue>([['k', 2]]), "map('k', 2)"],
  ];
  for (const [value, text] of cases) {
    assert.equal(literal(value), text);
    assert.doesNotThrow(() => parseExpression(text), text);
  }
  assert.throws(() => literal({}), { code: 'BAD_VALUE' });
  assert.throws(() => literal(new Date(Number.NaN)), { code: 'BAD_VALUE' });
});

test('names are quoted part by part, whatever is in them', () => {
  assert.equal(quoteName('a`b'), '`a``b`');
  assert.equal(quotePath('main.samples.x'), '`main`.`samples`.`x`');
  assert.equal(quotePath('main.`odd.name`.x y'), '`main`.`odd.name`.`x y`');
  assert.equal(quotePath('t.*'), '`t`.*');
  assert.equal(quotePath('x; DROP TABLE t'), '`x; DROP TABLE t`');
  for (const bad of ['', 'a.', '.a', '`a`b', 'a..b']) assert.throws(() => quotePath(bad), { code: 'BAD_NAME' }, bad);
});

test('parameters are replaced where a value may stand and nowhere else', () => {
  const cases: [text: string, parameters: Parameters, bound: string][] = [
    ['SELECT :a', { a: 1 }, 'SELECT 1'],
    ['SELECT x:a, :a, y::int, map["k"]:a', { a: 's' }, 'SELECT x:a, \'s\', y::int, map["k"]:a'],
    [
      "SELECT ':a', \":a\", `:a`, r':a' -- :a\n, /* :a */ (:a)",
      { a: 2 },
      "SELECT ':a', \":a\", `:a`, r':a' -- :a\n, /* :a */ (2)",
    ],
    ["SELECT 'it\\'s :a', :a", { a: 3 }, "SELECT 'it\\'s :a', 3"],
    ["SELECT ?, '?', ?", [1, 'b'], "SELECT 1, '?', 'b'"],
    ['WHERE a=:low AND b IN (:low,:high)', { low: 1, high: 2 }, 'WHERE a=1 AND b IN (1,2)'],
  ];
  for (const [text, parameters, bound] of cases) assert.equal(bindParameters(text, parameters), bound);
  assert.throws(() => bindParameters('SELECT :b', { a: 1 }), { code: 'UNBOUND_PARAMETER' });
  assert.throws(() => bindParameters('SELECT 1', { a: 1 }), { code: 'UNUSED_PARAMETER' });
  assert.throws(() => bindParameters('SELECT ?', []), { code: 'UNBOUND_PARAMETER' });
  assert.throws(() => bindParameters('SELECT ?', [1, 2]), { code: 'UNUSED_PARAMETER' });
});

test('a query is told from a command as the parser tells them', () => {
  const texts = [
    'SELECT 1',
    '  -- first\n/* second */ select 1',
    '(SELECT 1) UNION (SELECT 2)',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'VALUES (1)',
    'FROM range(1) SELECT *',
    'TABLE t',
    'INSERT INTO t SELECT 1',
    'CREATE TABLE t AS SELECT 1',
    'CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1',
    'SHOW TABLES',
    'DESCRIBE t',
    'USE main.x',
    'DROP TABLE t',
    'GRANT SELECT ON TABLE t TO `a@b.c`',
  ];
  for (const text of texts) assert.equal(isQuery(text), parseStatement(text).kind === 'queryStatement', text);
});

test('semicolons at the end go, those inside stay', () => {
  assert.equal(withoutEnd('SELECT 1;'), 'SELECT 1');
  assert.equal(withoutEnd("SELECT ';' ; -- end ;\n;"), "SELECT ';' ");
  assert.equal(withoutEnd('SELECT 1; SELECT 2;'), 'SELECT 1; SELECT 2');
  assert.equal(withoutEnd('SELECT 1 -- c;'), 'SELECT 1 -- c;');
});
