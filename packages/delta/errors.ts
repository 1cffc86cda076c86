import { type BoathouseError, systemError, userError } from '@boathouse/contracts';

/** Every failure of this room, in one table: codes are Spark's where Spark has one. */
export const deltaErrors = {
  tableNotFound: (location: string) =>
    userError('DELTA_TABLE_NOT_FOUND', `There is no Delta table at "${location}": its _delta_log has no commit.`, {
      status: 404,
    }),
  /** `earliest` counts only for a version before it: a listing that begins at a checkpoint does not show what is older. */
  versionNotFound: (location: string, version: number, earliest: number, latest: number) =>
    userError(
      'DELTA_VERSION_NOT_FOUND',
      version > latest
        ? `The table at "${location}" has no version ${version}: its latest version is ${latest}.`
        : `The table at "${location}" has no version ${version}. Versions ${earliest} to ${latest} can be read.`,
      { status: 404, sqlState: '22003' },
    ),
  timestampTooEarly: (wantedMs: number, earliestMs: number) =>
    userError(
      'DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION',
      `The time ${iso(wantedMs)} is before the earliest version that can be read (${iso(earliestMs)}). Use a later time.`,
      { sqlState: '42816' },
    ),
  timestampTooLate: (wantedMs: number, latestMs: number) =>
    userError(
      'DELTA_TIMESTAMP_GREATER_THAN_COMMIT',
      `The time ${iso(wantedMs)} is after the latest commit (${iso(latestMs)}). Use a time up to then, or leave it out.`,
      { sqlState: '42816' },
    ),
  notContiguous: (location: string, missing: number) =>
    systemError(
      'DELTA_VERSIONS_NOT_CONTIGUOUS',
      `The log of the table at "${location}" has a gap: version ${missing} is missing. Restore its file in _delta_log from a backup.`,
    ),
  cannotRecover: (location: string, what: 'protocol' | 'metadata', version: number) =>
    systemError(
      'DELTA_STATE_RECOVER_ERROR',
      `The ${what} of the table at "${location}" cannot be recovered at version ${version}: no ${what} action in its log.`,
    ),
  corrupt: (file: string, why: string) =>
    systemError('DELTA_LOG_CORRUPT', `"${file}" is not a valid file of a Delta log: ${why}. Restore it from a backup.`),
  dataFile: (location: string, version: number, problem: { kind: string; path: string; what: string }) =>
    systemError(
      problem.kind.startsWith('missing')
        ? 'DELTA_FILE_NOT_FOUND'
        : problem.kind.startsWith('damaged')
          ? 'DELTA_FILE_DAMAGED'
          : 'DELTA_FILE_SCHEMA_MISMATCH',
      `Version ${version} of the table at "${location}" cannot be read: ${problem.kind} "${problem.path}". ${problem.what} "boathouse delta fsck" looks at the whole table.`,
    ),
  duplicateAction: (file: string, kind: string) =>
    systemError(
      'DELTA_DUPLICATE_ACTIONS_FOUND',
      `"${file}" holds more than one "${kind}" action, where a commit has at most one.`,
    ),
  unsupportedRead: (location: string, features: string[]) =>
    userError(
      'DELTA_UNSUPPORTED_FEATURES_FOR_READ',
      `The table at "${location}" needs table features that this engine cannot read: ${features.join(', ')}. Read it with an engine that has them, or drop the features there.`,
    ),
  unsupportedWrite: (location: string, features: string[]) =>
    userError(
      'DELTA_UNSUPPORTED_FEATURES_FOR_WRITE',
      `The table at "${location}" needs table features that this engine cannot write: ${features.join(', ')}. Write it with an engine that has them, or drop the features there.`,
    ),
  managedElsewhere: (location: string) =>
    userError(
      'DELTA_UNSUPPORTED_FEATURES_FOR_WRITE',
      `The commits of the table at "${location}" go through its catalog (table feature catalogManaged), which is not here. Write it through the workspace that manages it.`,
    ),
  absolutePath: (path: string) =>
    userError(
      'DELTA_UNSUPPORTED_FILE_PATH',
      `The table refers to a file outside of its own folder ("${path}"), as a shallow clone does. Only files inside the table's folder are read, and others of the same store where the caller allows them.`,
    ),
  unsupportedType: (column: string, type: string) =>
    userError(
      'DELTA_UNSUPPORTED_DATA_TYPES',
      `Column "${column}" has type ${type}, which a Delta table cannot store. Cast it to a stored type such as string or bigint.`,
      { sqlState: '0AKDC' },
    ),
  duplicateColumn: (column: string) =>
    userError(
      'DELTA_DUPLICATE_COLUMNS_FOUND',
      `The column name "${column}" occurs twice (names compare without case). Rename one.`,
    ),
  identityType: (column: string, type: string) =>
    userError(
      'DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE',
      `The identity column "${column}" has type ${type}; it must be bigint.`,
      { sqlState: '428H2' },
    ),
  identityStep: (column: string) =>
    userError('IDENTITY_COLUMNS_ILLEGAL_STEP', `The identity column "${column}" needs an INCREMENT BY other than 0.`, {
      sqlState: '42611',
    }),
  invalidPartition: (column: string, why: string) =>
    userError('DELTA_INVALID_PARTITION_COLUMN', `The table cannot be partitioned by "${column}": ${why}.`),
  alreadyExists: (location: string) =>
    userError(
      'DELTA_TABLE_ALREADY_EXISTS',
      `There is a Delta table at "${location}" already. Write to it, or create it elsewhere.`,
      {
        status: 409,
      },
    ),
  notNull: (column: string) =>
    userError(
      'DELTA_NOT_NULL_CONSTRAINT_VIOLATED',
      `NOT NULL constraint violated for column: ${column}. Give a value in every row, or make the column nullable.`,
      { sqlState: '23502' },
    ),
  appendOnly: (location: string) =>
    userError(
      'DELTA_CANNOT_MODIFY_APPEND_ONLY',
      `The table at "${location}" only takes appends (delta.appendOnly = true). Append, or unset that property.`,
      { sqlState: '42809' },
    ),
  rowsUncounted: (location: string, path: string) =>
    userError(
      'DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS',
      `Rows of "${path}" cannot get row ids in the table at "${location}": the file has no count of its rows. Collect statistics (ANALYZE TABLE … COMPUTE DELTA STATISTICS) first.`,
    ),
  conflict: (code: string, mine: string, theirs: string, version: number, why: string) =>
    userError(
      code,
      `${mine} could not be committed: ${theirs} committed version ${version} in the meantime and ${why}. Run ${mine} again on the new version.`,
      { status: 409 },
    ),
  tooManyRetries: (operation: string, attempts: number) =>
    systemError(
      'DELTA_MAX_COMMIT_RETRIES_EXCEEDED',
      `${operation} lost the race for a version ${attempts} times and gave up; nothing was written. Try again, or write less often.`,
      { status: 409 },
    ),
  unknownColumn: (column: string, known: readonly string[]) =>
    userError('DELTA_COLUMN_NOT_FOUND', `The table has no column "${column}". It has: ${known.join(', ')}.`),
} satisfies Record<string, (...values: never[]) => BoathouseError>;

const iso = (ms: number): string => new Date(ms).toISOString();
