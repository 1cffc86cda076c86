import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, constantText, derive, isIntegral } from '../../types/index.ts';
import { type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionRow } from '../row.ts';
import { aggregate, row } from './basic.ts';
import { itemsOf, setting } from './sketch.ts';

/** How summaries of one key go together: sum unless written. */
function modeOf(call: FunctionCall, index: number): { text: string; name: string } {
  const value = call.args[index];
  const name = value ? constantText(value) : 'sum';
  if (name === undefined) throw unsupported(call, 'the mode must be a string literal.');
  return { text: literal(name), name };
}

const precision = (call: FunctionCall, index: number): string => {
  const lgK = setting(call, index, 12n);
  if (lgK < 4n || lgK > 26n) throw unsupported(call, 'lgNomEntries must lie between 4 and 26.');
  return String(lgK);
};

const sketch = (value: Typed): Typed => {
  if (value.type.kind !== 'binary') throw wrongInput(value, 'binary');
  return value;
};

const scalar = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
});

const rowsOf = (form: 'double' | 'integer'): FunctionRow[] => {
  const summary: DataType = form === 'double' ? type.double : type.int;
  const reading = (name: string): FunctionRow =>
    scalar(`tuple_sketch_${name}_${form}`, 1, 1, (call) => {
      const value = sketch(call.args[0]!);
      return derive([value], sql`spark_tuple_${name}_${form}(${value.sql})`, type.double, true);
    });
  /** Two sketches, or a tuple sketch and a plain theta sketch. */
  const pair = (operation: string, plain: boolean): FunctionRow =>
    scalar(`tuple_${operation}_${plain ? 'theta_' : ''}${form}`, 2, operation === 'difference' ? 2 : 4, (call) => {
      const [a, b] = [sketch(call.args[0]!), sketch(call.args[1]!)];
      if (call.args.length > 2) throw unsupported(call, 'settings are not supported.');
      const both = sql`spark_tuple_combine_${form}('${operation}', [${a.sql}, ${b.sql}], ${plain ? 'TRUE' : 'FALSE'}, 12, 'sum')`;
      const text = sql`CASE WHEN ${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL THEN ${both} END`;
      return derive([a, b], text, type.binary, true);
    });
  const all = (operation: string): FunctionRow =>
    row(`tuple_${operation}_agg_${form}`, 1, 3, (call) => {
      const value = sketch(call.args[0]!);
      if (call.args.length > 1) throw unsupported(call, 'settings are not supported.');
      const list = sql`coalesce(${aggregate(call, 'list', value.sql)}, CAST([] AS BLOB[]))`;
      const text = sql`spark_tuple_combine_${form}('${operation}', ${list}, FALSE, 12, 'sum')`;
      return derive([value], text, type.binary, false);
    });
  return [
    row(`tuple_sketch_agg_${form}`, 2, 4, (call) => {
      const [key, value] = call.args as [Typed, Typed];
      const fits = isIntegral(value.type) || (form === 'double' && ['float', 'double'].includes(value.type.kind));
      if (!fits) throw unsupported(call, `summaries of ${value.type.kind} are not supported.`);
      const { kind, text } = itemsOf(key, call, true);
      const pairs = aggregate(call, 'list', sql`struct_pack(k := ${text}, v := ${cast(value, summary, call).sql})`);
      const each = (field: string): Sql => [`list_transform(__p, lambda __e: __e.${field})`];
      const [lgK, mode] = [precision(call, 2), modeOf(call, 3)];
      const built = sql`list_transform([coalesce(${pairs}, [])], lambda __p: spark_tuple_agg_${form}_${kind}(${each('k')}, ${each('v')}, ${lgK}, ${mode.text}))[1]`;
      return {
        ...derive([key, value], built, type.binary, false),
        name: `${call.name}(${key.name}, ${value.name}, ${call.args[2]?.name ?? '12'}, ${mode.name})`,
      };
    }),
    reading('estimate'),
    reading('theta'),
    scalar(`tuple_sketch_summary_${form}`, 1, 2, (call) => {
      const value = sketch(call.args[0]!);
      const mode = modeOf(call, 1);
      const text = sql`spark_tuple_summary_${form}(${value.sql}, ${mode.text})`;
      const returns = form === 'double' ? type.double : type.bigint;
      return {
        ...derive([value], form === 'double' ? text : sql`CAST(${text} AS BIGINT)`, returns, true),
        name: `${call.name}(${value.name}, ${mode.name})`,
      };
    }),
    ...['union', 'intersection', 'difference'].flatMap((operation) => [pair(operation, false), pair(operation, true)]),
    all('union'),
    all('intersection'),
  ];
};

export const tupleRows: FunctionRow[] = [...rowsOf('double'), ...rowsOf('integer')];
