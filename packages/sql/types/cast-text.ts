import type { DataType } from '@boathouse/contracts';
import type { ExpressionSession } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { ident, literal, sql } from '../emit/text.ts';
import { daysOf, microsOf, monthsOf } from './calendar-interval.ts';
import { fast } from './fast.ts';
import { isYearMonth } from './numeric.ts';
import { wallClock } from './zone.ts';

/**
 * `CAST(value AS STRING)` as Spark prints it: `1.0E10`, `[1, null]`, `{a -> 1}`, `{1, x}`. `depth` numbers the lambda
 * variables, so that nested ones do not hide each other.
 */
export function textOf(value: Sql, type: DataType, session: ExpressionSession, depth = 0): Sql {
  switch (type.kind) {
    case 'string':
    case 'char':
    case 'varchar':
      return value;
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'void':
      return sql`CAST(${value} AS VARCHAR)`;
    case 'decimal':
      // The engine prints decimals without digits before the point as `.5`.
      return type.precision > type.scale
        ? sql`CAST(${value} AS VARCHAR)`
        : sql`regexp_replace(CAST(${value} AS VARCHAR), '^(-?)[.]', '\\10.')`;
    case 'float':
      return sql`spark_float_text(${value})`;
    case 'double':
      // Between these the engine prints the same shortest digits without an exponent.
      return fast(
        value,
        (x) => sql`abs(${x}) >= 0.001 AND abs(${x}) < 10000000`,
        (x) => sql`CAST(${x} AS VARCHAR)`,
        sql`spark_double_text(${value})`,
      );
    case 'binary':
      return sql`spark_utf8(${value})`;
    case 'date':
      return fast(
        value,
        (x) => sql`${x} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'`,
        (x) => sql`CAST(${x} AS VARCHAR)`,
        sql`spark_date_text(datediff('day', DATE '1970-01-01', ${value}))`,
      );
    case 'timestamp':
      return wallText(wallClock(value, session));
    case 'timestamp_ntz':
      return wallText(value);
    case 'time':
      return sql`CAST(${value} AS VARCHAR)`;
    case 'interval':
      return sql`spark_interval_text(CAST(${value} AS BIGINT), ${literal(`${type.start} ${type.end}`)})`;
    case 'variant':
      return sql`spark_variant_json(${value}, ${literal(session.timeZone)})`;
    case 'calendar_interval': {
      const item: Sql = [`__t${depth}`];
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE spark_calendar_text(CAST(${monthsOf(item)} AS INTEGER), CAST(${daysOf(item)} AS INTEGER), ${microsOf(item)}) END)[1]`;
    }
    case 'array': {
      const item = `__t${depth}`;
      const text = orNull(textOf([item], type.element, session, depth + 1));
      return sql`('[' || array_to_string(list_transform(${value}, lambda ${item}: ${text}), ', ') || ']')`;
    }
    case 'map': {
      const item = `__t${depth}`;
      const key = textOf([`${item}.key`], type.key, session, depth + 1);
      const entry = orNull(textOf([`${item}.value`], type.value, session, depth + 1));
      return sql`('{' || array_to_string(list_transform(map_entries(${value}), lambda ${item}: ${key} || ' -> ' || ${entry}), ', ') || '}')`;
    }
    case 'struct': {
      // One evaluation of the struct: a list of one, transformed.
      const item = `__t${depth}`;
      const fields = type.fields.map((field) =>
        orNull(textOf([`${item}.${ident(field.name)}`], field.type, session, depth + 1)),
      );
      const joined = fields.reduce<Sql>(
        (text, field, index) => (index === 0 ? field : sql`${text} || ', ' || ${field}`),
        ["''"],
      );
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE '{' || ${joined} || '}' END)[1]`;
    }
  }
}

/** The engine prints wall clocks of four-digit years as Spark does. */
const wallText = (wall: Sql): Sql =>
  fast(
    wall,
    (x) => sql`${x} BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'`,
    (x) => sql`CAST(${x} AS VARCHAR)`,
    sql`spark_timestamp_text(epoch_us(${wall}))`,
  );

const orNull = (text: Sql): Sql => sql`coalesce(${text}, 'null')`;

/** Fields of an interval type as `spark_interval` functions take them. */
export const intervalFields = (type: Extract<DataType, { kind: 'interval' }>): string =>
  literal(`${type.start} ${type.end}`);
export const intervalUnit = (type: DataType): bigint => {
  if (type.kind !== 'interval') throw new Error('not an interval');
  if (isYearMonth(type)) return type.end === 'year' ? 12n : 1n;
  return { day: 86_400_000_000n, hour: 3_600_000_000n, minute: 60_000_000n, second: 1_000_000n, year: 0n, month: 0n }[
    type.end
  ];
};
