import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { join, literal, type Sql, sql } from '../emit/text.ts';
import { commonTypeWithoutText, engineType, isText } from '../types/index.ts';
import { fail, quotedName, type Range, unsupported } from './errors.ts';
import { implicitCast, nullOf } from './library.ts';
import type { ScopeColumn } from './scope.ts';
import type { PlanState } from './state.ts';
import type { ExpressionSession, Typed } from './typed.ts';

/** What a generator gives for one input row: an engine list of elements, and how to read its columns off an element. */
interface Generator {
  list: Sql;
  columns: { name: string; type: DataType; nullable: boolean; read(element: Sql): Sql }[];
}

interface GeneratorCall {
  name: string;
  args: Typed[];
  session: ExpressionSession;
  range: Range;
}

const generators: Record<string, (call: GeneratorCall) => Generator> = {
  explode: (call) => explode(call, false),
  posexplode: (call) => explode(call, true),
  inline,
  json_tuple: jsonTuple,
  stack,
  variant_explode: explodeVariant,
};

const baseName = (name: string): string => name.replace(/_outer$/, '');
export const isTableGenerator = (name: string): boolean =>
  Object.hasOwn(generators, baseName(name)) && !['stack_outer', 'json_tuple_outer'].includes(name);
/** A generator that may stand in a select list too. */
export const isGenerator = (name: string): boolean => isTableGenerator(name) && baseName(name) !== 'variant_explode';

/** The rows that a generator makes of one input row: an engine list, and the columns of an element of it. */
export interface Generated {
  rows: Sql;
  columns(element: Sql): ScopeColumn[];
}

/** `outer` gives a row of NULLs for a NULL or empty input. */
export function generate(call: GeneratorCall, outer: boolean): Generated {
  const { list, columns } = generators[baseName(call.name)]!(call);
  const keepsRow = outer || call.name.endsWith('_outer');
  return {
    rows: keepsRow ? sql`CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list,
    columns: (element) =>
      columns.map(({ name, type, nullable, read }) => ({
        name,
        type,
        nullable: nullable || keepsRow,
        qualifier: [],
        sql: read(element),
      })),
  };
}

/** The generated rows as a relation of their own. */
export function generatedRelation(
  { rows, columns }: Generated,
  state: PlanState,
): { sql: Sql; columns: ScopeColumn[] } {
  const alias = state.alias('x');
  return { sql: sql`(SELECT unnest(${rows}) AS e) AS ${alias}`, columns: columns(sql`${alias}.e`) };
}

/**
 * Every row of the left side beside the rows made of it. The engine unnests in a select list, which keeps the order and
 * needs no join; so the columns of the left side that are `wanted` are selected again beside them.
 */
export function besideGenerated(
  left: { sql: Sql; columns: ScopeColumn[] } | undefined,
  made: Generated,
  wanted: (column: ScopeColumn) => boolean,
  state: PlanState,
): { sql: Sql; columns: ScopeColumn[]; generated: ScopeColumn[] } {
  if (!left) {
    const { sql: text, columns } = generatedRelation(made, state);
    return { sql: text, columns: [], generated: columns };
  }
  const alias = state.alias('x');
  const kept = left.columns.filter(wanted);
  for (const column of kept) column.use?.();
  const items = kept.map((column, index) => sql`${column.sql} AS c${index}`);
  return {
    sql: sql`(SELECT ${join([...items, sql`unnest(${made.rows}) AS e`], ', ')} FROM ${left.sql}) AS ${alias}`,
    columns: kept.map(({ use: _use, ...column }, index) => ({ ...column, sql: sql`${alias}.c${index}` })),
    generated: made.columns(sql`${alias}.e`),
  };
}

function arity({ name, args, range }: GeneratorCall, wanted: number): void {
  if (args.length === wanted) return;
  throw fail(
    'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
    `The generator ${name} takes ${wanted} argument, but ${args.length} were given.`,
    range,
  );
}

const field = (name: string) => (element: Sql) => sql`struct_extract(${element}, ${literal(name)})`;
const wrongInput = ({ name, range }: GeneratorCall, type: DataType, wanted: string): Error =>
  fail(
    'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
    `${name} needs ${wanted}, not a value of the type ${typeText(type)}.`,
    range,
  );

function explode(call: GeneratorCall, positions: boolean): Generator {
  arity(call, 1);
  const [value] = call.args as [Typed];
  const { type } = value;
  if (value.volatile) throw unsupported('A generator over an expression that changes with each call', call.range);
  if (type.kind !== 'array' && type.kind !== 'map') throw wrongInput(call, type, 'an array or a map');
  const elements = type.kind === 'map' ? sql`map_entries(${value.sql})` : value.sql;
  const list = positions
    ? sql`list_transform(range(len(${elements})), lambda i: {'p': CAST(i AS INTEGER), 'c': list_extract(${elements}, i + 1)})`
    : elements;
  const element = positions ? field('c') : (whole: Sql) => whole;
  const values: Generator['columns'] =
    type.kind === 'map'
      ? [
          { name: 'key', type: type.key, nullable: false, read: (whole) => field('key')(element(whole)) },
          {
            name: 'value',
            type: type.value,
            nullable: type.valueContainsNull,
            read: (whole) => field('value')(element(whole)),
          },
        ]
      : [{ name: 'col', type: type.element, nullable: type.containsNull, read: element }];
  if (!positions) return { list, columns: values };
  return { list, columns: [{ name: 'pos', type: { kind: 'int' }, nullable: false, read: field('p') }, ...values] };
}

/** json_tuple(text, name, …): the fields of that names as text, always in one row. */
function jsonTuple(call: GeneratorCall): Generator {
  if (call.args.length < 2) arity(call, 2);
  const texts = call.args.map((arg) => {
    if (isText(arg.type)) return arg.sql;
    throw fail('DATATYPE_MISMATCH.NON_STRING_TYPE', 'All arguments of json_tuple must be strings.', call.range);
  });
  const [text, ...names] = texts as [Sql, ...Sql[]];
  return {
    list: sql`[coalesce(spark_json_tuple(${text}, [${join(names, ', ')}]), CAST([] AS VARCHAR[]))]`,
    columns: names.map((_, index) => ({
      name: `c${index}`,
      type: { kind: 'string' },
      nullable: true,
      read: (element) => sql`list_extract(${element}, ${index + 1})`,
    })),
  };
}

/** Elements of a variant array, or fields of a variant object; nothing of anything else. */
function explodeVariant(call: GeneratorCall): Generator {
  arity(call, 1);
  const [value] = call.args as [Typed];
  if (value.type.kind !== 'variant' && value.type.kind !== 'void') throw wrongInput(call, value.type, 'a variant');
  const bytes = implicitCast(value, { kind: 'variant' }, call.session, call.range).sql;
  return {
    list: sql`list_transform(spark_variant_values(${bytes}), lambda v, i: {'p': CAST(i - 1 AS INTEGER), 'k': list_extract(spark_variant_keys(${bytes}), i), 'v': unhex(v)})`,
    columns: [
      { name: 'pos', type: { kind: 'int' }, nullable: false, read: field('p') },
      { name: 'key', type: { kind: 'string' }, nullable: true, read: field('k') },
      { name: 'value', type: { kind: 'variant' }, nullable: false, read: field('v') },
    ],
  };
}

/** An array of structs as rows; a NULL element is a row of NULLs. */
function inline(call: GeneratorCall): Generator {
  arity(call, 1);
  const [value] = call.args as [Typed];
  const { type } = value;
  if (type.kind !== 'array' || type.element.kind !== 'struct') throw wrongInput(call, type, 'an array of structs');
  const { fields } = type.element;
  return {
    list: value.sql,
    columns: fields.map((part) => ({ name: part.name, type: part.type, nullable: true, read: field(part.name) })),
  };
}

/** stack(n, v1, v2, …): the values laid out in n rows, the last one filled up with NULLs. */
function stack(call: GeneratorCall): Generator {
  const [count, ...values] = call.args;
  const rows = count?.constant?.value;
  if (typeof rows !== 'bigint' || rows < 1n || rows > 10_000n || values.length === 0) {
    throw unsupported(
      'stack with these arguments',
      call.range,
      'Write stack(rows, value, …) with a whole number of rows.',
    );
  }
  const width = Math.ceil(values.length / Number(rows));
  const types = Array.from({ length: width }, (_, column): DataType => {
    let type: DataType = { kind: 'void' };
    for (let at = column; at < values.length; at += width) {
      const given = values[at]!.type;
      const common = commonTypeWithoutText(type, given);
      if (!common || (type.kind !== 'void' && given.kind !== 'void' && typeText(type) !== typeText(given))) {
        throw fail(
          'DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES',
          `Column ${quotedName([`col${column}`])} of stack holds ${typeText(type)} and ${typeText(given)}.`,
          call.range,
        );
      }
      type = common;
    }
    return type;
  });
  const list = Array.from({ length: Number(rows) }, (_, row) => {
    const parts = types.map((type, column) => {
      const value = values[row * width + column] ?? nullOf(type);
      return sql`${literal(`c${column}`)}: CAST(${implicitCast(value, type, call.session, call.range).sql} AS ${engineType(type)})`;
    });
    return sql`{${join(parts, ', ')}}`;
  });
  return {
    list: sql`[${join(list, ', ')}]`,
    columns: types.map((type, column) => ({ name: `col${column}`, type, nullable: true, read: field(`c${column}`) })),
  };
}

/** New names for a generator's columns. Throws UDTF_ALIAS_NUMBER_MISMATCH. */
export function renamed(columns: readonly ScopeColumn[], names: readonly string[], range: Range): ScopeColumn[] {
  if (names.length === 0) return [...columns];
  if (names.length !== columns.length) {
    throw fail(
      'UDTF_ALIAS_NUMBER_MISMATCH',
      `The generator gives ${columns.length} columns, but ${names.length} names are given.`,
      range,
    );
  }
  return columns.map((column, index) => ({ ...column, name: names[index]! }));
}
