import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { ident, join, sql } from '../emit/text.ts';
import { derive, mismatch } from '../types/index.ts';
import { isYearMonth } from '../types/numeric.ts';
import { type, unsupported } from './define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';

/** How a value that is not nested enters a hash: as which kind, and the engine text of it. */
type Kind = 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes' | 'decimal';

function leaf(call: FunctionCall, value: Sql, of: DataType): { kind: Kind; text: Sql } {
  switch (of.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return { kind: 'int', text: sql`CAST(${value} AS INTEGER)` };
    case 'date':
      return { kind: 'int', text: sql`CAST((${value} - DATE '1970-01-01') AS INTEGER)` };
    case 'bigint':
      return { kind: 'long', text: value };
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'long', text: sql`epoch_us(${value})` };
    case 'time':
      // Spark holds times in nanoseconds.
      return { kind: 'long', text: sql`(epoch_us(${value}) * 1000)` };
    case 'interval':
      return { kind: isYearMonth(of) ? 'int' : 'long', text: value };
    case 'float':
    case 'double':
    case 'string':
      return { kind: of.kind, text: value };
    case 'binary':
      return { kind: 'bytes', text: value };
    case 'decimal': {
      const digits = sql`CAST(${value} AS VARCHAR)`;
      if (of.precision <= 18) return { kind: 'long', text: sql`CAST(replace(${digits}, '.', '') AS BIGINT)` };
      return { kind: 'decimal', text: digits };
    }
    default:
      throw unsupported(call, `values of the type ${typeText(of)} are not supported.`);
  }
}

const holdsMap = (of: DataType): boolean =>
  of.kind === 'map' ||
  (of.kind === 'array' && holdsMap(of.element)) ||
  (of.kind === 'struct' && of.fields.some((field) => holdsMap(field.type)));

/**
 * The parts of a nested value in the order in which Spark hashes them, as a VARCHAR[] of texts behind the letter of their
 * kind. `depth` numbers the lambda variables, so that nested ones do not hide each other.
 */
function parts(call: FunctionCall, value: Sql, of: DataType, depth: number): Sql {
  if (of.kind === 'void') return sql`CAST([] AS VARCHAR[])`;
  const item = `__h${depth}`;
  if (of.kind === 'array') {
    const inner = parts(call, [item], of.element, depth + 1);
    return sql`coalesce(flatten(list_transform(${value}, lambda ${item}: ${inner})), CAST([] AS VARCHAR[]))`;
  }
  if (of.kind === 'struct') {
    const fields = of.fields.map((field) => parts(call, [`${item}.${ident(field.name)}`], field.type, depth + 1));
    const all = fields.length ? sql`flatten([${join(fields, ', ')}])` : sql`CAST([] AS VARCHAR[])`;
    return sql`list_transform([${value}], lambda ${item}: ${all})[1]`;
  }
  const { kind, text } = leaf(call, value, of);
  const shown = kind === 'bytes' ? sql`hex(${text})` : kind === 'string' ? text : sql`CAST(${text} AS VARCHAR)`;
  return sql`[${`'${kind[0] === 'd' && kind !== 'double' ? 'n' : kind[0]}'`} || ${shown}]`;
}

/** How a value enters a hash: int, bigint and decimal of one value differ, as in Spark. */
function entry(call: FunctionCall, value: Typed, seed: Sql): Sql {
  if (value.type.kind === 'void') return seed;
  if (holdsMap(value.type)) throw mismatch('HASH_MAP_TYPE', `${call.name} does not take maps. Use map_entries first.`);
  if (value.type.kind === 'array' || value.type.kind === 'struct')
    return sql`spark_${call.name}_parts(${parts(call, value.sql, value.type, 0)}, ${seed})`;
  const { kind, text } = leaf(call, value.sql, value.type);
  return sql`spark_${call.name}_${kind}(${text}, ${seed})`;
}

/** The 64 bits of xxhash64 over one value, as the sketches of Spark take them. */
export const hashText = (call: FunctionCall, value: Typed): Sql =>
  entry({ ...call, name: 'xxhash64' }, value, ['CAST(42 AS BIGINT)']);

const hash = (name: string, returns: typeof type.int | typeof type.bigint, engine: string): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build(call): FunctionResult {
    const text = call.args.reduce<Sql>((seed, value) => entry(call, value, seed), [`CAST(42 AS ${engine})`]);
    return derive(call.args, text, returns, false);
  },
});

export const hashRows: FunctionRow[] = [hash('hash', type.int, 'INTEGER'), hash('xxhash64', type.bigint, 'BIGINT')];
