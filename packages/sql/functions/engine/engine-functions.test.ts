import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetAt, toInstant } from './calendar.ts';
import { decimalArithmetic } from './decimal.ts';
import { engineFunctions } from './index.ts';
import { roundText } from './math.ts';
import { doubleText, floatText, parseBigint, parseDecimal, parseDouble } from './number-text.ts';
import { formatInstant } from './pattern-format.ts';
import { parseInstant } from './pattern-parse.ts';
import { compileRegex } from './regex.ts';
import { substr } from './strings.ts';
import { intervalText, parseDate, parseTime, parseTimestamp } from './time-text.ts';
import { zoneOf } from './zone-id.ts';

test('every engine function has a name of its own', () => {
  const names = engineFunctions.map((func) => func.name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.every((name) => name.startsWith('spark_')));
});

test('doubles and floats print as Java prints them', () => {
  const doubles: [number, string][] = [
    [1e7, '1.0E7'],
    [9999999, '9999999.0'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [-0, '-0.0'],
    [5e-324, '4.9E-324'],
    [1e23, '9.999999999999999E22'],
    [100, '100.0'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of doubles) assert.equal(doubleText(value), text);
  assert.equal(floatText(Math.fround(0.1)), '0.1');
  assert.equal(floatText(16777216), '1.6777216E7');
});

test('text becomes a number only where all of it is one', () => {
  assert.equal(parseBigint('\t1\n'), 1n);
  for (const text of ['1.5', '1e3', '', '１', '--1', '9223372036854775808'])
    assert.throws(() => parseBigint(text), { code: 'CAST_INVALID_INPUT' });
  assert.deepEqual(['1d', '.5', '1.', ' -inf ', 'NaN'].map(parseDouble), [
    1,
    0.5,
    1,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
  assert.deepEqual(['1e3', '.5', '-1E-2', '１'].map(parseDecimal), ['1000.0', '0.5', '-0.01', '1.0']);
});

test('decimals divide with all their digits and round half up', () => {
  assert.equal(decimalArithmetic('/', '1', '3', 7, 6, false), '0.333333');
  assert.equal(decimalArithmetic('/', '-5', '2', 2, 0, false), '-3');
  assert.throws(() => decimalArithmetic('*', '99', '99', 3, 0, false), {
    code: 'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION',
  });
  assert.equal(decimalArithmetic('*', '99', '99', 3, 0, true), null);
  assert.deepEqual(
    [roundText('2.5', 0, 'half_even'), roundText('2.5', 0, 'half_up'), roundText('-12.35', 1, 'floor')],
    ['2', '3', '-12.4'],
  );
});

test('dates and timestamps are read from the texts that Spark accepts', () => {
  assert.equal(parseDate('2024-2-9'), 19762);
  assert.equal(parseDate('2024-02-29 12:00:00 whatever'), 19782);
  for (const text of ['2024-02-30', '1', '20240229', '2024/02/29'])
    assert.throws(() => parseDate(text), { code: 'CAST_INVALID_INPUT' });
  assert.equal(parseTimestamp('2024-02-29 12:34:56+05:30', 'UTC'), 1709190296000000n);
  assert.equal(parseTimestamp('2024-02-29 12:34:56 America/New_York', 'UTC'), 1709228096000000n);
});

test('a time of day is read with AM and PM, and makes a timestamp of today where one is wanted', () => {
  const hour = 3_600_000_000n;
  assert.deepEqual(['T13:00', '1:00 pm', ' 12:00:00AM '].map(parseTime), [13n * hour, 13n * hour, 0n]);
  for (const text of ['24:00', '13:00 PM', '0:30 AM', '10', '1:60', 't1:00'])
    assert.throws(() => parseTime(text), { code: 'CAST_INVALID_INPUT' });
  const now = 1_709_164_800_000_000n; // 2024-02-29 00:00 in UTC, still the 28th in New York
  assert.equal(parseTimestamp('10:11', 'UTC', now), 1_709_201_460_000_000n);
  assert.equal(parseTimestamp('T10', 'America/New_York', now), 1_709_132_400_000_000n);
  for (const text of ['10', ' T10', '10:11 UTC']) {
    assert.throws(() => parseTimestamp(text, 'UTC', now), { code: 'CAST_INVALID_INPUT' });
  }
});

test('time zones are told by the ids that Java knows, by their case', () => {
  const summer = Date.parse('2024-07-01T00:00:00Z') / 1000;
  const hours = (id: string) => offsetAt(id, summer) / 3600;
  assert.deepEqual(['PST', 'EST', 'UTC+1', '+1:30', '-01:5', 'Etc/GMT+5'].map(hours), [-7, -5, 1, 1.5, -65 / 60, -5]);
  for (const id of ['utc', 'europe/berlin', 'EUROPE/BERLIN', 'US/pacific', 'PDT', '+19:00', 'UTC1', ''])
    assert.equal(zoneOf(id), undefined, id);
});

test('a wall clock that a spring forward skips moves on, one that comes twice means the first', () => {
  const utc = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n;
  assert.equal(toInstant(utc('2024-03-31T02:30:00'), 'Europe/Berlin'), utc('2024-03-31T01:30:00'));
  assert.equal(toInstant(utc('2024-10-27T02:30:00'), 'Europe/Berlin'), utc('2024-10-27T00:30:00'));
});

test('datetime patterns write and read what they say, strictly', () => {
  const instant = BigInt(Date.parse('2024-02-09T03:04:05.067Z')) * 1000n;
  assert.equal(
    formatInstant(instant, 'Asia/Kolkata', "yyyy/M/dd'T'hh:mm:ss.SSS a XXX"),
    '2024/2/09T08:34:05.067 AM +05:30',
  );
  assert.equal(parseInstant('9 Feb 2024', 'd MMM yyyy', 'UTC'), BigInt(Date.parse('2024-02-09T00:00:00Z')) * 1000n);
  assert.throws(() => parseInstant('2024-2-9', 'yyyy-MM-dd', 'UTC'), { code: 'CANNOT_PARSE_TIMESTAMP' });
  assert.throws(() => formatInstant(instant, 'UTC', 'YYYY'), {
    code: 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION',
  });
});

test('a pattern shares digits among numbers that touch, tries sections in brackets, and resolves strictly', () => {
  const utc = (iso: string) => BigInt(Date.parse(`${iso}Z`)) * 1000n;
  const read: [string, string, string][] = [
    ['101112123', 'HHmmssSSS', '1970-01-01T10:11:12.123'],
    ['09/02/2024', '[yyyy-MM-dd][dd/MM/yyyy]', '2024-02-09T00:00:00'],
    ['2024-02 040', 'yyyy-MM DDD', '2024-02-09T00:00:00'],
    ['PM', 'a', '1970-01-01T12:00:00'],
    ['44-03-15 bc', 'yy-MM-dd G', '-002043-03-15T00:00:00'],
    ['2024-02-09 GMT+1:30', 'yyyy-MM-dd O', '2024-02-08T22:30:00'],
    ['2024-02-09 utc+01:00', 'yyyy-MM-dd VV', '2024-02-08T23:00:00'],
  ];
  for (const [text, pattern, iso] of read) assert.equal(parseInstant(text, pattern, 'UTC'), utc(iso), text);
  for (const [text, pattern] of [
    ['20240209', 'yMd'],
    ['12345-01-01', 'yyyy-MM-dd'],
    ['10 PM', 'HH a'],
    ['2024-02-09 041', 'yyyy-MM-dd DDD'],
    ['2024 2023', 'yyyy yyyy'],
    ['0 AD', 'y G'],
  ] as const)
    assert.throws(() => parseInstant(text, pattern, 'UTC'), { code: 'CANNOT_PARSE_TIMESTAMP' }, text);
});

test('what a wrong pattern is called depends on whether Spark 2 took it', () => {
  const codes: [string, string][] = [
    ['yyyy#MM', 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION'],
    ['e', 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN'],
    ['A', 'INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER'],
    ['QQQQQ', 'INVALID_DATETIME_PATTERN.LENGTH'],
    ['VVV', 'INVALID_DATETIME_PATTERN.WITH_SUGGESTION'],
  ];
  for (const [pattern, code] of codes) assert.throws(() => formatInstant(0n, 'UTC', pattern), { code }, pattern);
});

test('names of zones are those that Java has, and the rest is refused', () => {
  const july = BigInt(Date.parse('2024-07-09T00:00:00Z')) * 1000n;
  assert.equal(
    formatInstant(july, 'Europe/Berlin', 'z, zzzz, v, VV, O, XXX'),
    'CEST, Central European Summer Time, CET, Europe/Berlin, GMT+2, +02:00',
  );
  assert.equal(formatInstant(july, 'Etc/GMT+5', 'z'), 'GMT-05:00');
  assert.throws(() => formatInstant(july, 'Asia/Tehran', 'z'), { code: 'UNSUPPORTED_FUNCTION' });
});

test('substrings start at one, count back from the end, and keep surrogate pairs whole', () => {
  assert.deepEqual(
    [substr('abc', 0, 2), substr('abc', -5, 3), substr('a😀b', 2, 1), substr('abc', 4, 1)],
    ['ab', 'a', '😀', ''],
  );
});

test('regular expressions mean what Java means by them, or are refused', () => {
  assert.equal(compileRegex('^ab$', '').test('ab\n'), true);
  assert.equal(compileRegex('(?i)B', '').test('abc'), true);
  assert.equal(compileRegex('^\\s$', '').test('\u00a0'), false);
  assert.equal(compileRegex('[a-c\\s]\\-\\d', '').test(' -1'), true);
  assert.throws(() => compileRegex('a++', ''), { code: 'UNSUPPORTED_FUNCTION' });
  assert.throws(() => compileRegex('a(', ''), { code: 'INVALID_PARAMETER_VALUE.PATTERN' });
});

test('intervals print their fields with Spark’s padding', () => {
  assert.equal(intervalText(14n, 'year month'), "INTERVAL '1-2' YEAR TO MONTH");
  assert.equal(intervalText(-90_000_000n, 'day second'), "INTERVAL '-0 00:01:30' DAY TO SECOND");
  assert.equal(intervalText(93_784_500_000n, 'hour second'), "INTERVAL '26:03:04.5' HOUR TO SECOND");
});
