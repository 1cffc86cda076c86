import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BoathouseError } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { z } from 'zod';
import { createDelta } from '../index.ts';
import { identifier, literal } from '../schema/engine.ts';
import type { Engine } from './support.ts';

/**
 * Conformance cases: a folder with a `cases.json` that names tables of other writers and, for each, a folder of Parquet files
 * with exactly the rows that a correct reader gives (`positive`), or asks for a clear error (`negative`). A case whose name
 * ends in `#changes` is about the table's change data feed from version 0 on. Paths are relative to the folder.
 */
const Case = z.object({
  suite: z.string(),
  case: z.string(),
  table: z.string(),
  /** Null: the latest; for changes the last version of the feed. */
  version: z.number().nullish(),
  expected: z.string().nullish(),
  expectedRows: z.number().nullish(),
  kind: z.enum(['positive', 'negative']),
});
export type Case = z.infer<typeof Case>;

export const readCases = (folder: string): Case[] =>
  z.array(Case).parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')));

export type Verdict =
  | { kind: 'equal' }
  /** By a typed error: right for negative cases, a gap for positive ones. */
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'wrong'; why: string };

/** Its partition timestamps say no zone, and its rows are those of a session in the writer's. */
const onlyInZone: Record<string, string> = { 'data-reader-partition-values': 'America/Los_Angeles' };

/** Zones in which a session must give the rows of a case; instants are the same in each. */
export const zonesOf = (entry: Case): string[] => {
  const only = onlyInZone[entry.case];
  return only ? [only] : ['UTC', 'America/Los_Angeles'];
};

export async function judge(engine: Engine, folder: string, entry: Case, zone: string): Promise<Verdict> {
  try {
    const why = await difference(engine, folder, entry, zone);
    return why === null ? { kind: 'equal' } : { kind: 'wrong', why };
  } catch (error) {
    if (error instanceof BoathouseError) return { kind: 'refused', code: error.code, message: error.message };
    return { kind: 'wrong', why: error instanceof Error ? error.message : 'it failed' };
  } finally {
    await engine.rows("SET TimeZone = 'UTC'");
  }
}

/** Null where the rows are the expected ones. Expected files are cast to the table's types, read in UTC. */
async function difference(engine: Engine, folder: string, entry: Case, zone: string): Promise<string | null> {
  const delta = createDelta({ store: createLocalStore(folder), engine });
  const timeZone = onlyInZone[entry.case];
  const version = entry.version ?? undefined;
  let relation: string;
  if (entry.case.endsWith('#changes')) {
    const feed = await delta.changes(entry.table, { fromVersion: 0, toVersion: version, timeZone });
    relation = feed.relation;
  } else {
    const snapshot = await delta.snapshot(entry.table, { version });
    const names = snapshot.columns.map((column) => column.name);
    relation = await delta.relation(snapshot, await snapshot.files(), names, { timeZone });
  }
  await engine.rows(`SET TimeZone = ${literal(zone)}`);
  await engine.rows(`CREATE OR REPLACE TABLE found AS SELECT * FROM ${relation}`);
  await engine.rows("SET TimeZone = 'UTC'");
  if (!entry.expected) return differentCount(engine, entry);
  const expected = join(folder, entry.expected);
  if (!existsSync(expected)) return `there are no expected rows at ${entry.expected}`;
  const source = `read_parquet(${literal(`${expected}/*.parquet`)}, hive_partitioning = false, union_by_name = true)`;
  const isEmpty = !readdirSync(expected).some((name) => name.endsWith('.parquet'));
  const known = await namesOf(engine, 'found');
  // The time of a commit is that of its file, which copying changes.
  const wanted = (isEmpty ? known : await namesOf(engine, source)).filter((name) => name !== '_commit_timestamp');
  const missing = wanted.filter((name) => !known.some((other) => other.toLowerCase() === name.toLowerCase()));
  if (missing.length) return `columns are missing: ${missing.join(', ')}`;
  const list = wanted.map(identifier).join(', ');
  await engine.rows(`CREATE OR REPLACE TABLE wanted AS SELECT ${list} FROM found LIMIT 0`);
  if (!isEmpty) await engine.rows(`INSERT INTO wanted SELECT ${list} FROM ${source}`);
  const rows = await engine.rows(`SELECT
    (SELECT count(*) FROM (SELECT ${list} FROM found EXCEPT ALL FROM wanted)) AS more,
    (SELECT count(*) FROM (FROM wanted EXCEPT ALL SELECT ${list} FROM found)) AS less`);
  const [more, less] = [Number(rows[0]?.more), Number(rows[0]?.less)];
  return more + less === 0 ? null : `${more} rows too many, ${less} rows missing`;
}

async function differentCount(engine: Engine, entry: Case): Promise<string | null> {
  const [row] = await engine.rows('SELECT count(*) AS n FROM found');
  const count = Number(row?.n);
  if (entry.expectedRows === undefined || entry.expectedRows === null || entry.expectedRows === count) return null;
  return `${count} rows and not ${entry.expectedRows}`;
}

const namesOf = async (engine: Engine, source: string): Promise<string[]> =>
  (await engine.rows(`DESCRIBE SELECT * FROM ${source}`)).map((row) => String(row.column_name));
