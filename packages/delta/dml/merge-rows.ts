import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { changed, writeChanges } from '../cdc/write.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { identifier } from '../schema/engine.ts';
import { defaultOf, generationOf } from '../schema/expressions.ts';
import { identityOf } from '../schema/identity.ts';
import type { DeltaField } from '../schema/types.ts';
import { assignments, type Branch, updatedRows, updates } from './assign.ts';
import type { TouchedFile } from './outcome.ts';
import { clauseOf, type Pairs, type StagedSource } from './pairs.ts';
import type { MergeRequest } from './types.ts';
import type { Work } from './work.ts';

/** A merge whose rows have met. `fields`: those of the table as the merge leaves it. */
export interface Merge {
  work: Work;
  request: MergeRequest;
  source: StagedSource;
  pairs: Pairs;
  fields: readonly DeltaField[];
}

/** Touched files as `target` beside what is to become of their rows as `source`. */
async function joined(merge: Merge, touched: readonly TouchedFile[], how: 'JOIN' | 'LEFT JOIN', tracked: boolean) {
  const { work, source, pairs } = merge;
  const { number, file, row, clause } = source.names;
  const target = await work.target(
    touched.map((one) => one.file),
    { tracked, fileNumbers: touched.map(({ index }) => index) },
  );
  const moves = `(SELECT source.*, moves.f AS ${identifier(file)}, moves.r AS ${identifier(row)}, moves.clause AS ${identifier(clause)}
    FROM ${pairs.moves} AS moves LEFT JOIN ${source.relation} AS source ON source.${identifier(number)} = moves.s)`;
  const on = `source.${identifier(file)} = target.${identifier(work.names.file)} AND source.${identifier(row)} = target.${identifier(work.names.row)}`;
  return { from: `${target} ${how} ${moves} AS source ON ${on}`, clause: `source.${identifier(clause)}` };
}

function branchesOf({ request, fields }: Merge, clause: string): { branches: Branch[]; deletes: number[] } {
  const clauses = [...request.matched, ...request.notMatchedBySource];
  const branches = clauses.flatMap(({ action }, index): Branch[] =>
    action.kind === 'update' ? [{ when: `(${clause} = ${index})`, values: updates(fields, action.set) }] : [],
  );
  return { branches, deletes: clauses.flatMap(({ action }, index) => (action.kind === 'delete' ? [index] : [])) };
}

/**
 * Rows as they are after the merge: updated ones, and where files are written anew (`asStored` without vectors) those that
 * stay as they are.
 */
export async function changedSql(merge: Merge, touched: readonly TouchedFile[], asStored: boolean): Promise<string> {
  const { work, fields } = merge;
  const keepsOthers = asStored && !work.usesVectors;
  const { from, clause } = await joined(merge, touched, keepsOthers ? 'LEFT JOIN' : 'JOIN', asStored);
  const { branches, deletes } = branchesOf(merge, clause);
  const stays = deletes.length ? `${clause} NOT IN (${deletes.join(', ')})` : 'true';
  const where = keepsOthers ? `(${clause} IS NULL OR ${stays})` : stays;
  const kept =
    asStored && work.tracking
      ? [
          `target.${identifier(work.tracking.rowId)}`,
          `CASE WHEN ${clause} IS NULL THEN target.${identifier(work.tracking.rowCommitVersion)} END AS ${identifier(work.tracking.rowCommitVersion)}`,
        ]
      : [];
  return updatedRows(`${from} WHERE ${where}`, fields, branches, kept, work.compiler(), !keepsOthers);
}

/** Source rows without a match, and by `clause` what inserts them. */
function unmatched({ request, source, pairs }: Merge): string {
  const clause = identifier(source.names.clause);
  return `(SELECT *, ${clauseOf(request.notMatched)} AS ${clause} FROM ${source.relation} AS source
    WHERE NOT EXISTS (SELECT 1 FROM ${pairs.matches} AS pair WHERE pair.s = source.${identifier(source.names.number)}))`;
}

/** Functions of the engine with another value each time. */
const VOLATILE = /\b(random|uuid\w*|gen_random_uuid|nextval)\s*\(/i;

/**
 * New rows as they will be stored, to be written with the changed ones into one file: null where there are none, or where
 * columns get values that only a write of their own gives them.
 */
export function insertedSql(merge: Merge): string | null {
  const { work, request, source, fields } = merge;
  const hasRules = fields.some(
    (field) => defaultOf(field) !== null || generationOf(field) !== null || identityOf(field),
  );
  // Change files must hold what was stored: a value that is another each time is read back from a file of its own.
  const isVolatile =
    work.recordsChanges && request.notMatched.some((one) => one.values.some(({ value }) => VOLATILE.test(value)));
  if (!request.notMatched.length || hasRules || isVolatile) return null;
  const alone = unmatched(merge);
  const clauses = request.notMatched.map(({ values }, index) => {
    const given = new Map([...assignments(fields, values)].map(([field, value]) => [field.name, value]));
    const columns = fields.map(({ name }) => `${given.get(name) ?? 'NULL'} AS ${identifier(name)}`);
    return `SELECT ${columns.join(', ')} FROM ${alone} AS source WHERE source.${identifier(source.names.clause)} = ${index}`;
  });
  return clauses.join(' UNION ALL ');
}

const Counted = z.array(z.object({ n: z.bigint().transform(Number) }));

/** Writes changed and new rows together. Null: there is no new row, or they must be written apart. */
export async function changedAndInserted(merge: Merge, changedRows: string): Promise<AddedTogether | null> {
  const { work } = merge;
  const inserted = insertedSql(merge);
  if (inserted === null) return null;
  const [count] = Counted.parse(await work.engine.rows(`SELECT count(*) AS n FROM (${inserted}) AS added`));
  if (!count?.n) return null;
  const rows = `SELECT * FROM (${changedRows}) AS changed UNION ALL BY NAME SELECT * FROM (${inserted}) AS added`;
  const adds = await work.write(rows, { explicitIdentity: true, tracked: true });
  return { adds, rows: count.n, sql: inserted };
}

export interface AddedTogether {
  adds: AddFile[];
  /** New rows among them, and the text that gives those. */
  rows: number;
  sql: string;
}

/** Source rows without a match, by clause: each may leave other columns to their defaults. */
export async function insertedFiles(merge: Merge): Promise<AddFile[]> {
  const { work, request, source, fields } = merge;
  const clause = identifier(source.names.clause);
  const alone = unmatched(merge);
  const adds: AddFile[] = [];
  for (const [index, { values }] of request.notMatched.entries()) {
    const columns = [...assignments(fields, values)].map(([field, value]) => `${value} AS ${identifier(field.name)}`);
    const selected = columns.join(', ') || `NULL AS ${identifier(source.names.row)}`;
    const rows = `SELECT ${selected} FROM ${alone} AS source WHERE source.${clause} = ${index}`;
    const tracked = work.tracking
      ? `SELECT *, CAST(NULL AS BIGINT) AS ${identifier(work.tracking.rowId)}, CAST(NULL AS BIGINT) AS ${identifier(work.tracking.rowCommitVersion)} FROM (${rows}) AS added`
      : rows;
    adds.push(...(await work.write(tracked, { fill: true, tracked: true })));
  }
  return adds;
}

/** Change files of a merge that changed rows (`inserted`: files of new rows, or the text that gives them); without such the log tells what was inserted. */
export async function recordChanges(
  merge: Merge,
  touched: readonly TouchedFile[],
  inserted: readonly AddFile[] | string,
  metrics: { numTargetRowsDeleted: number; numTargetRowsUpdated: number },
): Promise<void> {
  const { work } = merge;
  const { from, clause } = await joined(merge, touched, 'JOIN', false);
  const { deletes } = branchesOf(merge, clause);
  const columns = work.columns.map((name) => `target.${identifier(name)}`).join(', ');
  const isDelete = deletes.length ? `${clause} IN (${deletes.join(', ')})` : 'false';
  const parts: string[] = [];
  if (metrics.numTargetRowsDeleted) parts.push(changed(`SELECT ${columns} FROM ${from} WHERE ${isDelete}`, 'delete'));
  if (metrics.numTargetRowsUpdated)
    parts.push(
      changed(`SELECT ${columns} FROM ${from} WHERE NOT ${isDelete}`, 'update_preimage'),
      changed(await changedSql(merge, touched, false), 'update_postimage'),
    );
  if (typeof inserted === 'string') parts.push(changed(inserted, 'insert'));
  // Read back, because they hold values that only the write gave them.
  else if (inserted.length)
    parts.push(
      changed(
        `SELECT * FROM ${await relation(scanOf(work.room), work.snapshot, inserted, work.columns, { timeZone: work.request.timeZone })} AS added`,
        'insert',
      ),
    );
  await writeChanges(work, parts);
}
