import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { DuckDBInstance } from '@duckdb/node-api';
import { compileCondition, createExpressionCompiler } from '../index.ts';

const compiler = createExpressionCompiler({ user: 'ada' });
const columns = [
  { name: 'a', type: 'int' },
  { name: 'B c', type: 'varchar(5)' },
  { name: 'at', type: 'timestamp' },
  { name: 'st', type: 'struct<x:int>' },
];

test('expressions of a table run on the engine over its columns, with the meaning that Spark gives them', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const value = async (expression: string) => {
    const text = compiler.compile(expression, columns);
    const reader = await connection.runAndReadAll(
      `SELECT CAST(${text} AS VARCHAR) AS v
       FROM (SELECT 7 AS a, 'xyz' AS "B c", TIMESTAMPTZ '2024-05-06 23:30:00+00' AS at, {'x': 3} AS st)`,
    );
    return reader.getRowObjectsJS()[0]?.v;
  };
  assert.equal(await value('A > 5 AND `b C` IS NOT NULL'), 'true');
  assert.equal(await value('a / 2'), '3.5');
  assert.equal(await value("concat('k', a)"), 'k7');
  assert.equal(await value('CAST(at AS DATE)'), '2024-05-06');
  assert.equal(await value('year(at) + st.x'), '2027');
  assert.equal(await value('substring(`B c`, 1, 2)'), 'xy');
  connection.closeSync();
  instance.closeSync();
});

test('a default may change with each row, a constraint may not', () => {
  assert.match(compiler.compile('uuid()', []), /uuid/i);
  assert.match(compiler.compile('current_user()', []), /ada/);
  assert.throws(() => compiler.compile('rand() > 0.5', columns), code('DELTA_UNSUPPORTED_EXPRESSION'));
});

test('what an expression of a table cannot hold is refused by name', () => {
  assert.throws(() => compiler.compile('zz > 1', columns), code('UNRESOLVED_COLUMN.WITH_SUGGESTION'));
  assert.throws(() => compiler.compile('a > (SELECT 1)', columns), code('DELTA_UNSUPPORTED_EXPRESSION'));
  assert.throws(() => compiler.compile('sum(a) > 1', columns), code('DELTA_UNSUPPORTED_EXPRESSION'));
  assert.throws(() => compiler.compile('a >', columns), code('PARSE_SYNTAX_ERROR'));
});

const code = (wanted: string) => (error: unknown) => error instanceof BoathouseError && error.code === wanted;

test('a condition tells by which of its conjuncts files may be left out', () => {
  const { text, predicates } = compileCondition("a > 5 AND `B c` = 'x' AND a % 2 = 0", columns);
  assert.match(text, /"a"/);
  assert.deepEqual(predicates, [
    { column: 'a', op: '>', values: ['5'] },
    { column: 'B c', op: '=', values: ['x'] },
  ]);
  assert.throws(() => compileCondition('a + 1', columns), /boolean/);
  assert.throws(() => compileCondition('sum(a) > 1', columns), BoathouseError);
});
