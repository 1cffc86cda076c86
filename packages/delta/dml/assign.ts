import { deltaErrors } from '../errors.ts';
import { findField } from '../schema/columns.ts';
import { engineType, identifier } from '../schema/engine.ts';
import { generationOf } from '../schema/expressions.ts';
import { identityOf } from '../schema/identity.ts';
import type { DeltaField } from '../schema/types.ts';
import type { Compile } from '../write/fill.ts';
import { dmlErrors } from './errors.ts';
import type { Assignment } from './types.ts';

/** What is assigned, by column of the table. Throws DELTA_COLUMN_NOT_FOUND, DELTA_CONFLICT_SET_COLUMN. */
export function assignments(fields: readonly DeltaField[], set: readonly Assignment[]): Map<DeltaField, string> {
  const values = new Map<DeltaField, string>();
  for (const { column, value } of set) {
    const field = findField(fields, column);
    if (!field)
      throw deltaErrors.unknownColumn(
        column,
        fields.map(({ name }) => name),
      );
    if (values.has(field)) throw dmlErrors.assignedTwice(field.name);
    values.set(field, `CAST((${value}) AS ${engineType(field.type, field.name)})`);
  }
  return values;
}

/** As `assignments` to rows that are there. Throws DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED. */
export function updates(fields: readonly DeltaField[], set: readonly Assignment[]): Map<DeltaField, string> {
  const values = assignments(fields, set);
  for (const field of values.keys()) if (identityOf(field)) throw dmlErrors.identityAssigned(field.name);
  return values;
}

/** One way to change rows: where `when` (an engine condition that is never NULL) is true, these values. */
export interface Branch {
  when: string;
  values: ReadonlyMap<DeltaField, string>;
}

/**
 * A query over `from` (which has `target`) that gives rows with the values of the first branch that holds, others as they
 * are. Generated columns that a branch does not assign are computed from its values. `more`: further columns to keep.
 * `allChange`: every row falls into a branch, so that columns which all branches assign are not read at all.
 */
export function updatedRows(
  from: string,
  fields: readonly DeltaField[],
  branches: readonly Branch[],
  more: readonly string[],
  compile: Compile,
  allChange: boolean,
): string {
  const choose = (cases: readonly string[], otherwise: string) =>
    cases.length ? `CASE ${cases.join(' ')} ELSE ${otherwise} END` : otherwise;
  const columns = fields.map((field) => {
    const name = identifier(field.name);
    const own = `target.${name}`;
    const assigned = branches.filter(({ values }) => values.has(field)).length;
    if (assigned === 0) return `${own} AS ${name}`;
    // A later branch must not take a row of an earlier one that leaves this column alone.
    const values = branches.map((branch) => branch.values.get(field) ?? own);
    const needsOwn = !allChange || assigned < branches.length;
    const last = needsOwn ? own : values.pop()!;
    return `${choose(
      values.map((value, index) => `WHEN ${branches[index]!.when} THEN ${value}`),
      last,
    )} AS ${name}`;
  });
  const recomputed = fields.filter(
    (field) => generationOf(field) !== null && branches.some(({ values }) => !values.has(field)),
  );
  if (!recomputed.length) return `SELECT ${[...columns, ...more].join(', ')} FROM ${from}`;
  const marks = branches.map(({ when }, index) => `(${when}) AS __boathouse_branch${index}`);
  const replaced = recomputed.map((field) => {
    const name = identifier(field.name);
    const computed = `CAST(${compile(generationOf(field) ?? 'NULL')} AS ${engineType(field.type, field.name)})`;
    const cases = branches.map(
      ({ values }, index) => `WHEN __boathouse_branch${index} THEN ${values.has(field) ? name : computed}`,
    );
    return `${choose(cases, name)} AS ${name}`;
  });
  const inner = `SELECT ${[...columns, ...more, ...marks].join(', ')} FROM ${from}`;
  return `SELECT * REPLACE (${replaced.join(', ')}) FROM (${inner}) AS changed`;
}
