import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseType, typeText } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import { canAssign, canCast, cast, commonType, commonTypeWithoutText, exactType, toResult } from './index.ts';
import { decimal, decimalResult } from './numeric.ts';

const session = { timeZone: 'UTC', now: new Date(0), catalog: 'main', schema: 'default', user: 'ada' };
const value = (type: string, sql = 'x'): Typed => ({ sql: [sql], type: parseType(type), nullable: true, name: 'x' });
const common = (...types: string[]) => {
  const found = commonType(types.map(parseType));
  return found && typeText(found);
};

test('decimal arithmetic keeps whole digits and cuts the scale where 38 digits do not suffice', () => {
  const results = [
    decimalResult('+', decimal(10, 2), decimal(5, 4)),
    decimalResult('*', decimal(38, 18), decimal(38, 18)),
    decimalResult('/', decimal(1, 0), decimal(1, 0)),
    decimalResult('/', decimal(20, 5), decimal(18, 10)),
    decimalResult('%', decimal(20, 5), decimal(18, 10)),
  ];
  assert.deepEqual(results.map(typeText), [
    'decimal(13,4)',
    'decimal(38,6)',
    'decimal(7,6)',
    'decimal(38,13)',
    'decimal(18,10)',
  ]);
});

test('branches of different types meet as Spark lets them: text gives way to numbers', () => {
  assert.equal(common('int', 'string'), 'bigint');
  assert.equal(common('string', 'decimal(3,1)'), 'double');
  assert.equal(common('int', 'decimal(2,1)'), 'decimal(11,1)');
  assert.equal(common('int', 'float'), 'double');
  assert.equal(common('date', 'timestamp'), 'timestamp');
  assert.equal(common('array<int>', 'array<void>'), 'array<int>');
  assert.equal(common('boolean', 'int'), undefined);
  assert.equal(common('interval day', 'interval hour to second'), 'interval day to second');
  assert.equal(common('interval year', 'interval day'), undefined);
});

test('functions over arrays compare elements more strictly than branches do', () => {
  assert.equal(commonTypeWithoutText(parseType('int'), parseType('string')), undefined);
  assert.equal(exactType(parseType('int'), parseType('decimal(2,1)')), undefined);
  assert.equal(typeText(exactType(parseType('int'), parseType('decimal(12,2)'))!), 'decimal(12,2)');
});

test('casts that Spark refuses are refused, and inserts allow less than casts', () => {
  assert.equal(canCast(parseType('int'), parseType('date')), false);
  assert.equal(canCast(parseType('boolean'), parseType('timestamp')), false);
  assert.equal(canCast(parseType('string'), parseType('binary')), true);
  assert.equal(canAssign(parseType('string'), parseType('int')), false);
  assert.equal(canAssign(parseType('double'), parseType('tinyint')), true);
  assert.throws(() => cast(value('date'), { kind: 'int' }, { session }), {
    code: 'DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION',
  });
});

test('a cast keeps the name of its value and drops fractions instead of rounding them', () => {
  const whole = cast(value('double'), { kind: 'int' }, { session });
  assert.deepEqual([whole.name, whole.sql], ['x', ['CAST(trunc(x) AS INTEGER)']]);
  const tried = cast(value('string'), { kind: 'int' }, { session, try: true });
  assert.match(tried.sql.join(''), /ELSE TRY_CAST\(spark_try_bigint\(x\) AS INTEGER\) END$/);
});

test('a value that changes with each call is computed once in a cast', () => {
  const drawn = cast({ ...value('double', 'random()'), volatile: true }, { kind: 'string' }, { session });
  assert.equal(drawn.sql.join('').split('random()').length, 2);
});

test('an interval leaves the statement as text and stays a number inside it', () => {
  assert.deepEqual(toResult(value('interval day'), session).sql, ["spark_interval_text(CAST(x AS BIGINT), 'day day')"]);
});
