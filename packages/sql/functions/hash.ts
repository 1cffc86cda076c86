import { typeText } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';
import { derive } from '../types/index.ts';
import { isYearMonth } from '../types/numeric.ts';
import { type, unsupported } from './define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';

/** How a value enters a hash: int, bigint and decimal of one value differ, as in Spark. */
function entry(call: FunctionCall, value: Typed, seed: Sql): Sql {
  const name = `spark_${call.name}`;
  switch (value.type.kind) {
    case 'void':
      return seed;
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return sql`${name}_int(CAST(${value.sql} AS INTEGER), ${seed})`;
    case 'date':
      return sql`${name}_int(CAST((${value.sql} - DATE '1970-01-01') AS INTEGER), ${seed})`;
    case 'bigint':
      return sql`${name}_long(${value.sql}, ${seed})`;
    case 'timestamp':
    case 'timestamp_ntz':
      return sql`${name}_long(epoch_us(${value.sql}), ${seed})`;
    case 'interval':
      return isYearMonth(value.type)
        ? sql`${name}_int(${value.sql}, ${seed})`
        : sql`${name}_long(${value.sql}, ${seed})`;
    case 'float':
    case 'double':
      return sql`${name}_${value.type.kind}(${value.sql}, ${seed})`;
    case 'string':
      return sql`${name}_string(${value.sql}, ${seed})`;
    case 'binary':
      return sql`${name}_bytes(${value.sql}, ${seed})`;
    case 'decimal':
      if (value.type.precision <= 18)
        return sql`${name}_long(CAST(replace(CAST(${value.sql} AS VARCHAR), '.', '') AS BIGINT), ${seed})`;
      return sql`${name}_decimal(CAST(${value.sql} AS VARCHAR), ${seed})`;
    default:
      throw unsupported(call, `values of the type ${typeText(value.type)} are not supported.`);
  }
}

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
