import { CONSTRAINT_PREFIX, constraintsOf } from '../schema/expressions.ts';
import { mentions } from '../write/checks.ts';
import { compilerFor } from '../write/fill.ts';
import { shapeOf } from '../write/shape.ts';
import { alterErrors } from './errors.ts';
import { type Alter, countWhere } from './room.ts';

/** PROTOCOL.md "CHECK Constraints". Names compare without case. */

export const addConstraint: Alter<'addConstraint'> = async (context, { name, check }) => {
  const { table, room, snapshot } = context;
  const taken = constraintsOf(table.metadata.configuration).find(
    (one) => one.name.toLowerCase() === name.toLowerCase(),
  );
  if (taken) throw alterErrors.constraintExists(taken.name, taken.expression);
  const compiled = compilerFor(shapeOf(snapshot), room.compiler)(check);
  const columns = table.fields.map((field) => field.name).filter((column) => mentions(compiled, column));
  // As on writing, a constraint that is NULL is broken too.
  const broken = await countWhere(context, columns, `(${compiled}) IS NOT TRUE`);
  if (broken > 0) throw alterErrors.constraintViolated(broken, name, check);
  const { metadata } = table;
  return {
    operation: 'ADD CONSTRAINT',
    readsRows: true,
    parameters: { name, expr: check },
    metadata: {
      ...metadata,
      configuration: { ...metadata.configuration, [`${CONSTRAINT_PREFIX}${name.toLowerCase()}`]: check },
    },
  };
};

export const dropConstraint: Alter<'dropConstraint'> = async ({ table }, { name, ifExists }) => {
  const { metadata } = table;
  const found = constraintsOf(metadata.configuration).find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!found) {
    if (ifExists) return null;
    throw alterErrors.constraintMissing(name);
  }
  const { [`${CONSTRAINT_PREFIX}${found.name}`]: _gone, ...configuration } = metadata.configuration;
  return {
    operation: 'DROP CONSTRAINT',
    parameters: { name, expr: found.expression, existed: 'true' },
    metadata: { ...metadata, configuration },
  };
};
