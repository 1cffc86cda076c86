import { identifier } from '../schema/engine.ts';
import { identityOf, withMark } from '../schema/identity.ts';
import { describedField } from './describe.ts';
import { alterErrors } from './errors.ts';
import { type Alter, rowsOf } from './room.ts';
import { fieldAt, replaced } from './tree.ts';

/** ALTER COLUMN … SYNC IDENTITY: the high-water mark goes to the furthest value that rows hold. */
export const syncIdentity: Alter<'syncIdentity'> = async (context, { column }) => {
  const { table, engine } = context;
  const { field, path } = fieldAt(table.fields, [column]);
  const identity = identityOf(field);
  if (!identity) throw alterErrors.notIdentity(column);
  const furthest = identity.step > 0n ? 'max' : 'min';
  const rows = await rowsOf(context, [field.name]);
  const [found] = await engine.rows(`SELECT ${furthest}(${identifier(field.name)}) AS value FROM ${rows} AS checked`);
  if (typeof found?.value !== 'bigint') return null;
  // The mark is a value that the column could have given out itself: the next one from there.
  const steps = (found.value - identity.start) / identity.step;
  const exact = identity.start + steps * identity.step;
  const mark = exact === found.value || steps < 0n ? exact : exact + identity.step;
  if ((found.value - identity.start) * (identity.step > 0n ? 1n : -1n) < 0n) return null;
  const synced = withMark(field, identity, mark);
  if (synced === field) return null;
  return {
    operation: 'CHANGE COLUMN',
    readsRows: true,
    parameters: { column: JSON.stringify(describedField(synced, path)) },
    fields: replaced(table.fields, path, () => synced),
  };
};
