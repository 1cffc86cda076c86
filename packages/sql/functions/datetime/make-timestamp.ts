import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { derive, microsOfTime } from '../../types/index.ts';
import { decimal } from '../../types/numeric.ts';
import { instantOf } from '../../types/zone.ts';
import { arg, callSql, row, type, wrongCount } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { timeArg } from './time.ts';

/** Which timestamp a function makes, which counts of arguments it takes, and how Spark prints the call with a date. */
interface Maker {
  name: string;
  zoned: boolean;
  tried: boolean;
  counts: number[];
  printedByDate(printed: string): string;
}

/** A wall clock (microseconds) of parts, and the zone where the call names one. */
interface Wall {
  operands: Typed[];
  micros: Sql;
  zone?: Typed;
}

function byParts(call: FunctionCall, tried: boolean): Wall {
  const parts = [0, 1, 2, 3, 4].map((index) => arg(call, index, type.int));
  const seconds = arg(call, 5, decimal(16, 6));
  const zone = call.args[6] && arg(call, 6, type.string);
  const micros = callSql(
    `spark_${tried ? 'try_' : ''}make_timestamp`,
    ...parts.map((part) => part.sql),
    sql`CAST((${seconds.sql} * 1000000) AS BIGINT)`,
  );
  return { operands: [...parts, seconds, ...(zone ? [zone] : [])], micros, ...(zone ? { zone } : {}) };
}

function byDate(call: FunctionCall): Wall {
  const [date] = call.args as [Typed];
  if (date.type.kind !== 'date' && date.type.kind !== 'void') throw wrongInput(date, 'a date');
  const day = arg(call, 0, type.date);
  const time = call.args[1] && timeArg(call, 1);
  const zone = call.args[2] && arg(call, 2, type.string);
  const midnight = sql`epoch_us(CAST(${day.sql} AS TIMESTAMP))`;
  const micros = time ? sql`(${midnight} + ${microsOfTime(time.sql)})` : midnight;
  return { operands: [day, ...(time ? [time] : []), ...(zone ? [zone] : [])], micros, ...(zone ? { zone } : {}) };
}

function build(call: FunctionCall, maker: Maker): FunctionResult {
  const count = call.args.length;
  if (!maker.counts.includes(count)) throw wrongCount(call, maker.counts.join(', '));
  const wall = count <= 3 ? byDate(call) : byParts(call, maker.tried);
  const local = sql`make_timestamp(${wall.micros})`;
  const text = !maker.zoned
    ? local
    : wall.zone
      ? sql`make_timestamptz(spark_to_instant(${wall.micros}, ${wall.zone.sql}))`
      : instantOf(local, call.session);
  const result = derive(wall.operands, text, maker.zoned ? type.timestamp : type.ntz, true);
  const printed = call.args.map((value) => value.name).join(', ');
  return count <= 3 ? { ...result, name: maker.printedByDate(printed) } : result;
}

const zonedCounts = [2, 3, 6, 7];
const makers: Maker[] = [
  {
    name: 'make_timestamp',
    zoned: true,
    tried: false,
    counts: [1, ...zonedCounts],
    printedByDate: (x) => `make_timestamp(${x})`,
  },
  {
    name: 'make_timestamp_ltz',
    zoned: true,
    tried: false,
    counts: zonedCounts,
    printedByDate: (x) => `make_timestamp(${x})`,
  },
  {
    name: 'make_timestamp_ntz',
    zoned: false,
    tried: false,
    counts: [2, 6],
    printedByDate: (x) => `make_timestamp_ntz(${x})`,
  },
  {
    name: 'try_make_timestamp',
    zoned: true,
    tried: true,
    counts: [1, ...zonedCounts],
    printedByDate: (x) => `try_make_timestamp(${x})`,
  },
  {
    name: 'try_make_timestamp_ltz',
    zoned: true,
    tried: true,
    counts: zonedCounts,
    printedByDate: (x) => `make_timestamp(${x})`,
  },
  {
    name: 'try_make_timestamp_ntz',
    zoned: false,
    tried: true,
    counts: [2, 6],
    printedByDate: (x) => `try_make_timestamp_ntz(make_timestamp_ntz(${x}))`,
  },
];

export const makeTimestampRows: FunctionRow[] = makers.map((maker) =>
  row(maker.name, 0, Number.POSITIVE_INFINITY, (call) => build(call, maker)),
);
