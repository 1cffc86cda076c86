import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { join, literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, constantInteger, derive, implicit, isText, mismatch } from '../../types/index.ts';
import { arg, callSql, row, simple, type } from '../define.ts';
import { once, raise } from '../let.ts';
import { concat } from '../operators/text.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const { string, int, binary, boolean } = type;
const maxInt = 2_147_483_647;

/** Bytes stay bytes, everything else becomes text. */
export const textOrBytes = (call: FunctionCall, index: number): Typed =>
  call.args[index]!.type.kind === 'binary' ? call.args[index]! : arg(call, index, string);

const intLiteral = (value: number): Typed => ({
  sql: [String(value)],
  type: int,
  nullable: false,
  name: String(value),
  constant: { value: BigInt(value) },
  foldable: true,
});
export const textLiteral = (value: string): Typed => ({
  sql: [literal(value)],
  type: string,
  nullable: false,
  name: value,
  constant: { value },
  foldable: true,
});

/** Calls a scalar of the same name in the engine: `spark_<name>`. */
const js = (
  name: string,
  parameters: DataType[],
  returns: DataType,
  options: Parameters<typeof simple>[4] = {},
): FunctionRow => simple(name, parameters, returns, (...args) => callSql(`spark_${name}`, ...args), options);

/** ASCII text goes the engine's fast way; only other letters need full case mapping. */
const cased = (name: string, engine: 'upper' | 'lower'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = arg(call, 0, string);
    return derive(
      [value],
      once(
        [value],
        (x) => sql`CASE WHEN strlen(${x}) = length(${x}) THEN ${engine}(${x}) ELSE spark_${engine}(${x}) END`,
      ),
      string,
    );
  });

function length(call: FunctionCall): FunctionResult {
  const value = textOrBytes(call, 0);
  const text = value.type.kind === 'binary' ? sql`octet_length(${value.sql})` : sql`length(${value.sql})`;
  return derive([value], sql`CAST(${text} AS INTEGER)`, int);
}

const sized = (name: string, factor: number): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = textOrBytes(call, 0);
    const bytes = value.type.kind === 'binary' ? sql`octet_length(${value.sql})` : sql`strlen(${value.sql})`;
    return derive([value], sql`CAST((${bytes} * ${factor}) AS INTEGER)`, int);
  });

/** Spark takes only spaces where no characters are given. */
const trimming = (name: 'trim' | 'ltrim' | 'rtrim', word: string): FunctionRow =>
  row(name, 1, 2, (call) => {
    const source = arg(call, call.args.length - 1, string);
    if (call.args.length === 1) return derive([source], sql`${name}(${source.sql}, ' ')`, string);
    const characters = arg(call, 0, string);
    return {
      ...derive([source, characters], sql`${name}(${source.sql}, ${characters.sql})`, string),
      name: `TRIM(${word} ${characters.name} FROM ${source.name})`,
    };
  });

const btrim = row('btrim', 1, 2, (call) => {
  const source = arg(call, 0, string);
  const characters = call.args[1] ? arg(call, 1, string) : textLiteral(' ');
  return derive([source, characters], sql`trim(${source.sql}, ${characters.sql})`, string);
});

function substring(call: FunctionCall): FunctionResult {
  const value = textOrBytes(call, 0);
  const position = arg(call, 1, int);
  const count = call.args[2] ? arg(call, 2, int) : intLiteral(maxInt);
  const name = `${call.name}(${value.name}, ${position.name}, ${count.name})`;
  const all = [value, position, count];
  if (value.type.kind === 'binary')
    return { ...derive(all, callSql('spark_substr_bytes', ...all.map((part) => part.sql)), binary), name };
  const [at, size] = [constantInteger(position), constantInteger(count)];
  if (at !== undefined && at >= 1n && size !== undefined && size >= 0n) {
    const rest =
      size === BigInt(maxInt)
        ? sql`substring(${value.sql}, ${String(at)})`
        : sql`substring(${value.sql}, ${String(at)}, ${String(size)})`;
    return { ...derive(all, rest, string), name };
  }
  return { ...derive(all, callSql('spark_substr', ...all.map((part) => part.sql)), string), name };
}

/** left and right of text; a length below 1 gives an empty text. */
function edge(call: FunctionCall, side: 'left' | 'right'): FunctionResult {
  const value = side === 'left' ? textOrBytes(call, 0) : arg(call, 0, string);
  const count = arg(call, 1, int);
  if (value.type.kind === 'binary')
    return derive([value, count], sql`spark_substr_bytes(${value.sql}, 1, ${count.sql})`, binary);
  return derive(
    [value, count],
    once([value, count], (x, n) => sql`${side}(${x}, CASE WHEN ${n} < 0 THEN 0 ELSE ${n} END)`),
    string,
  );
}

const padding = (name: 'lpad' | 'rpad'): FunctionRow =>
  row(name, 2, 3, (call) => {
    const fill = call.args[2];
    // Bytes are padded with bytes; beside a text they are text.
    const bytes = call.args[0]!.type.kind === 'binary' && (!fill || fill.type.kind === 'binary');
    const filler = fill
      ? bytes
        ? fill
        : arg(call, 2, string)
      : bytes
        ? { ...textLiteral(''), sql: [`'\\x00'::BLOB`], type: binary, name: "X'00'" }
        : textLiteral(' ');
    const parts = [bytes ? call.args[0]! : arg(call, 0, string), arg(call, 1, int), filler];
    return {
      ...derive(
        parts,
        callSql(`spark_${name}${bytes ? '_bytes' : ''}`, ...parts.map((part) => part.sql)),
        bytes ? binary : string,
      ),
      name: `${name}(${parts.map((part) => part.name).join(', ')})`,
    };
  });

/** contains, startswith, endswith: over bytes where both are bytes, else over text. */
const matching = (name: string, engine: string): FunctionRow =>
  row(name, 2, 2, (call) => {
    const [a, b] = call.args as [Typed, Typed];
    if (a.type.kind === 'binary' && b.type.kind === 'binary')
      return derive([a, b], callSql('spark_match_bytes', literal(name), a.sql, b.sql), boolean);
    const [x, y] = [arg(call, 0, string), arg(call, 1, string)];
    return derive([x, y], sql`${engine}(${x.sql}, ${y.sql})`, boolean);
  });

function concatWs(call: FunctionCall): FunctionResult {
  const separator = arg(call, 0, string);
  const lists = call.args.slice(1).map((value) => {
    if (value.type.kind === 'array') {
      if (['array', 'map', 'struct'].includes(value.type.element.kind))
        throw wrongInput(value, 'a string or an array of strings');
      return sql`coalesce(${cast(value, { kind: 'array', element: string, containsNull: true }, call).sql}, [])`;
    }
    return sql`[${implicit(value, string, call).sql}]`;
  });
  const all =
    lists.length === 0
      ? sql`CAST([] AS VARCHAR[])`
      : lists.length === 1
        ? lists[0]!
        : sql`list_concat(${join(lists, ', ')})`;
  return derive(
    call.args,
    sql`(coalesce(array_to_string(CAST(${all} AS VARCHAR[]), ${separator.sql}), '') || CASE WHEN ${separator.sql} IS NULL THEN NULL ELSE '' END)`,
    string,
    separator.nullable,
  );
}

/** replace(text, search[, with]): an empty search changes nothing. */
function replace(call: FunctionCall): FunctionResult {
  const parts = [arg(call, 0, string), arg(call, 1, string), call.args[2] ? arg(call, 2, string) : textLiteral('')];
  return {
    ...derive(
      parts,
      sql`replace(${join(
        parts.map((part) => part.sql),
        ', ',
      )})`,
      string,
    ),
    name: `replace(${parts.map((part) => part.name).join(', ')})`,
  };
}

function reverse(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (value.type.kind === 'array') return derive([value], sql`list_reverse(${value.sql})`, value.type);
  if (value.type.kind === 'binary') return derive([value], sql`spark_reverse_bytes(${value.sql})`, binary);
  return derive([value], sql`spark_reverse(${arg(call, 0, string).sql})`, string);
}

function locate(call: FunctionCall): FunctionResult {
  const parts = [arg(call, 0, string), arg(call, 1, string), call.args[2] ? arg(call, 2, int) : intLiteral(1)];
  const name = `${call.name}(${parts.map((part) => part.name).join(', ')})`;
  // A NULL position is 0 here, unlike everywhere else.
  const position = sql`coalesce(${parts[2]!.sql}, 0)`;
  return { ...derive(parts, callSql('spark_locate', parts[0]!.sql, parts[1]!.sql, position), int), name };
}

const maskDefaults = ['X', 'x', 'n'];
function mask(call: FunctionCall): FunctionResult {
  const parts = [arg(call, 0, string)];
  for (let at = 1; at <= 4; at++) {
    const given = call.args[at];
    if (given && !given.foldable && !given.constant)
      throw mismatch('NON_FOLDABLE_INPUT', 'The replacements of mask must be constants.');
    if (call.args[at]) parts.push(arg(call, at, string));
    else
      parts.push(
        at <= 3
          ? textLiteral(maskDefaults[at - 1]!)
          : { ...textLiteral(''), sql: sql`CAST(NULL AS VARCHAR)`, name: 'NULL' },
      );
  }
  return {
    ...derive(parts, callSql('spark_mask', ...parts.map((part) => part.sql)), string),
    name: `mask(${parts.map((part) => part.name).join(', ')})`,
  };
}

function overlay(call: FunctionCall): FunctionResult {
  const [value, part] = call.args as [Typed, Typed];
  const bytes = value.type.kind === 'binary' || part.type.kind === 'binary';
  if (bytes && value.type.kind !== part.type.kind && ![value, part].some((one) => one.type.kind === 'void'))
    throw mismatch('DATA_DIFF_TYPES', 'overlay takes two texts, or bytes and bytes. Cast one of them.');
  const plain = (index: number) => (bytes ? arg(call, index, binary) : arg(call, index, string));
  const parts = [plain(0), plain(1), arg(call, 2, int), call.args[3] ? arg(call, 3, int) : intLiteral(-1)];
  return {
    ...derive(
      parts,
      callSql(bytes ? 'spark_overlay_bytes' : 'spark_overlay', ...parts.map((one) => one.sql)),
      bytes ? binary : string,
    ),
    name: `overlay(${parts.map((one) => one.name).join(', ')})`,
  };
}

const outside = raise('INVALID_ARRAY_INDEX', 'elt: there is no argument of this number. They count from 1.');

/** elt(n, a, b, …): only the chosen argument is evaluated; bytes alone stay bytes. */
function elt(call: FunctionCall): FunctionResult {
  const index = arg(call, 0, int);
  const choices = call.args.slice(1);
  const bytes = choices.every((value) => value.type.kind === 'binary');
  const values = bytes ? choices : choices.map((value) => implicit(value, string, call));
  const cases = values.map((value, at) => sql`WHEN ${at + 1} THEN ${value.sql}`);
  const text = once(
    [index],
    (n) => sql`CASE WHEN ${n} IS NULL THEN NULL ELSE CASE ${n} ${join(cases, ' ')} ELSE ${outside} END END`,
  );
  return {
    ...derive(call.args, text, bytes ? binary : string, true),
    name: `elt(${[index, ...values].map((value) => value.name).join(', ')})`,
  };
}

export const textFunctions: FunctionRow[] = [
  cased('upper', 'upper'),
  cased('ucase', 'upper'),
  cased('lower', 'lower'),
  cased('lcase', 'lower'),
  ...['length', 'len', 'char_length', 'character_length'].map((name) => row(name, 1, 1, length)),
  sized('octet_length', 1),
  sized('bit_length', 8),
  trimming('trim', 'BOTH'),
  trimming('ltrim', 'LEADING'),
  trimming('rtrim', 'TRAILING'),
  btrim,
  row('substring', 2, 3, substring),
  row('substr', 2, 3, substring),
  row('left', 2, 2, (call) => edge(call, 'left')),
  row('right', 2, 2, (call) => edge(call, 'right')),
  padding('lpad'),
  padding('rpad'),
  matching('contains', 'contains'),
  matching('startswith', 'starts_with'),
  matching('endswith', 'ends_with'),
  row('concat', 0, Number.POSITIVE_INFINITY, (call) => ({ ...concat(call) })),
  row('concat_ws', 1, Number.POSITIVE_INFINITY, concatWs),
  row('replace', 2, 3, replace),
  row('reverse', 1, 1, reverse),
  row('locate', 2, 3, locate),
  row('position', 2, 3, locate),
  row('instr', 2, 2, (call) => {
    const [text, part] = [arg(call, 0, string), arg(call, 1, string)];
    return derive([text, part], callSql('spark_locate', part.sql, text.sql, '1'), int);
  }),
  row('mask', 1, 5, mask),
  row('overlay', 3, 4, overlay),
  row('elt', 2, Number.POSITIVE_INFINITY, elt),
  js('ascii', [string], int),
  ...['chr', 'char'].map((name) => simple(name, [type.bigint], string, (code) => callSql('spark_chr', code))),
  js('initcap', [string], string),
  js('translate', [string, string, string], string),
  js('substring_index', [string, string, int], string),
  js('split_part', [string, string, int], string),
  row('soundex', 1, 1, (call) => {
    const [value] = call.args as [Typed];
    if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
    return derive([value], callSql('spark_soundex', arg(call, 0, string).sql), string);
  }),
  js('find_in_set', [string, string], int),
  js('luhn_check', [string], boolean),
  js('repeat', [string, int], string),
  simple('space', [int], string, (count) => sql`spark_repeat(' ', ${count})`),
  row('levenshtein', 2, 3, (call) => {
    const parts = [arg(call, 0, string), arg(call, 1, string), ...(call.args[2] ? [arg(call, 2, int)] : [])];
    return derive(
      parts,
      callSql(parts.length === 3 ? 'spark_levenshtein_within' : 'spark_levenshtein', ...parts.map((part) => part.sql)),
      int,
    );
  }),
];
