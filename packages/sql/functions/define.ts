import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { join, sql } from '../emit/text.ts';
import { cast, commonType, derive, implicit, mismatch } from '../types/index.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';

export const type = {
  boolean: { kind: 'boolean' },
  tinyint: { kind: 'tinyint' },
  int: { kind: 'int' },
  bigint: { kind: 'bigint' },
  double: { kind: 'double' },
  string: { kind: 'string' },
  binary: { kind: 'binary' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp' },
  ntz: { kind: 'timestamp_ntz' },
} as const satisfies Record<string, DataType>;

export const arrayOf = (element: DataType, containsNull = true): DataType => ({ kind: 'array', element, containsNull });

export const unsupported = (call: FunctionCall, why: string): Error =>
  userError('UNSUPPORTED_FUNCTION', `${call.name}: ${why}`);

/** A call with a number of arguments that the function does not take. `wanted`: the counts that it does. */
export const wrongCount = (call: FunctionCall, wanted: string): Error =>
  userError(
    'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
    `The function ${call.name} takes ${wanted} arguments, but ${call.args.length} were given.`,
    { sqlState: '42605' },
  );

/** An argument converted as Spark converts arguments of that type. */
export const arg = (call: FunctionCall, index: number, to: DataType): Typed =>
  implicit(call.args[index]!, to, { session: call.session });

/** All arguments of `call`, or the given ones, under their common type. Throws DATATYPE_MISMATCH.DATA_DIFF_TYPES. */
export function unify(
  call: FunctionCall,
  values: readonly Typed[],
  pair?: (a: DataType, b: DataType) => DataType | undefined,
): { type: DataType; values: Typed[] } {
  const types = values.map((value) => value.type);
  const common = pair
    ? types.reduce<DataType | undefined>((sum, next) => sum && pair(sum, next), { kind: 'void' })
    : commonType(types);
  if (!common) {
    throw mismatch(
      'DATA_DIFF_TYPES',
      `The arguments of ${call.name} have the types ${values.map((value) => typeText(value.type)).join(', ')}, which have no common type. Cast them to one.`,
    );
  }
  if (call.name !== 'in' && types.some((one) => otherNames(one, common))) {
    throw unsupported(call, 'structs with different field names are not supported together. Name the fields alike.');
  }
  return { type: common, values: values.map((value) => cast(value, common, { session: call.session })) };
}

/** Whether structs inside two types of one shape name their fields differently: comparing allows that, choosing does not. */
function otherNames(a: DataType, b: DataType): boolean {
  if (a.kind === 'struct' && b.kind === 'struct') {
    return a.fields.some((field, index) => {
      const other = b.fields[index]!;
      return field.name.toLowerCase() !== other.name.toLowerCase() || otherNames(field.type, other.type);
    });
  }
  if (a.kind === 'array' && b.kind === 'array') return otherNames(a.element, b.element);
  return a.kind === 'map' && b.kind === 'map' && (otherNames(a.key, b.key) || otherNames(a.value, b.value));
}

/** A row of a scalar function. */
export const row = (
  name: string,
  minArgs: number,
  maxArgs: number,
  build: FunctionRow['build'],
  more: Partial<FunctionRow> = {},
): FunctionRow => ({ name, kind: 'scalar', minArgs, maxArgs, build, ...more });

/** A row whose arguments have fixed types: `signature('repeat', [string, int], string, (s, n) => sql`…`)`. */
export function simple(
  name: string,
  parameters: DataType[],
  returns: DataType,
  text: (...args: Sql[]) => Sql,
  options: Partial<Pick<FunctionRow, 'aliases' | 'prettyName' | 'minArgs'>> & {
    nullable?: boolean;
    rename?: (...names: string[]) => string;
  } = {},
): FunctionRow {
  const { nullable, rename, ...row } = options;
  return {
    name,
    kind: 'scalar',
    minArgs: parameters.length,
    maxArgs: parameters.length,
    ...row,
    build(call) {
      const args = call.args.map((_, index) => arg(call, index, parameters[index]!));
      const result = derive(args, text(...args.map((value) => value.sql)), returns, nullable);
      return rename ? { ...result, name: rename(...args.map((value) => value.name)) } : result;
    },
  };
}

/** A call of one of our engine functions. */
export const callSql = (name: string, ...args: (Sql | string)[]): Sql => sql`${name}(${join(args, ', ')})`;

export const named = (result: FunctionResult, name: string): FunctionResult => ({ ...result, name });
