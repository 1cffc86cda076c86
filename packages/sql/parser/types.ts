import type { DataType, IntervalUnit, SimpleKind, StructField } from '@boathouse/contracts';
import type { TypeRef } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { identifier, isIdentifier } from './names.ts';

const simple: Record<string, SimpleKind> = {
  BOOLEAN: 'boolean',
  TINYINT: 'tinyint',
  BYTE: 'tinyint',
  SMALLINT: 'smallint',
  SHORT: 'smallint',
  INT: 'int',
  INTEGER: 'int',
  BIGINT: 'bigint',
  LONG: 'bigint',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'double',
  STRING: 'string',
  BINARY: 'binary',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp_ntz',
  VARIANT: 'variant',
  VOID: 'void',
};

/** Types that Spark knows and no table of ours holds. */
const refused: ReadonlySet<string> = new Set(['GEOMETRY', 'GEOGRAPHY', 'OBJECT']);

const yearUnits: readonly IntervalUnit[] = ['year', 'month'];
const dayUnits: readonly IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

/** A data type, as in CAST and column definitions. Throws UNSUPPORTED_DATATYPE and DATATYPE_MISSING_SIZE as Spark does. */
export function typeRef(cursor: Cursor): TypeRef {
  const mark = cursor.mark();
  const type = cursor.nested(() => dataType(cursor));
  return { type, range: cursor.rangeFrom(mark) };
}

function dataType(cursor: Cursor): DataType {
  const token = cursor.token;
  if (token.kind !== 'word') cursor.fail('a data type');
  cursor.next();
  switch (token.key) {
    case 'ARRAY':
      return arrayType(cursor);
    case 'MAP':
      return mapType(cursor);
    case 'STRUCT':
      return structType(cursor);
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
      return decimalType(cursor);
    case 'CHAR':
    case 'CHARACTER':
    case 'VARCHAR':
      return sizedType(cursor, token.key === 'VARCHAR' ? 'varchar' : 'char');
    case 'TIME':
      return timeType(cursor);
    case 'INTERVAL':
      return intervalType(cursor);
    default:
  }
  const range = { start: token.start, end: token.end };
  if (refused.has(token.key))
    throw cursor.error('UNSUPPORTED_DATATYPE', `The type ${token.key} is not supported.`, '0A000', range);
  const kind = Object.hasOwn(simple, token.key) ? simple[token.key] : undefined;
  if (!kind || cursor.is('(')) {
    throw cursor.error(
      'UNSUPPORTED_DATATYPE',
      `"${token.value}"${kind ? ' takes no size' : ' is not a data type'}: use a type such as INT, STRING or DECIMAL(10, 2).`,
      '0A000',
      range,
    );
  }
  if (kind === 'timestamp') return { kind: zoned(cursor) };
  if (kind === 'string' && cursor.accept('COLLATE')) {
    const collation = identifier(cursor, 'a collation');
    if (collation.name.toUpperCase() !== 'UTF8_BINARY') {
      throw cursor.unsupported(`The collation ${collation.name}`, collation.range, 'strings compare by UTF8_BINARY');
    }
  }
  return { kind };
}

/** What follows TIMESTAMP: WITHOUT TIME ZONE, WITH LOCAL TIME ZONE or nothing. */
function zoned(cursor: Cursor): SimpleKind {
  if (cursor.acceptAll('WITHOUT', 'TIME', 'ZONE')) return 'timestamp_ntz';
  if (!cursor.acceptAll('WITH', 'LOCAL', 'TIME', 'ZONE')) cursor.acceptAll('WITH', 'TIME', 'ZONE');
  return 'timestamp';
}

function openAngle(cursor: Cursor): void {
  if (!cursor.acceptFirst('<')) cursor.fail('"<" and the types inside');
}

function closeAngle(cursor: Cursor): void {
  if (!cursor.acceptFirst('>')) cursor.fail('">"');
}

function arrayType(cursor: Cursor): DataType {
  openAngle(cursor);
  const element = typeRef(cursor).type;
  closeAngle(cursor);
  return { kind: 'array', element, containsNull: true };
}

function mapType(cursor: Cursor): DataType {
  openAngle(cursor);
  const key = typeRef(cursor).type;
  cursor.expect(',');
  const value = typeRef(cursor).type;
  closeAngle(cursor);
  return { kind: 'map', key, value, valueContainsNull: true };
}

function structType(cursor: Cursor): DataType {
  openAngle(cursor);
  const fields: StructField[] = [];
  if (!cursor.is('>') && !cursor.is('>>')) fields.push(...cursor.list(() => structField(cursor)));
  closeAngle(cursor);
  return { kind: 'struct', fields };
}

function structField(cursor: Cursor): StructField {
  if (!isIdentifier(cursor)) cursor.fail('the name of a field');
  const { name } = identifier(cursor);
  cursor.accept(':');
  const { type } = typeRef(cursor);
  const nullable = !cursor.acceptAll('NOT', 'NULL');
  const comment = cursor.accept('COMMENT') ? cursor.expectString() : undefined;
  return { name, type, nullable, ...(comment === undefined ? {} : { comment }) };
}

function decimalType(cursor: Cursor): DataType {
  if (!cursor.accept('(')) return { kind: 'decimal', precision: 10, scale: 0 };
  const start = cursor.token;
  const precision = Number(cursor.expectInteger('a precision'));
  let scale = 0;
  if (cursor.accept(',')) {
    const negative = cursor.accept('-');
    scale = Number(cursor.expectInteger('a scale')) * (negative ? -1 : 1);
  }
  cursor.expect(')');
  if (precision > 38) {
    throw cursor.error(
      'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION',
      `A decimal has at most 38 digits, not ${precision}.`,
      '22003',
      start,
    );
  }
  if (scale > precision || scale < 0) {
    throw cursor.error(
      'INVALID_DECIMAL_SCALE',
      `The scale of a decimal lies between 0 and its precision ${precision}, ${scale} does not.`,
      '22003',
      start,
    );
  }
  return { kind: 'decimal', precision, scale };
}

function sizedType(cursor: Cursor, kind: 'char' | 'varchar'): DataType {
  if (!cursor.is('(')) {
    throw cursor.error(
      'DATATYPE_MISSING_SIZE',
      `${kind.toUpperCase()} needs a length: write ${kind.toUpperCase()}(10).`,
      '42K01',
    );
  }
  const length = Number(cursor.parenthesised(() => cursor.expectInteger('a length')));
  if (length < 1) throw cursor.syntaxError(`The length of ${kind.toUpperCase()} must be positive.`);
  return { kind, length };
}

function timeType(cursor: Cursor): DataType {
  const start = cursor.token;
  const precision = cursor.is('(') ? Number(cursor.parenthesised(() => cursor.expectInteger('a precision'))) : 6;
  if (precision > 6) {
    throw cursor.error(
      'UNSUPPORTED_TIME_PRECISION',
      `TIME has at most 6 digits of fraction, not ${precision}.`,
      '0A001',
      start,
    );
  }
  cursor.acceptAll('WITHOUT', 'TIME', 'ZONE');
  return { kind: 'time', precision };
}

function intervalType(cursor: Cursor): DataType {
  const startUnit = unitOf(cursor);
  if (!startUnit) return { kind: 'calendar_interval' };
  const startToken = cursor.next();
  let end = startUnit;
  if (cursor.accept('TO')) {
    const endUnit = unitOf(cursor);
    const family = yearUnits.includes(startUnit) ? yearUnits : dayUnits;
    if (!endUnit || family.indexOf(endUnit) <= family.indexOf(startUnit)) {
      throw cursor.syntaxError(`INTERVAL ${startToken.key} TO ${cursor.token.key} is not an interval type.`);
    }
    cursor.next();
    end = endUnit;
  }
  return { kind: 'interval', start: startUnit, end };
}

function unitOf(cursor: Cursor): IntervalUnit | undefined {
  const unit = cursor.token.key.toLowerCase();
  return [...yearUnits, ...dayUnits].find((known) => known === unit);
}
