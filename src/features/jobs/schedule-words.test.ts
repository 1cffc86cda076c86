import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCron, fromCron, type Preset, toCron } from './schedule-words.ts';

const cases: [Preset, string][] = [
  [{ every: 'hour', minute: 15 }, 'Every hour at minute 15'],
  [{ every: 'hour', minute: 0 }, 'Every hour'],
  [{ every: 'day', hour: 7, minute: 5 }, 'Every day at 07:05'],
  [{ every: 'weekday', hour: 9, minute: 0 }, 'Monday to Friday at 09:00'],
  [{ every: 'week', day: 2, hour: 23, minute: 0 }, 'Every Monday at 23:00'],
  [{ every: 'month', day: 31, hour: 0, minute: 30 }, 'On day 31 of the month at 00:30'],
];
for (const [preset, words] of cases) {
  test(`"${words}" is the same schedule after it was saved`, () => {
    assert.deepEqual(fromCron(toCron(preset)), preset);
    assert.equal(describeCron(toCron(preset)), words);
  });
}

for (const cron of [
  '0 0/15 * * * ?',
  '0 0 9 ? * 2-5',
  '0 0 0 L * ?',
  '30 0 9 * * ?',
  '0 0 25 * * ?',
  '0 0 9 * * ? 2027',
]) {
  test(`${cron} is shown as it is`, () => assert.equal(describeCron(cron), cron));
}
