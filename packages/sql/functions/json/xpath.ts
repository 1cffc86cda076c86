import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { constantText, derive, isNullLiteral, isText, mismatch } from '../../types/index.ts';
import { arg, arrayOf, type } from '../define.ts';
import { parseXPath } from '../engine/xpath-parse.ts';
import type { FunctionCall, FunctionRow } from '../row.ts';

/** XML and a constant path; texts alone. */
function operands(call: FunctionCall): [Typed, Typed] {
  for (const value of call.args)
    if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
  const path = call.args[1]!;
  const text = constantText(path);
  if (text === undefined && !path.foldable && !isNullLiteral(path))
    throw mismatch('NON_FOLDABLE_INPUT', `The path of ${call.name} must be a constant.`);
  if (text) parseXPath(text);
  return [arg(call, 0, type.string), arg(call, 1, type.string)];
}

const reading = (name: string, engine: string, returns: DataType, of = (text: Sql): Sql => text): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 2,
  maxArgs: 2,
  build(call) {
    const [xml, path] = operands(call);
    return derive([xml, path], of(sql`${engine}(${xml.sql}, ${path.sql})`), returns, true);
  },
});

const { string, double, bigint, int, boolean } = type;

export const xpathRows: FunctionRow[] = [
  reading('xpath', 'spark_xpath', arrayOf(string)),
  reading('xpath_string', 'spark_xpath_string', string),
  reading('xpath_boolean', 'spark_xpath_boolean', boolean),
  ...['xpath_double', 'xpath_number'].map((name) => reading(name, 'spark_xpath_double', double)),
  reading('xpath_float', 'spark_xpath_double', { kind: 'float' }, (text) => sql`spark_to_float(${text})`),
  reading('xpath_long', 'spark_xpath_long', bigint),
  reading('xpath_int', 'spark_xpath_int', int, (text) => sql`CAST(${text} AS INTEGER)`),
  // An int is cut to its low 16 bits, as Java does.
  reading(
    'xpath_short',
    'spark_xpath_int',
    { kind: 'smallint' },
    (text) => sql`CAST((((${text} + 32768) % 65536 + 65536) % 65536) - 32768 AS SMALLINT)`,
  ),
];
