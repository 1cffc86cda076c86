import { userError } from '@boathouse/contracts';

/** Failures of this room: codes are Spark's. */
export const dmlErrors = {
  multipleMatches: (location: string) =>
    userError(
      'DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE',
      `MERGE could change a row of the table at "${location}" by more than one row of the source, and which of them counts is not said. Leave one source row a key (for example by grouping or by row_number), or make the ON condition narrower.`,
      { sqlState: '21506' },
    ),
  assignedTwice: (column: string) =>
    userError('DELTA_CONFLICT_SET_COLUMN', `Column "${column}" is assigned more than once. Assign it once.`, {
      sqlState: '42701',
    }),
  identityAssigned: (column: string) =>
    userError(
      'DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED',
      `Column "${column}" is an identity column, whose values the table gives out. Leave it out of the assignments.`,
      { sqlState: '42808' },
    ),
  moved: (location: string) =>
    userError(
      'DELTA_NONDETERMINISTIC_CONDITION',
      `A condition on the table at "${location}" gave different answers when it was asked twice. Use no functions such as rand() or now() in it, and no source that changes while it is read.`,
      { sqlState: '0AKDC' },
    ),
};
