import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextFire, nextFires } from '../cron.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

const cases: [name: string, expression: string, zone: string, after: string, next: string][] = [
  [
    'every day at a time of the zone',
    '0 30 7 * * ?',
    'Europe/Berlin',
    '2026-06-01T00:00:00Z',
    '2026-06-01T05:30:00.000Z',
  ],
  ['2 is Monday, as Quartz counts', '0 0 9 ? * 2', 'UTC', '2026-11-21T00:00:00Z', '2026-11-23T09:00:00.000Z'],
  ['the last day of the month', '0 0 0 L * ?', 'UTC', '2028-02-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['the third Friday', '0 0 12 ? * 6#3', 'UTC', '2026-11-01T00:00:00Z', '2026-11-20T12:00:00.000Z'],
  ['every fifteen minutes', '0 0/15 * * * ?', 'UTC', '2026-01-01T00:01:00Z', '2026-01-01T00:15:00.000Z'],
  [
    'an hour that summer time skips fires once, after it',
    '0 30 2 * * ?',
    'America/New_York',
    '2026-03-08T05:00:00Z',
    '2026-03-08T07:00:00.000Z',
  ],
];

for (const [name, expression, zone, after, next] of cases) {
  test(`${name}: ${expression}`, () => assert.equal(iso(nextFire(expression, zone, at(after))), next));
}

test('an hour that the end of summer time repeats fires once', () => {
  const fires = nextFires('0 30 1 * * ?', 'America/New_York', at('2026-11-01T04:00:00Z'), 2).map(iso);
  assert.deepEqual(fires, ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z']);
});

for (const [expression, zone, message] of [
  ['* * * * *', 'UTC', /six or seven fields/],
  ['0 0 9 1 * 2', 'UTC', /exactly one of day of month and day of week/],
  ['0 0 9 * * *', 'UTC', /exactly one/],
  ['0 0 9 L-3 * ?', 'UTC', /not supported/],
  ['0 99 9 * * ?', 'UTC', /not a Quartz cron/],
  ['0 0 9 * * ?', 'Mars/Olympus', /not a time zone/],
] as const) {
  test(`${expression} in ${zone} is refused and says why`, () =>
    assert.throws(() => nextFire(expression, zone, 0), message));
}
