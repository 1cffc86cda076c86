import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

/** `SIMULATION_SEEDS` tries more seeds than `npm test` (`test:long`: 2,000), `SIMULATION_SEED` one of them, with its whole story. */
const one = process.env.SIMULATION_SEED;
const first = Number(one ?? process.env.SIMULATION_FIRST ?? 1);
const usual = process.env.BOATHOUSE_TEST_LONG ? 2000 : 100;
const seeds = one ? 1 : Number(process.env.SIMULATION_SEEDS ?? usual);

test('whatever fails and whoever dies, the table is what its committed operations make it, and nothing else', async (context) => {
  const args = [join(import.meta.dirname, 'seeds.ts'), String(first), String(seeds), ...(one ? ['story'] : [])];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, told]: string[][] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out!.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => told!.push(text));
  const [code] = await once(child, 'close');
  if (code !== 0 || one) console.log(told!.join(''));
  assert.equal(code, 0, `${out!.join('')} (replay it with SIMULATION_SEED=<seed>)`);
  context.diagnostic(out!.join(''));
  const sums: { passed: number; committed: number; refused: number; unknown: number } = JSON.parse(out!.join(''));
  assert.equal(sums.passed, seeds);
  assert.ok(
    seeds < 10 || (sums.committed > seeds && sums.refused > 0 && sums.unknown > 0),
    'the histories are eventful',
  );
});
