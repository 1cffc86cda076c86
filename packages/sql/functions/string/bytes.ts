import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, derive, implicit, isText } from '../../types/index.ts';
import { arg, callSql, row, simple, type } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const { string, binary, bigint, int } = type;

/** Digests and base64 take bytes; text counts as its UTF-8 bytes. */
const bytesOf = (call: FunctionCall, index: number): Typed => {
  const value = call.args[index]!;
  if (value.type.kind === 'binary') return value;
  if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'bytes or a string');
  return cast(implicit(value, string, call), binary, call);
};

const digest = (name: string, returns: FunctionResult['type'] = string, engine = `spark_${name}`): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = bytesOf(call, 0);
    return derive([value], callSql(engine, value.sql), returns);
  });

export const byteRows: FunctionRow[] = [
  digest('base64'),
  digest('md5'),
  digest('sha1'),
  digest('sha', string, 'spark_sha1'),
  digest('crc32', bigint),
  row('sha2', 2, 2, (call) => {
    const [value, bits] = [bytesOf(call, 0), arg(call, 1, int)];
    return derive([value, bits], callSql('spark_sha2', value.sql, bits.sql), string, true);
  }),
  simple('unbase64', [string], binary, (text) => callSql('spark_unbase64', text)),
  simple('unhex', [string], binary, (text) => callSql('spark_unhex', text), { nullable: true }),
  simple('encode', [string, string], binary, (text, charset) => callSql('spark_encode', text, charset)),
];

/** The text's own bytes where it is a cast of bytes, which need not be UTF-8. */
const utf8 = (name: string, returns: FunctionResult['type'], nullable?: boolean): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = arg(call, 0, string);
    return derive([value], callSql(`spark_${name}`, value.bytes ?? sql`encode(${value.sql})`), returns, nullable);
  });

export const utf8Rows: FunctionRow[] = [
  utf8('is_valid_utf8', type.boolean),
  utf8('make_valid_utf8', string),
  utf8('validate_utf8', string),
  utf8('try_validate_utf8', string, true),
  // Only the single quotes get a backslash, not backslashes themselves.
  simple('quote', [string], string, (text) => sql`('''' || replace(${text}, '''', '\\''') || '''')`),
];

export const decodeBytes = (call: FunctionCall): FunctionResult => {
  const [value, charset] = [bytesOf(call, 0), arg(call, 1, string)];
  return derive([value, charset], sql`spark_decode(${value.sql}, ${charset.sql})`, string);
};
