/** Statements that the page of a table runs, as text. `fullName` is quoted already (`names.ts`). */
import { quoted } from '../quoted.ts';

/** A string literal of Spark SQL. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const restoreText = (fullName: string, version: number): string =>
  `RESTORE TABLE ${fullName} TO VERSION AS OF ${version}`;

export const optimizeText = (fullName: string): string => `OPTIMIZE ${fullName}`;

export const vacuumText = (fullName: string, dryRun: boolean): string =>
  `VACUUM ${fullName}${dryRun ? ' DRY RUN' : ''}`;

export const setPropertyText = (fullName: string, key: string, value: string): string =>
  `ALTER TABLE ${fullName} SET TBLPROPERTIES (${literal(key)} = ${literal(value)})`;

export const unsetPropertyText = (fullName: string, key: string): string =>
  `ALTER TABLE ${fullName} UNSET TBLPROPERTIES (${literal(key)})`;

export const columnCommentText = (fullName: string, column: string, comment: string): string =>
  `COMMENT ON COLUMN ${fullName}.${quoted(column)} IS ${comment ? literal(comment) : 'NULL'}`;

export type NewConstraint =
  | { kind: 'check'; name: string; condition: string }
  | { kind: 'notNull'; column: string }
  | { kind: 'default'; column: string; value: string };

export function addConstraintText(fullName: string, constraint: NewConstraint): string {
  switch (constraint.kind) {
    case 'check':
      return `ALTER TABLE ${fullName} ADD CONSTRAINT ${quoted(constraint.name)} CHECK (${constraint.condition})`;
    case 'notNull':
      return `ALTER TABLE ${fullName} ALTER COLUMN ${quoted(constraint.column)} SET NOT NULL`;
    case 'default':
      return `ALTER TABLE ${fullName} ALTER COLUMN ${quoted(constraint.column)} SET DEFAULT ${constraint.value}`;
  }
}

export type Droppable = { kind: 'check'; name: string } | { kind: 'notNull' | 'default'; column: string };

export function dropConstraintText(fullName: string, constraint: Droppable): string {
  switch (constraint.kind) {
    case 'check':
      return `ALTER TABLE ${fullName} DROP CONSTRAINT ${quoted(constraint.name)}`;
    case 'notNull':
      return `ALTER TABLE ${fullName} ALTER COLUMN ${quoted(constraint.column)} DROP NOT NULL`;
    case 'default':
      return `ALTER TABLE ${fullName} ALTER COLUMN ${quoted(constraint.column)} DROP DEFAULT`;
  }
}
