import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash } from './rounds.ts';

const rounds = Number(process.env.BOATHOUSE_CRASH_ROUNDS ?? (process.env.BOATHOUSE_TEST_LONG ? 100 : 20));
const seed = Number(process.env.BOATHOUSE_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`kill -9 of compute, server, PostgreSQL or supervisor loses, doubles and blocks nothing that people were promised (${rounds} rounds)`, async (t) => {
  t.diagnostic(`seed ${seed}: node scripts/crash/main.ts --rounds ${rounds} --seed ${seed}`);
  const report = await crash({ rounds, seed, say: (text) => t.diagnostic(text) });
  assert.deepEqual(report.wrong, [], `seed ${seed}`);
  // Single rounds may be over before anybody has done anything.
  assert.ok(rounds < 10 || (report.succeeded > rounds && report.words > rounds), 'there was work to lose');
  for (const kind of ['insert', 'cell', 'create', 'load', 'update'] as const)
    assert.ok(rounds < 10 || (report.kinds[kind] ?? 0) > 0, `no ${kind} succeeded`);
});
