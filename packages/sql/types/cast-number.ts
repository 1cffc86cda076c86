import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';
import { intervalUnit } from './cast-text.ts';
import { engineType } from './engine-type.ts';
import { fast, matches } from './fast.ts';
import { isIntegral, isText } from './numeric.ts';
import { epochSeconds, micros } from './zone.ts';

export type CastWord = 'CAST' | 'TRY_CAST';

/** Casts to a number. Truncates where Spark does; decimals round HALF_UP; out of range raises (or is NULL under TRY_CAST). */
export function numberOf(value: Sql, from: DataType, to: DataType, word: CastWord): Sql {
  const target = engineType(to);
  const tried = word === 'TRY_CAST';
  if (isText(from)) return fromText(value, to, tried);
  if (from.kind === 'boolean') {
    // Under TRY_CAST a decimal without room for a 1 is NULL; DuckDB's own cast does the same.
    return sql`${word}(CAST(${value} AS INTEGER) AS ${target})`;
  }
  if (from.kind === 'timestamp') {
    if (isIntegral(to)) return sql`${word}(${epochSeconds(value)} AS ${target})`;
    const seconds = sql`(CAST(${micros(value)} AS DOUBLE) / 1000000)`;
    return numberOf(seconds, { kind: 'double' }, to, word);
  }
  if (from.kind === 'time') {
    if (isIntegral(to)) return sql`${word}((epoch_us(${value}) // 1000000) AS ${target})`;
    return sql`${word}((CAST(epoch_us(${value}) AS DECIMAL(12,0)) * 0.000001) AS ${target})`;
  }
  if (from.kind === 'interval') return fromInterval(value, from, to, word);
  if (isIntegral(to)) {
    if (isIntegral(from) || (from.kind === 'decimal' && from.scale === 0)) return sql`${word}(${value} AS ${target})`;
    return sql`${word}(trunc(${value}) AS ${target})`;
  }
  if (to.kind === 'decimal') {
    if (from.kind === 'float' || from.kind === 'double') {
      // Spark rounds the shortest text of the double, and answers NULL for NaN and infinities.
      return sql`${word}(spark_finite_text(CAST(${value} AS DOUBLE)) AS ${target})`;
    }
    return sql`${word}(${value} AS ${target})`;
  }
  if (from.kind === 'decimal') {
    // Fifteen digits divide exactly in a double; beyond, only the text is rounded once.
    const exact = from.precision <= 15 && to.kind === 'double';
    return exact ? sql`CAST(${value} AS DOUBLE)` : sql`CAST(CAST(${value} AS VARCHAR) AS ${target})`;
  }
  if (to.kind === 'float' && from.kind === 'double') return sql`spark_to_float(${value})`;
  return sql`CAST(${value} AS ${target})`;
}

/** Plain digits go to the engine's own casts, which agree on them; all other texts are read as Java reads them. */
const plainWhole = matches('-?[0-9]{1,18}');
const plainNumber = matches('-?[0-9]{1,15}([.][0-9]{1,15})?');

function fromText(value: Sql, to: DataType, tried: boolean): Sql {
  const prefix = tried ? 'spark_try_' : 'spark_';
  const word = tried ? 'TRY_CAST' : 'CAST';
  const target = engineType(to);
  const native = (x: Sql) => sql`${word}(${x} AS ${target})`;
  if (to.kind === 'float') return sql`${prefix}float(${value})`;
  if (to.kind === 'double') return fast(value, plainNumber, native, sql`${prefix}double(${value})`);
  if (to.kind === 'decimal')
    return fast(value, plainNumber, native, sql`${word}(${prefix}decimal_text(${value}) AS ${target})`);
  const exact = sql`${prefix}bigint(${value})`;
  return fast(value, plainWhole, native, to.kind === 'bigint' ? exact : sql`${word}(${exact} AS ${target})`);
}

/** Intervals count their last field; seconds keep their fraction in a decimal. */
function fromInterval(value: Sql, from: DataType, to: DataType, word: CastWord): Sql {
  const unit = String(intervalUnit(from));
  if (to.kind === 'decimal' && from.kind === 'interval' && from.end === 'second')
    return sql`${word}((CAST(${value} AS DECIMAL(19,0)) * 0.000001) AS ${engineType(to)})`;
  return sql`${word}((${value} // ${unit}) AS ${engineType(to)})`;
}
