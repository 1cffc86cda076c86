import { type DataType, typeText } from '@boathouse/contracts';
import type { Expression } from '../ast/index.ts';
import { parseExpression } from '../parser/index.ts';
import { fail, type Range, unsupported } from './errors.ts';

/**
 * The expression that gives a value of this type again; `value` has the form of wire values. What has no literal is a call or a
 * cast of one. Throws UNSUPPORTED_FEATURE for types whose values cannot be kept.
 */
export function valueExpression(type: DataType, value: unknown, range: Range): Expression {
  if (value === null || value === undefined) return typedNull(type, range);
  const cast = (operand: Expression): Expression => ({
    kind: 'cast',
    mode: 'cast',
    operand,
    to: { type, range },
    range,
  });
  const text = (content: unknown): Expression => ({ kind: 'string', value: String(content), range });
  switch (type.kind) {
    case 'void':
      return { kind: 'null', range };
    case 'string':
      return text(value);
    case 'boolean':
      return { kind: 'boolean', value: value === true || /^true$/i.test(String(value)), range };
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
      return { kind: 'number', text: String(value), type, range };
    case 'float':
    case 'double':
      return Number.isFinite(Number(value)) && String(value) !== '-0.0'
        ? { kind: 'number', text: String(value), type, range }
        : cast(text(value));
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'datetime', type: type.kind, text: String(value), range };
    case 'binary':
      return { kind: 'binary', hex: String(value), range };
    case 'interval':
      return placedAt(parseExpression(String(value)), range);
    case 'array':
      return cast(
        call(
          'array',
          list(value, type).map((item) => valueExpression(type.element, item, range)),
          range,
        ),
      );
    case 'map': {
      const pairs = list(value, type).flatMap((pair) => {
        const [key, item] = list(pair, type);
        return [valueExpression(type.key, key, range), valueExpression(type.value, item, range)];
      });
      return cast(call('map', pairs, range));
    }
    case 'variant':
      return call('parse_json', [text(value)], range);
    case 'struct': {
      const items = list(value, type);
      const fields = type.fields.flatMap((field, index): Expression[] => [
        { kind: 'string', value: field.name, range },
        valueExpression(field.type, items[index], range),
      ]);
      return cast(call('named_struct', fields, range));
    }
    default:
      throw unsupported(`A variable or parameter of the type ${typeText(type)}`, range);
  }
}

export const typedNull = (type: DataType, range: Range): Expression =>
  type.kind === 'void'
    ? { kind: 'null', range }
    : { kind: 'cast', mode: 'cast', operand: { kind: 'null', range }, to: { type, range }, range };

const call = (name: string, args: Expression[], range: Range): Expression => ({
  kind: 'call',
  name: { parts: [{ name, quoted: false, range }], range },
  args,
  named: [],
  distinct: false,
  range,
});

const placedAt = (node: Expression, range: Range): Expression => ({ ...node, range });

function list(value: unknown, type: DataType): unknown[] {
  if (Array.isArray(value)) return value;
  throw fail('INVALID_PARAMETER_VALUE', `The value is not of the type ${typeText(type)}.`);
}

/** A value as Spark writes it back as SQL: inside the names of expressions over variables. */
export function valueSql(type: DataType, value: unknown, timeZone: (iso: string) => string): string {
  if (value === null || value === undefined) {
    const bare = ['void', 'array', 'map', 'struct'].includes(type.kind);
    return bare ? 'NULL' : `CAST(NULL AS ${typeText(type).toUpperCase()})`;
  }
  const text = String(value);
  switch (type.kind) {
    case 'string':
      return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    case 'tinyint':
      return `${text}Y`;
    case 'smallint':
      return `${text}S`;
    case 'bigint':
      return `${text}L`;
    case 'decimal':
      return `${text}BD`;
    case 'float':
      return `CAST('${Number.isFinite(Number(text)) ? floating(text) : text}' AS FLOAT)`;
    case 'double':
      return Number.isFinite(Number(text)) ? `${floating(text)}D` : `CAST('${text}' AS DOUBLE)`;
    case 'binary':
      return `X'${text}'`;
    case 'date':
      return `DATE '${text}'`;
    case 'timestamp':
      return `TIMESTAMP '${timeZone(text)}'`;
    case 'timestamp_ntz':
      return `TIMESTAMP_NTZ '${trimFraction(text.replace('T', ' '))}'`;
    case 'array':
      return `ARRAY(${list(value, type)
        .map((item) => valueSql(type.element, item, timeZone))
        .join(', ')})`;
    case 'map':
      return `MAP(${list(value, type)
        .map((pair) => {
          const [key, item] = list(pair, type);
          return `${valueSql(type.key, key, timeZone)}, ${valueSql(type.value, item, timeZone)}`;
        })
        .join(', ')})`;
    case 'struct': {
      const items = list(value, type);
      const fields = type.fields.map(
        (field, index) => `'${field.name}', ${valueSql(field.type, items[index], timeZone)}`,
      );
      return `NAMED_STRUCT(${fields.join(', ')})`;
    }
    default:
      return text;
  }
}

/** Java's text of a float: always with a point, an E for the large and the small. */
function floating(text: string): string {
  const value = Number(text);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', power = '0'] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(power)}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

export const trimFraction = (text: string): string => text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
