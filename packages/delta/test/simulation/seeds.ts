import { openEngine } from '../support.ts';
import { simulate } from './simulate.ts';

/**
 * A process of its own for many seeds (`FIRST COUNT [story]`): the test runner follows every promise of its processes, which costs
 * as much as the simulation itself. Says what came out as a line of JSON; where a seed fails, with its story.
 */
const [first, count, told] = process.argv.slice(2);
const engine = await openEngine();
const sums = { passed: 0, committed: 0, refused: 0, unknown: 0 };
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const outcome = await simulate(engine, seed, { before: 0.006, after: 0.006, crash: 0.003 });
  if (outcome.wrong || told) console.error(outcome.story.join('\n'));
  if (outcome.wrong) {
    console.log(JSON.stringify({ ...sums, seed, wrong: outcome.wrong }));
    process.exit(1);
  }
  sums.passed++;
  for (const kind of ['committed', 'refused', 'unknown'] as const) sums[kind] += outcome[kind];
  if (sums.passed % 100 === 0) console.error(`${sums.passed} seeds from ${first} on passed`);
}
console.log(JSON.stringify(sums));
engine.close();
