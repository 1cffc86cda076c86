import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, judge, readCases, type Verdict, zonesOf } from '../../packages/delta/test/cases.ts';
import { openEngine } from '../../packages/delta/test/support.ts';

/**
 * Runs the cases of a folder with a `cases.json` (tables of other Delta writers) and prints what is not as expected. True
 * where every positive case gives its rows in every zone and every negative one a typed error.
 */
export async function runTables(folder: string, options: { only?: string }): Promise<boolean> {
  if (!existsSync(join(folder, 'cases.json'))) {
    console.error(`There is no cases.json in ${folder}.`);
    return false;
  }
  const cases = readCases(folder).filter((entry) => entry.case.includes(options.only ?? ''));
  const engine = await openEngine();
  let passed = 0;
  try {
    for (const entry of cases) {
      const problem = await problemOf(entry, (zone) => judge(engine, folder, entry, zone));
      if (problem === null) passed++;
      else console.log(`${entry.suite} ${entry.case}: ${problem}`);
    }
  } finally {
    engine.close();
  }
  console.log(`${passed} of ${cases.length} cases pass`);
  return passed === cases.length;
}

async function problemOf(entry: Case, run: (zone: string) => Promise<Verdict>): Promise<string | null> {
  if (entry.kind === 'negative') {
    const verdict = await run('UTC');
    if (verdict.kind === 'refused') return null;
    return verdict.kind === 'equal' ? 'was read, and should be refused' : `no typed error: ${verdict.why}`;
  }
  for (const zone of zonesOf(entry)) {
    const verdict = await run(zone);
    if (verdict.kind === 'wrong') return `${verdict.why} (in ${zone})`;
    if (verdict.kind === 'refused') return `refused: ${verdict.code} ${verdict.message}`;
  }
  return null;
}
