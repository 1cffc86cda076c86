import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { parseExpression } from '../index.ts';
import { render } from './render.ts';

function reads(cases: Record<string, string>): void {
  for (const [text, expected] of Object.entries(cases)) assert.equal(render(parseExpression(text)), expected, text);
}

test('operators bind as in Spark', () => {
  reads({
    'a OR b AND NOT c = d': '(a or (b and (not (c = d))))',
    'a + b * c - d': '((a + (b * c)) - d)',
    'a || b + c': '((a || b) + c)',
    'a | b ^ c & d << 1 + 2': '(a | (b ^ (c & (d << (1:int + 2:int)))))',
    'a >>> 2 >= b DIV 3 % 4': '((a >>> 2:int) >= ((b div 3:int) % 4:int))',
    'a = b = c': '((a = b) = c)',
    'a == b <> c': '((a = b) != c)',
    'a <=> b IS NULL': '((a <=> b) is null)',
    '- a * ~b': '((- a) * (~ b))',
    '! a AND b': '((not a) and b)',
    'NOT a BETWEEN 1 AND 2 AND b': '((not (a between 1:int and 2:int)) and b)',
    'a NOT IN (1, 2) OR b IS NOT TRUE': '((a not in [1:int, 2:int]) or (b is not true))',
    'a IS NOT DISTINCT FROM b + 1': '(a is not distinct from (b + 1:int))',
    '-a::string': '(- cast(a as string))',
    'a -1': '(a - 1:int)',
  });
});

test('a minus before a number belongs to the number', () => {
  reads({
    '-1::string': 'cast(-1:int as string)',
    '-9223372036854775808': '-9223372036854775808:bigint',
    '-9223372036854775808L': '-9223372036854775808:bigint',
    '- -1': '(- -1:int)',
    '2 - -1': '(2:int - -1:int)',
  });
});

test('numbers have the types that Spark gives them', () => {
  const types: Record<string, string> = {
    '1': 'int',
    '2147483648': 'bigint',
    '9223372036854775808': 'decimal(19,0)',
    '1.50': 'decimal(3,2)',
    '0.001': 'decimal(3,3)',
    '.5': 'decimal(1,1)',
    '1.': 'decimal(1,0)',
    '1e3': 'double',
    '5Y': 'tinyint',
    '5S': 'smallint',
    '5L': 'bigint',
    '5F': 'float',
    '2.5D': 'double',
    '1.5BD': 'decimal(2,1)',
    '1e3BD': 'decimal(4,0)',
  };
  for (const [text, type] of Object.entries(types))
    assert.equal(render(parseExpression(text)).split(':')[1], type, text);
});

test('numbers outside of their type are refused by their condition', () => {
  const codes: Record<string, string> = {
    '128Y': 'INVALID_NUMERIC_LITERAL_RANGE',
    '9223372036854775808L': 'INVALID_NUMERIC_LITERAL_RANGE',
    '3.4028235E38F': 'INVALID_NUMERIC_LITERAL_RANGE',
    '1e309': 'INVALID_NUMERIC_LITERAL_RANGE',
    ['1'.repeat(39)]: 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION',
  };
  for (const [text, code] of Object.entries(codes)) {
    assert.throws(
      () => parseExpression(text),
      (error) => error instanceof BoathouseError && error.code === code,
      text,
    );
  }
});

test('literals with a type keep their text for the analyser', () => {
  reads({
    "DATE'2024-01-02'": "date'2024-01-02'",
    "TIMESTAMP_LTZ '2024-01-02 03:04'": "timestamp'2024-01-02 03:04'",
    "timestamp_ntz'x'": "timestamp_ntz'x'",
    "X'1f'": "x'1F'",
    "'a' 'b' \"c\"": '"abc"',
    "INTERVAL '1-2' YEAR TO MONTH": 'interval{"form":"range","text":"1-2","negative":false,"from":"year","to":"month"}',
    "INTERVAL -'1 2' DAY TO HOUR": 'interval{"form":"range","text":"1 2","negative":true,"from":"day","to":"hour"}',
    "INTERVAL 1 DAY -'2' HOURS":
      'interval{"form":"units","parts":[{"value":"1","unit":"day"},{"value":"-2","unit":"hour"}]}',
    "INTERVAL '1 day 2 hours'": 'interval{"form":"text","text":"1 day 2 hours"}',
    'interval - 1': '(interval - 1:int)',
    date: 'date',
    'date(x)': 'date(x)',
  });
});

test('forms with words among their arguments are understood', () => {
  reads({
    'CAST(a AS DECIMAL(10, 2))': 'cast(a as decimal(10,2))',
    'TRY_CAST(a AS MAP<STRING, ARRAY<STRUCT<x: INT NOT NULL, `y z` DATE>>>)':
      'try_cast(a as map<string,array<struct<x:int,`y z`:date>>>)',
    'EXTRACT(year FROM d)': 'extract(year from d)',
    "TRIM(LEADING 'x' FROM s)": 'trim(leading "x" from s)',
    'TRIM(BOTH FROM s)': 'trim(both - from s)',
    "TRIM('x' FROM s)": 'trim(both "x" from s)',
    'TRIM(s)': 'TRIM(s)',
    "trim(s, 'x')": 'trim(s, "x")',
    'SUBSTRING(s FROM 2 FOR 3)': 'SUBSTRING(s, 2:int, 3:int)',
    'substr(s, 2)': 'substr(s, 2:int)',
    "POSITION('a' IN s)": 'locate("a", s)',
    "position('a', s, 2)": 'position("a", s, 2:int)',
    "OVERLAY(s PLACING 'x' FROM 2)": 'OVERLAY(s, "x", 2:int)',
    'DATEADD(month, 1, d)': 'DATEADD(MONTH, 1:int, d)',
    'date_add(month, 1)': 'date_add(month, 1:int)',
    'CASE WHEN a THEN 1 ELSE 2 END': 'case(- a 1:int 2:int)',
    "CASE x WHEN 1 THEN 'a' END": 'case(x 1:int "a" -)',
    'EXISTS (SELECT 1)': 'exists {select 1:int}',
    'exists(xs, x -> x > 1)': 'exists(xs, (x -> (x > 1:int)))',
    "a LIKE 'x!%' ESCAPE '!'": '(a like "x!%" escape !)',
    "a NOT ILIKE ANY ('x', 'y')": '(a not ilike any ["x", "y"])',
    "a REGEXP 'x'": '(a rlike "x")',
  });
});

test('calls keep DISTINCT, FILTER, null treatment, WITHIN GROUP and windows', () => {
  reads({
    'count(*)': 'count(*)',
    'count(DISTINCT a, b) FILTER (WHERE c)': 'count(distinct a, b) filter(c)',
    'first(a IGNORE NULLS)': 'first(a) ignore',
    'lag(a) IGNORE NULLS OVER w': 'lag(a) ignore over w',
    'percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC)': 'percentile_cont(0.5:decimal(1,1)) within(a desc)',
    'sum(a) OVER (PARTITION BY b ORDER BY c NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)':
      'sum(a) over(by b; order c asc last; rows unboundedPreceding following)',
    'sum(a) OVER (ORDER BY b RANGE 2 PRECEDING)': 'sum(a) over(by ; order b asc; range preceding currentRow)',
    'f(1, x => 2, y => 3)': 'f(1:int, x => 2:int, y => 3:int)',
    'a.b.f(1)': 'a.b.f(1:int)',
    'aggregate(xs, 0, (acc, x) -> acc + x, acc -> acc)': 'aggregate(xs, 0:int, (acc, x -> (acc + x)), (acc -> acc))',
    'struct(a AS x, b)': 'struct(a as x, b)',
    'left(s, 1)': 'left(s, 1:int)',
    'if(a, b, c)': 'if(a, b, c)',
  });
});

test('access binds closest: fields, indexes, casts and JSON paths', () => {
  reads({
    'a.b.c': 'a.b.c',
    'a[0].b[1]': 'a[0:int].b[1:int]',
    'f(x).a.b': 'f(x).a.b',
    '(s).a': 's.a',
    't.*': 't.*',
    "m['k']::int + 1": '(cast(m["k"] as int) + 1:int)',
    'v:a.b[0]::int': 'cast(v:[{"field":"a","quoted":false},{"field":"b","quoted":false},{"index":0}] as int)',
    "v:['x y'][*]": 'v:[{"field":"x y","quoted":true},{"each":true}]',
    ':name + ? * ?': '(:name + (?0 * ?1))',
  });
});

test('keywords are names where nothing else is meant', () => {
  reads({
    order: 'order',
    'end - start': '(end - start)',
    'timestamp + interval 1 day': '(timestamp + interval{"form":"units","parts":[{"value":"1","unit":"day"}]})',
    case: 'case',
    values: 'values',
    'and(a, b)': 'and(a, b)',
  });
});

test('IDENTIFIER becomes a name where its text is known', () => {
  assert.equal(render(parseExpression("IDENTIFIER('a.`b c`') + 1")), '(a.b c + 1:int)');
  assert.equal(render(parseExpression("IDENTIFIER('ab' || 's')(-1)")), 'abs(-1:int)');
  const options = { identifierParameters: { column: 't.x' } };
  assert.equal(render(parseExpression('IDENTIFIER(:column)', options)), 't.x');
  assert.throws(() => parseExpression('IDENTIFIER(:other)', options), { code: 'NOT_A_CONSTANT_STRING.NOT_CONSTANT' });
  assert.throws(() => parseExpression('IDENTIFIER(5)'), { code: 'NOT_A_CONSTANT_STRING.WRONG_TYPE' });
  const identifierText = () => 'b.c';
  assert.equal(render(parseExpression("IDENTIFIER(lower('A.') || v)", { identifierText })), 'a.b.c');
});

test('a predicate takes no second one without parentheses', () => {
  assert.throws(() => parseExpression('a IS NULL IS NULL'), { code: 'PARSE_SYNTAX_ERROR' });
  assert.throws(() => parseExpression('a IN (1) = true'), { code: 'PARSE_SYNTAX_ERROR' });
});
