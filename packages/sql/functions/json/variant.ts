import { type DataType, parseType, typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, constantText, derive, isNullLiteral, isText, mismatch } from '../../types/index.ts';
import { fromVariant, meetsVariant, toVariant } from '../../types/variant.ts';
import { arg, callSql, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const variant: DataType = { kind: 'variant' };

const row = (
  name: string,
  minArgs: number,
  maxArgs: number,
  build: FunctionRow['build'],
  kind: FunctionRow['kind'] = 'scalar',
): FunctionRow => ({ name, kind, minArgs, maxArgs, build });

/** A variant, or a NULL without a type. */
function variantArg(call: FunctionCall, index: number): Typed {
  const value = call.args[index]!;
  if (value.type.kind !== 'variant' && value.type.kind !== 'void') throw wrongInput(value, 'a variant');
  return cast(value, variant, call);
}

const parse = (name: 'parse_json' | 'try_parse_json'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = call.args[0]!;
    if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
    const text = arg(call, 0, type.string);
    const nullable = text.nullable || name === 'try_parse_json';
    return derive([text], callSql(`spark_${name}`, text.sql), variant, nullable);
  });

/** The type that a constant text names. */
function targetOf(call: FunctionCall): DataType {
  const ddl = constantText(call.args[2]!);
  if (ddl === undefined) throw unsupported(call, "the type must be a string literal such as 'int'.");
  const to = parseType(ddl);
  if (!meetsVariant(to, true))
    throw mismatch('CAST_WITHOUT_SUGGESTION', `A variant cannot be cast to ${typeText(to)}.`);
  return to;
}

const get = (name: 'variant_get' | 'try_variant_get'): FunctionRow =>
  row(name, 2, 3, (call) => {
    const value = variantArg(call, 0);
    const path = arg(call, 1, type.string);
    const to = call.args[2] ? targetOf(call) : variant;
    const found = sql`spark_variant_get(${value.sql}, ${path.sql}, ${literal(name)})`;
    const text = to.kind === 'variant' ? found : fromVariant(found, to, call.session, name === 'try_variant_get');
    return {
      ...derive([value, path], text, to, true),
      name: `${name}(${call.args[0]!.name}, ${call.args[1]!.name})`,
    };
  });

/** Structs and maps become objects, which a cast does not do. */
function toVariantObject(call: FunctionCall): FunctionResult {
  const value = call.args[0]!;
  if (!['struct', 'array', 'map'].includes(value.type.kind) || !meetsVariant(value.type, true))
    throw mismatch(
      'CAST_WITHOUT_SUGGESTION',
      `A value of type ${typeText(value.type)} cannot become a variant object.`,
    );
  return derive([value], toVariant(value.sql, value.type), variant);
}

export const variantRows: FunctionRow[] = [
  parse('parse_json'),
  parse('try_parse_json'),
  get('variant_get'),
  get('try_variant_get'),
  row('to_variant_object', 1, 1, toVariantObject),
  row('is_variant_null', 1, 1, (call) => {
    const value = variantArg(call, 0);
    if (isNullLiteral(call.args[0]!)) return derive([value], sql`FALSE`, type.boolean, false);
    return derive([value], sql`coalesce(spark_is_variant_null(${value.sql}), FALSE)`, type.boolean, false);
  }),
  row('is_valid_variant', 1, 1, (call) => {
    const value = variantArg(call, 0);
    return derive([value], sql`(spark_is_variant_null(${value.sql}) IN (TRUE, FALSE))`, type.boolean);
  }),
  row('schema_of_variant', 1, 1, (call) => {
    const value = variantArg(call, 0);
    return derive([value], callSql('spark_variant_schema', value.sql), type.string);
  }),
  row(
    'schema_of_variant_agg',
    1,
    1,
    (call) => {
      const value = variantArg(call, 0);
      const distinct = call.distinct ? 'DISTINCT ' : '';
      if (call.over) throw unsupported(call, 'a window is not supported.');
      const all = sql`list(${distinct}hex(${value.sql}))${call.suffix}`;
      const held = sql`coalesce(list_filter(${all}, lambda __held: __held IS NOT NULL), CAST([] AS VARCHAR[]))`;
      return { ...derive([value], sql`spark_variant_schemas(${held})`, type.string, false), aggregate: true };
    },
    'aggregate',
  ),
];
