import { literal, sql } from '../../emit/text.ts';
import { constantText, derive, mismatch } from '../../types/index.ts';
import { arg, arrayOf, callSql, row, simple, type, unsupported } from '../define.ts';
import { like, rlike } from '../operators/text.ts';
import { javaRegex } from '../regex.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const { string, int, boolean } = type;

function split(call: FunctionCall): FunctionResult {
  const parts = [arg(call, 0, string), arg(call, 1, string)];
  const limit = call.args[2] ? arg(call, 2, int) : undefined;
  const text = callSql('spark_split', parts[0]!.sql, parts[1]!.sql, limit?.sql ?? '-1');
  const all = limit ? [...parts, limit] : parts;
  return {
    ...derive(all, text, arrayOf(string, false)),
    name: `split(${parts.map((part) => part.name).join(', ')}, ${limit?.name ?? '-1'})`,
  };
}

function replace(call: FunctionCall): FunctionResult {
  const parts = [arg(call, 0, string), arg(call, 1, string), arg(call, 2, string)];
  const position = call.args[3] ? arg(call, 3, int) : undefined;
  if (position && !position.foldable && !position.constant)
    throw mismatch('NON_FOLDABLE_INPUT', 'The position of regexp_replace must be a constant.');
  if (constantText(parts[2]!)?.includes('${'))
    throw unsupported(call, 'named groups in the replacement are not supported. Use $1.');
  const pattern = javaRegex(constantText(parts[1]!));
  const replacement = constantText(parts[2]!);
  const plain =
    pattern !== undefined &&
    pattern !== '' &&
    replacement !== undefined &&
    !/[\\$]/.test(replacement) &&
    !position &&
    !/[*?]|\{0/.test(pattern);
  const text = plain
    ? sql`regexp_replace(${parts[0]!.sql}, ${literal(pattern)}, ${literal(replacement)}, 'g')`
    : callSql('spark_regexp_replace', ...parts.map((part) => part.sql), position?.sql ?? '1');
  const all = position ? [...parts, position] : parts;
  return {
    ...derive(all, text, string),
    name: `regexp_replace(${parts.map((part) => part.name).join(', ')}, ${position?.name ?? '1'})`,
  };
}

const extract = (name: string, list: boolean): FunctionRow =>
  row(name, 2, 3, (call) => {
    const parts = [arg(call, 0, string), arg(call, 1, string)];
    const index = call.args[2] ? arg(call, 2, int) : undefined;
    const text = callSql(`spark_${name}`, parts[0]!.sql, parts[1]!.sql, index?.sql ?? '1');
    const all = index ? [...parts, index] : parts;
    return {
      ...derive(all, text, list ? arrayOf(string) : string),
      name: `${name}(${parts.map((part) => part.name).join(', ')}, ${index?.name ?? '1'})`,
    };
  });

const printed = (call: FunctionCall) => `${call.name}(${call.args.map((value) => value.name).join(', ')})`;

export const regexRows: FunctionRow[] = [
  row('split', 2, 3, split),
  row('regexp_replace', 3, 4, replace),
  extract('regexp_extract', false),
  extract('regexp_extract_all', true),
  simple('regexp_count', [string, string], int, (text, pattern) => callSql('spark_regexp_count', text, pattern)),
  simple('regexp_substr', [string, string], string, (text, pattern) => callSql('spark_regexp_substr', text, pattern), {
    nullable: true,
  }),
  row('regexp_instr', 2, 3, (call) => {
    const parts = [arg(call, 0, string), arg(call, 1, string)];
    return {
      ...derive(parts, callSql('spark_regexp_instr', parts[0]!.sql, parts[1]!.sql), int),
      name: `regexp_instr(${parts[0]!.name}, ${parts[1]!.name}, ${call.args[2]?.name ?? '0'})`,
    };
  }),
  ...['regexp_like', 'regexp'].map((name) => row(name, 2, 2, (call) => ({ ...rlike(call), name: printed(call) }))),
];

export { boolean, like };
