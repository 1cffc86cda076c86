import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { judge, readCases, zonesOf } from './cases.ts';
import { type Engine, openEngine } from './support.ts';

const folder =
  process.env.DELTA_CONFORMANCE_DIR ?? resolve(import.meta.dirname, '../../../../shared/conformance/delta');
const skip = existsSync(join(folder, 'cases.json'))
  ? false
  : `no conformance tables at ${folder} (set DELTA_CONFORMANCE_DIR)`;
const cases = skip ? [] : readCases(folder);

let engine: Engine;
before(async () => {
  engine = await openEngine();
});
after(() => engine.close());

test('tables of other Delta writers give the rows that their suites expect, or are refused by name', {
  skip,
}, async (context) => {
  const positive = cases.filter((entry) => entry.kind === 'positive');
  const refused = new Set<string>();
  const wrong: string[] = [];
  for (const entry of positive) {
    // A session in another zone gives the same instants.
    for (const zone of zonesOf(entry)) {
      const verdict = await judge(engine, folder, entry, zone);
      if (verdict.kind === 'wrong') wrong.push(`${entry.case} in ${zone}: ${verdict.why}`);
      else if (verdict.kind === 'refused' && verdict.code === 'DELTA_UNSUPPORTED_FEATURES_FOR_READ')
        refused.add(`${entry.case}: ${verdict.message}`);
      else if (verdict.kind === 'refused') wrong.push(`${entry.case} in ${zone}: ${verdict.code} ${verdict.message}`);
    }
  }
  context.diagnostic(
    `${positive.length - refused.size - wrong.length} of ${positive.length} tables match, ${refused.size} refused`,
  );
  for (const line of refused) context.diagnostic(line);
  assert.deepEqual(wrong, []);
});

test('broken tables of the suites are refused with a clear error', { skip }, async () => {
  for (const entry of cases.filter((candidate) => candidate.kind === 'negative')) {
    const verdict = await judge(engine, folder, entry, 'UTC');
    assert.ok(
      verdict.kind === 'refused' && verdict.code.startsWith('DELTA_'),
      `${entry.case}: ${JSON.stringify(verdict)}`,
    );
  }
});
