import type { DataType, SourceRange } from '@boathouse/contracts';
import { type BoathouseError, typeText, userError } from '@boathouse/contracts';
import { stateOfCondition } from '../conditions.ts';

/** Offsets into the statement text; line and column are filled in at the door, which knows the text. */
export interface Range {
  start: number;
  end: number;
}

/** A position that `locate` completes: line 0 means "not yet known". */
export const pending = (range: Range): SourceRange => ({ line: 0, column: 0, start: range.start, end: range.end });

/** Fills in line and column (1-based) of a pending position of `text`; `offset` is where the statement begins in it. */
export function locate(error: BoathouseError, text: string): void {
  const { position } = error;
  if (position?.line !== 0) return;
  const before = text.slice(0, position.start);
  const line = before.split('\n').length;
  error.position = { ...position, line, column: position.start - before.lastIndexOf('\n') };
}

/** Error conditions of Spark that the analyser raises: SQLSTATE by class. */
const sqlStates: Record<string, string> = {
  'UNRESOLVED_COLUMN.WITH_SUGGESTION': '42703',
  'UNRESOLVED_COLUMN.WITHOUT_SUGGESTION': '42703',
  AMBIGUOUS_REFERENCE: '42704',
  DIVIDE_BY_ZERO: '22012',
  REMAINDER_BY_ZERO: '22012',
  UNRESOLVED_ROUTINE: '42883',
  TABLE_OR_VIEW_NOT_FOUND: '42P01',
  TABLE_OR_VIEW_ALREADY_EXISTS: '42P07',
  SCHEMA_NOT_FOUND: '42704',
  SCHEMA_ALREADY_EXISTS: '42P06',
  CATALOG_NOT_FOUND: '42P08',
  VOLUME_NOT_FOUND: '42704',
  EXPECT_TABLE_NOT_VIEW: '42809',
  'EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE': '42809',
  'EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE': '42809',
  MISSING_AGGREGATION: '42803',
  MISSING_GROUP_BY: '42803',
  GROUP_BY_AGGREGATE: '42903',
  GROUP_BY_POS_OUT_OF_RANGE: '42805',
  GROUP_BY_POS_AGGREGATE: '42903',
  ORDER_BY_POS_OUT_OF_RANGE: '42805',
  UNRESOLVED_ALL_IN_GROUP_BY: '42803',
  NESTED_AGGREGATE_FUNCTION: '42607',
  INVALID_WHERE_CONDITION: '42903',
  WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE: '42601',
  WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE: '42601',
  WINDOW_FUNCTION_FRAME_NOT_ORDERED: '42601',
  MISSING_WINDOW_SPECIFICATION: '42P20',
  DISTINCT_WINDOW_FUNCTION_UNSUPPORTED: '0A000',
  FIELD_NOT_FOUND: '42704',
  AMBIGUOUS_REFERENCE_TO_FIELDS: '42000',
  NUM_COLUMNS_MISMATCH: '42826',
  INCOMPATIBLE_COLUMN_TYPE: '42825',
  ASSIGNMENT_ARITY_MISMATCH: '42802',
  COLUMN_ALREADY_EXISTS: '42711',
  DUPLICATED_CTE_NAMES: '42602',
  'WRONG_NUM_ARGS.WITHOUT_SUGGESTION': '42605',
  'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN': '42K09',
  JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE: '42K0E',
  'INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE': '42K0E',
  'INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE': '42K0E',
  'INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE': '42K0E',
  'INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN': '42823',
  'DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH': '42K09',
  'INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH': '42000',
  'INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE': '42000',
  UNBOUND_SQL_PARAMETER: '42P02',
  PARSE_SYNTAX_ERROR: '42601',
  DELTA_INSERT_COLUMN_ARITY_MISMATCH: '42802',
  INSERT_COLUMN_ARITY_MISMATCH: '21S01',
  INVALID_EXTRACT_BASE_FIELD_TYPE: '42000',
  UDTF_ALIAS_NUMBER_MISMATCH: '42802',
  'UNSUPPORTED_GENERATOR.NOT_GENERATOR': '42K0E',
  'UNSUPPORTED_GENERATOR.OUTSIDE_SELECT': '42K0E',
  'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS': '42K0E',
  UNRESOLVABLE_TABLE_VALUED_FUNCTION: '42883',
  FAILED_FUNCTION_CALL: '38000',
  INVALID_CONF_VALUE: '22022',
  CANNOT_MODIFY_CONFIG: '46110',
  CANNOT_MODIFY_STATIC_CONFIG: '46110',
  INVALID_INTERVAL_FORMAT: '22006',
  VARIABLE_ALREADY_EXISTS: '42723',
  VARIABLE_NOT_FOUND: '42883',
  UNRESOLVED_VARIABLE: '42883',
  DUPLICATE_ASSIGNMENTS: '42701',
  INVALID_DEFAULT_VALUE: '42623',
  UNSUPPORTED_EXPR_FOR_OPERATOR: '42K0E',
  UNSUPPORTED_EXPR_FOR_PARAMETER: '42K0E',
  INVALID_SQL_SYNTAX: '42000',
  NOT_A_CONSTANT_STRING: '42601',
  EXEC_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES: '42701',
  INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE: '42K09',
  INVALID_STATEMENT_FOR_EXECUTE_INTO: '07501',
  SQL_SCRIPT_IN_EXECUTE_IMMEDIATE: '07501',
  NULL_QUERY_STRING_EXECUTE_IMMEDIATE: '22004',
  ROW_SUBQUERY_TOO_MANY_ROWS: '21000',
  SCALAR_SUBQUERY_TOO_MANY_ROWS: '21000',
  INVALID_QUERY_MIXED_QUERY_PARAMETERS: '42613',
  ALL_PARAMETERS_MUST_BE_NAMED: '07001',
  PARSE_EMPTY_STATEMENT: '42617',
  INVALID_BOOLEAN_STATEMENT: '22546',
  INVALID_VARIABLE_DECLARATION: '42K0M',
  LABEL_OR_FOR_VARIABLE_ALREADY_EXISTS: '42K0L',
  LABEL_OR_FOR_VARIABLE_NAME_FORBIDDEN: '42K0L',
  LABELS_MISMATCH: '42K0L',
  INVALID_LABEL_USAGE: '42K0L',
  INVALID_HANDLER_DECLARATION: '42K0Q',
  INVALID_ERROR_CONDITION_DECLARATION: '42K0R',
  DUPLICATE_EXCEPTION_HANDLER: '42734',
  DUPLICATE_CONDITION_IN_SCOPE: '42734',
  INVALID_SQLSTATE: '428B3',
  ROUTINE_ALREADY_EXISTS: '42723',
  ROUTINE_NOT_FOUND: '42883',
  UNRECOGNIZED_PARAMETER_NAME: '4274K',
  UNEXPECTED_POSITIONAL_ARGUMENT: '4274K',
  DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT: '4274K',
  DUPLICATE_ROUTINE_PARAMETER_NAMES: '42734',
  DUPLICATE_ROUTINE_RETURNS_COLUMNS: '42711',
  USER_DEFINED_FUNCTIONS: '42601',
  NOT_A_SCALAR_FUNCTION: '42887',
  NOT_A_TABLE_FUNCTION: '42887',
  INVALID_TEMP_OBJ_REFERENCE: '42K0F',
  INVALID_TEMP_OBJ_QUALIFIER: '42602',
  FORBIDDEN_OPERATION: '42809',
  REQUIRES_SINGLE_PART_NAMESPACE: '42K05',
};

/** An error of the user's statement at a place in it. `UNSUPPORTED_…` classes get SQLSTATE 0A000. */
export function fail(code: string, message: string, range?: Range): BoathouseError {
  const sqlState =
    sqlStates[code] ??
    sqlStates[code.split('.')[0]!] ??
    stateOfCondition(code) ??
    (code.startsWith('UNSUPPORTED_') ? '0A000' : code.startsWith('DATATYPE_MISMATCH') ? '42K09' : undefined);
  return userError(code, message, {
    ...(sqlState ? { sqlState } : {}),
    ...(range ? { position: pending(range) } : {}),
  });
}

/** A construct of the language that the embedded engine does not carry (yet): refused by name, never approximated. */
export const unsupported = (construct: string, range?: Range, wayOut = ''): BoathouseError =>
  fail('UNSUPPORTED_FEATURE', `${construct} is not supported.${wayOut ? ` ${wayOut}` : ''}`, range);

/** Back-ticked, dotted name as Spark prints names in errors. */
export const quotedName = (parts: readonly string[]): string =>
  parts.map((part) => `\`${part.replaceAll('`', '``')}\``).join('.');

export const quotedType = (type: DataType): string => `"${typeText(type).toUpperCase()}"`;

/** Names of `candidates` nearest to `wanted` (by edit distance), at most five, nearest first. */
export function nearNames(wanted: string, candidates: readonly string[]): string[] {
  const target = wanted.toLowerCase();
  return [...new Set(candidates)]
    .map((name) => ({ name, distance: editDistance(target, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 5)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
