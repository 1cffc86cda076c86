import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Engine, openEngine } from '../support.ts';
import { simulate } from './simulate.ts';

/** `SIMULATION_SEEDS` tries more seeds than `npm test` (`test:long`: 2,000), `SIMULATION_SEED` one of them, with its whole story. */
const first = Number(process.env.SIMULATION_SEED ?? process.env.SIMULATION_FIRST ?? 1);
const usual = process.env.BOATHOUSE_TEST_LONG ? 2000 : 100;
const seeds = process.env.SIMULATION_SEED ? 1 : Number(process.env.SIMULATION_SEEDS ?? usual);

let engine: Engine;
before(async () => {
  engine = await openEngine();
});
after(() => engine.close());

test('whatever fails and whoever dies, the table is what its committed operations make it, and nothing else', async (context) => {
  const sums = { committed: 0, refused: 0, unknown: 0 };
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await simulate(engine, seed, { before: 0.006, after: 0.006, crash: 0.003 });
    for (const kind of ['committed', 'refused', 'unknown'] as const) sums[kind] += outcome[kind];
    if (outcome.wrong || process.env.SIMULATION_SEED) console.log(outcome.story.join('\n'));
    assert.equal(outcome.wrong, null, `seed ${seed}: ${outcome.wrong} (replay it with SIMULATION_SEED=${seed})`);
  }
  context.diagnostic(`${seeds} seeds: ${JSON.stringify(sums)}`);
  assert.ok(
    seeds < 10 || (sums.committed > seeds && sums.refused > 0 && sums.unknown > 0),
    'the histories are eventful',
  );
});
