import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { z } from 'zod';
import { createDelta } from '../index.ts';
import { identifier } from '../schema/engine.ts';
import { type Engine, openEngine } from './support.ts';

const folder =
  process.env.DELTA_CONFORMANCE_DIR ?? resolve(import.meta.dirname, '../../../../shared/conformance/delta');
const skip = existsSync(join(folder, 'cases.json'))
  ? false
  : `no conformance tables at ${folder} (set DELTA_CONFORMANCE_DIR)`;
const Case = z.object({
  suite: z.string(),
  case: z.string(),
  table: z.string(),
  version: z.number().nullish(),
  expected: z.string().nullish(),
  kind: z.enum(['positive', 'negative']),
});
const cases = skip ? [] : z.array(Case).parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')));

/** Its partition timestamps say no zone, and its rows are those of a session in the writer's. */
const onlyInZone: Record<string, string> = { 'data-reader-partition-values': 'America/Los_Angeles' };

let engine: Engine;
before(async () => {
  engine = await openEngine();
});
after(() => engine.close());

/** Rows that one side has and the other lacks; the expected files are cast to the table's types, read in UTC. */
async function differences(entry: z.infer<typeof Case>, inZone: string): Promise<number> {
  const delta = createDelta({ store: createLocalStore(folder), engine });
  const snapshot = await delta.snapshot(entry.table, { version: entry.version ?? undefined });
  const names = snapshot.columns.map((column) => column.name);
  const relation = await delta.relation(snapshot, await snapshot.files(), names, { timeZone: onlyInZone[entry.case] });
  await engine.rows(`SET TimeZone = '${inZone}'`);
  await engine.rows(`CREATE OR REPLACE TABLE found AS SELECT * FROM ${relation}`);
  await engine.rows("SET TimeZone = 'UTC'");
  await engine.rows('CREATE OR REPLACE TABLE wanted AS SELECT * FROM found LIMIT 0');
  const expected = join(folder, entry.expected!);
  if (readdirSync(expected).some((name) => name.endsWith('.parquet'))) {
    const list = names.map(identifier).join(', ');
    await engine.rows(
      `INSERT INTO wanted SELECT ${list} FROM read_parquet('${expected}/*.parquet', hive_partitioning = false, union_by_name = true)`,
    );
  }
  const rows = await engine.rows(`SELECT
    (SELECT count(*) FROM (SELECT * FROM found EXCEPT ALL SELECT * FROM wanted)) AS more,
    (SELECT count(*) FROM (SELECT * FROM wanted EXCEPT ALL SELECT * FROM found)) AS less`);
  return Number(rows[0]?.more) + Number(rows[0]?.less);
}

test('tables of other Delta writers give the rows that their suites expect, or are refused by name', {
  skip,
}, async (context) => {
  const positive = cases.filter((entry) => entry.kind === 'positive');
  const refused: string[] = [];
  const wrong: string[] = [];
  for (const entry of positive) {
    // A session in another zone gives the same instants.
    for (const zone of ['UTC', 'America/Los_Angeles'].filter((name) => (onlyInZone[entry.case] ?? name) === name)) {
      try {
        const count = await differences(entry, zone);
        if (count) wrong.push(`${entry.case} in ${zone}: ${count} rows differ`);
      } catch (error) {
        if (!(error instanceof BoathouseError))
          wrong.push(`${entry.case} in ${zone}: ${error instanceof Error ? error.message : 'failed'}`);
        else if (error.code === 'DELTA_UNSUPPORTED_FEATURES_FOR_READ') refused.push(`${entry.case}: ${error.message}`);
        else wrong.push(`${entry.case} in ${zone}: ${error.code} ${error.message}`);
      }
    }
  }
  context.diagnostic(
    `${positive.length - new Set(refused).size - wrong.length} of ${positive.length} tables match, ${new Set(refused).size} refused`,
  );
  for (const line of new Set(refused)) context.diagnostic(line);
  assert.deepEqual(wrong, []);
});

test('broken tables of the suites are refused with a clear error', { skip }, async () => {
  for (const entry of cases.filter((candidate) => candidate.kind === 'negative')) {
    const delta = createDelta({ store: createLocalStore(folder), engine });
    await assert.rejects(
      delta.snapshot(entry.table, { version: entry.version ?? undefined }),
      (error) => error instanceof BoathouseError && error.code.startsWith('DELTA_'),
      entry.case,
    );
  }
});
