import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarOfText, calendarText, intervalOfText } from './interval.ts';

test('text becomes an interval of just the fields that the cast names', () => {
  assert.equal(intervalOfText('-1-2', 'year month'), -14n);
  assert.equal(intervalOfText("INTERVAL -'-1-2' YEAR TO MONTH", 'year month'), 14n);
  assert.equal(intervalOfText('1 02:03:04.123456789', 'day second'), 93_784_123_456n);
  assert.equal(intervalOfText("interval -'90' second", 'second second'), -90_000_000n);
  const wrong: [string, string, string][] = [
    ['1', 'year month', 'UNMATCHED_FORMAT_STRING'],
    ['36:00:00', 'day second', 'UNMATCHED_FORMAT_STRING_WITH_NOTICE'],
    ["INTERVAL '1' DAY", 'hour hour', 'UNMATCHED_FORMAT_STRING_WITH_NOTICE'],
    ['1 24', 'day hour', 'INTERVAL_PARSING'],
  ];
  for (const [text, fields, code] of wrong)
    assert.throws(() => intervalOfText(text, fields), { code: `INVALID_INTERVAL_FORMAT.${code}` }, text);
  assert.throws(() => intervalOfText('178956971', 'year year'), { code: 'CAST_OVERFLOW' });
});

test('a calendar interval keeps months, days and time apart, and text that is none is NULL', () => {
  assert.equal(calendarOfText(' INTERVAL 1 year -2 weeks 3.5 seconds'), '12 months -14 days 3500000 microseconds');
  for (const text of ['', 'interval', '1.5 days', '1 day 2', '1day', '1.1234567891 seconds', '36:00:00', '1-2'])
    assert.equal(calendarOfText(text), null, text);
  assert.equal(calendarText(-11, 8, -1n), '-11 months 8 days -0.000001 seconds');
  assert.equal(calendarText(0, 0, 0n), '0 seconds');
});
