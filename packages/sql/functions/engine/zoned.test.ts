import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedInZone, truncatedInZone } from './zoned.ts';

const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
const hour = 3_600_000_000n;

test('days and months move the clock on the wall, hours the instant', () => {
  const before = at('2024-03-30T11:00:00Z'); // noon in Berlin, a day before clocks spring forward
  assert.equal(movedInZone(before, 0, 1, 0n, 'Europe/Berlin'), at('2024-03-31T10:00:00Z'));
  assert.equal(movedInZone(before, 0, 0, 24n * hour, 'Europe/Berlin'), at('2024-03-31T11:00:00Z'));
  assert.equal(movedInZone(before, 1, 1, hour, 'Europe/Berlin'), at('2024-05-01T11:00:00Z'));
});

test('a wall clock that comes twice keeps the offset that it comes from', () => {
  const summer = at('2024-09-27T00:30:00Z'); // 02:30 in Berlin
  const winter = at('2024-11-27T01:30:00Z'); // 02:30 too
  assert.equal(movedInZone(summer, 1, 0, 0n, 'Europe/Berlin'), at('2024-10-27T00:30:00Z'));
  assert.equal(movedInZone(winter, -1, 0, 0n, 'Europe/Berlin'), at('2024-10-27T01:30:00Z'));
});

test('an hour begins under the offset that holds in it, a day at its first moment', () => {
  assert.equal(truncatedInZone(at('2024-10-27T01:30:30Z'), 'hour', 'Europe/Berlin'), at('2024-10-27T01:00:00Z'));
  assert.equal(truncatedInZone(at('2024-10-27T01:30:30Z'), 'day', 'Europe/Berlin'), at('2024-10-26T22:00:00Z'));
  assert.equal(truncatedInZone(at('1890-06-01T01:30:30Z'), 'second', 'Europe/Berlin'), at('1890-06-01T01:30:30Z'));
});
