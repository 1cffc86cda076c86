import { type BoathouseError, userError } from '@boathouse/contracts';

/** What a table's definition does not allow, with Spark's codes. */
export const alterErrors = {
  columnNotFound: (path: string, known: readonly string[]) =>
    userError('DELTA_COLUMN_NOT_FOUND', `The table has no column "${path}". It has: ${known.join(', ')}.`, {
      sqlState: '42703',
    }),
  positionNotFound: (column: string) =>
    userError('FIELD_NOT_FOUND', `There is no column "${column}" to put another one after.`, { sqlState: '42704' }),
  columnExists: (path: string) =>
    userError('FIELD_ALREADY_EXISTS', `The column "${path}" exists already. Choose another name.`, {
      sqlState: '42710',
    }),
  notAStruct: (path: string) =>
    userError('DELTA_ADD_COLUMN_PARENT_NOT_STRUCT', `A column cannot be added to "${path}": it is no struct.`, {
      sqlState: '42KD3',
    }),
  addedDefault: (column: string) =>
    userError(
      'WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED',
      `The new column "${column}" cannot have a DEFAULT, because the rows that are there would need it too. Add the column, then ALTER COLUMN "${column}" SET DEFAULT.`,
      { sqlState: '0AKDC' },
    ),
  addedRule: (column: string, what: string) =>
    userError(
      'DELTA_ADD_COLUMN_NOT_ALLOWED',
      `The new column "${column}" cannot be ${what}: the rows that are there have no value for it. Create the table anew, or add a plain column.`,
      { sqlState: '0AKDC' },
    ),
  needsMapping: (code: 'DELTA_UNSUPPORTED_RENAME_COLUMN' | 'DELTA_UNSUPPORTED_DROP_COLUMN', what: string) =>
    userError(
      code,
      `${what} needs column mapping. Turn it on: ALTER TABLE … SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name').`,
      { sqlState: '0AKDC' },
    ),
  lastColumn: () =>
    userError('DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA', 'A struct or a table keeps at least one column.', {
      sqlState: '0AKDC',
    }),
  dropPartition: (column: string) =>
    userError('DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN', `The partition column "${column}" cannot be dropped.`, {
      sqlState: '0AKDC',
    }),
  dropClustering: (column: string) =>
    userError(
      'DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN',
      `The table is clustered by "${column}". Change its clustering first: ALTER TABLE … CLUSTER BY.`,
      { sqlState: '0AKDC' },
    ),
  constraintDepends: (column: string, names: readonly string[]) =>
    userError(
      'DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE',
      `The column "${column}" is used by CHECK constraints: ${names.join(', ')}. Drop them first.`,
      { sqlState: '42K09' },
    ),
  generatedDepends: (column: string, names: readonly string[]) =>
    userError(
      'DELTA_GENERATED_COLUMNS_DEPENDENT_COLUMN_CHANGE',
      `The column "${column}" is used by generated columns: ${names.join(', ')}. Drop them first.`,
      { sqlState: '42K09' },
    ),
  typeChange: (column: string, from: string, to: string) =>
    userError(
      'NOT_SUPPORTED_CHANGE_COLUMN',
      `The type of column "${column}" cannot change from ${from} to ${to}: not every value would fit. Add another column instead.`,
      { sqlState: '0A000' },
    ),
  wideningOff: (column: string, from: string, to: string) =>
    userError(
      'DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP',
      `The type of column "${column}" changes from ${from} to ${to} only with type widening. Turn it on: ALTER TABLE … SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true').`,
      { sqlState: '0AKDC' },
    ),
  replaceColumns: (why: string) =>
    userError('DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP', `REPLACE COLUMNS is not possible: ${why}.`, {
      sqlState: '0AKDC',
    }),
  useAddConstraint: (name: string) =>
    userError(
      'DELTA_ADD_CONSTRAINTS',
      `CHECK constraints are added by ALTER TABLE … ADD CONSTRAINT, which looks at the rows that are there; ${name} is not set as a property.`,
      { sqlState: '0A000' },
    ),
  constraintExists: (name: string, expression: string) =>
    userError(
      'DELTA_CONSTRAINT_ALREADY_EXISTS',
      `The constraint "${name}" exists already (${expression}). Drop it first, or choose another name.`,
      { sqlState: '42710' },
    ),
  constraintMissing: (name: string) =>
    userError('DELTA_CONSTRAINT_DOES_NOT_EXIST', `The table has no constraint "${name}".`, { sqlState: '42704' }),
  constraintViolated: (count: number, name: string, expression: string) =>
    userError(
      'DELTA_NEW_CHECK_CONSTRAINT_VIOLATION',
      `${count} rows of the table violate the new CHECK constraint ${name} (${expression}). Correct them first.`,
      { sqlState: '23512' },
    ),
  nullsThere: (column: string, count: number) =>
    userError(
      'DELTA_NOT_NULL_CONSTRAINT_VIOLATED',
      `NOT NULL constraint violated for column: ${column}: ${count} rows hold NULL. Fill them first.`,
      { sqlState: '23502' },
    ),
  notIdentity: (column: string) =>
    userError('DELTA_IDENTITY_ALTER_NON_IDENTITY_COLUMN', `The column "${column}" is no identity column.`, {
      sqlState: '42000',
    }),
  clusteredByPartition: () =>
    userError(
      'DELTA_CLUSTERING_WITH_PARTITION_PREDICATE',
      'A partitioned table cannot be clustered. Create the table anew without PARTITIONED BY.',
      { sqlState: '0A000' },
    ),
  featureMissing: (name: string) =>
    userError(
      'DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT',
      `The table feature ${name} cannot be dropped: the table does not have it.`,
      { sqlState: '55000' },
    ),
  featureStays: (name: string, why: string) =>
    userError('DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE', `The table feature ${name} cannot be dropped: ${why}.`, {
      sqlState: '0AKDC',
    }),
  featureNeeded: (name: string, by: readonly string[]) =>
    userError(
      'DELTA_FEATURE_DROP_DEPENDENT_FEATURE',
      `The table feature ${name} is needed by ${by.join(', ')}. Drop those first.`,
      { sqlState: '55000' },
    ),
  featureInHistory: (name: string, retention: string) =>
    userError(
      'DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD',
      `The feature ${name} is no longer in use, but older versions of the table still need it. Run DROP FEATURE … TRUNCATE HISTORY again when those are past the retention of the log (${retention}), or drop it without TRUNCATE HISTORY.`,
      { sqlState: '55000' },
    ),
} satisfies Record<string, (...values: never[]) => BoathouseError>;
