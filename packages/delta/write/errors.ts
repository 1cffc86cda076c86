import { type BoathouseError, userError } from '@boathouse/contracts';

/** What rows can do wrong, with Spark's codes. */
export const writeErrors = {
  violated: (what: string, expression: string, values: string) =>
    userError(
      'DELTA_VIOLATE_CONSTRAINT_WITH_VALUES',
      `${what} (${expression}) violated by row with values:\n${values}\nCorrect the row, or change the constraint.`,
      { sqlState: '23001' },
    ),
  tooLong: (column: string, type: string) =>
    userError(
      'DELTA_EXCEED_CHAR_VARCHAR_LIMIT',
      `A value of column "${column}" exceeds the length limit of its type ${type}. Shorten it, or widen the column.`,
      { sqlState: '22001' },
    ),
  notReplaced: (condition: string, values: string) =>
    userError(
      'DELTA_REPLACE_WHERE_MISMATCH',
      `Written data does not conform with the REPLACE WHERE condition ${condition}. Invalid data would be written to partitions or rows of the table:\n${values}`,
      { sqlState: '44000' },
    ),
  explicitIdentity: (column: string) =>
    userError(
      'DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED',
      `Column "${column}" is GENERATED ALWAYS AS IDENTITY: it takes no values from outside. Leave it out of the INSERT.`,
      { sqlState: '42808' },
    ),
  identityNeedsInsert: (location: string) =>
    userError(
      'DELTA_IDENTITY_COLUMNS_NEED_INSERT',
      `The table at "${location}" has an identity column, whose values are given out by the commit itself. Write the rows by INSERT.`,
      { sqlState: '0A000' },
    ),
  identityOverflow: (column: string) =>
    userError(
      'DELTA_IDENTITY_COLUMNS_OVERFLOW',
      `The identity column "${column}" has no values left: the next one does not fit into bigint. Recreate the table with other START WITH and INCREMENT BY.`,
      { sqlState: '22003' },
    ),
  noCompiler: (location: string, expression: string) =>
    userError(
      'DELTA_EXPRESSIONS_NOT_SUPPORTED',
      `The table at "${location}" has an expression in its metadata (${expression}), which only a session with a SQL compiler can evaluate. Write it from a notebook, a query or the command line.`,
    ),
} satisfies Record<string, (...values: never[]) => BoathouseError>;
