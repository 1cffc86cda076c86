import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Expression, FrameBound, WindowFrame } from '../ast/index.ts';
import { type Sql, sql } from '../emit/text.ts';
import type { SortKey } from '../functions/row.ts';
import { isNumeric } from '../types/index.ts';
import { isIntegral, isYearMonth } from '../types/numeric.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { implicitCast } from './library.ts';
import type { Typed } from './typed.ts';

/** A frame in engine text and as Spark prints it. */
export interface Frame {
  engine: Sql;
  name: string;
}

/** An end of a frame; `at` compares ends of one kind, in rows or in the unit of the order key. */
interface End extends Frame {
  at: number;
  /** Of a distance: its type after conversion to the order key's. */
  type?: DataType;
}

const wrong = (kind: string, message: string, range: Range): Error => fail(`DATATYPE_MISMATCH.${kind}`, message, range);

/** The frame of a window, also where none is written: it depends on ORDER BY then. */
export function frameOf(frame: WindowFrame | undefined, keys: readonly SortKey[], context: Context): Frame {
  if (!frame) {
    const text = keys.length
      ? 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
      : 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING';
    return { engine: [text], name: text };
  }
  const { range } = frame;
  const distances = [frame.start, frame.end].some((bound) => bound.kind === 'preceding' || bound.kind === 'following');
  if (frame.unit === 'range') {
    const bounded = distances || frame.start.kind === 'currentRow' || frame.end.kind === 'currentRow';
    if (keys.length === 0 && bounded)
      throw wrong('RANGE_FRAME_WITHOUT_ORDER', 'A RANGE frame needs an ORDER BY in its window.', range);
    if (distances && keys.length > 1)
      throw wrong('RANGE_FRAME_MULTI_ORDER', 'A RANGE frame with a distance needs exactly one ORDER BY key.', range);
  }
  const key = frame.unit === 'range' ? keys[0] : undefined;
  const start = endOf(frame.start, key, frame, context);
  const end = endOf(frame.end, key, frame, context);
  if (frame.start.kind === 'unboundedFollowing' || frame.end.kind === 'unboundedPreceding')
    throw wrong('SPECIFIED_WINDOW_FRAME_INVALID_BOUND', 'A window frame cannot begin at its end.', range);
  if (start.type && end.type && typeText(start.type) !== typeText(end.type))
    throw wrong('SPECIFIED_WINDOW_FRAME_DIFF_TYPES', 'Both distances of a window frame need one type.', range);
  if (start.at > end.at && start.type && end.type)
    throw wrong(
      'SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON',
      'The start of a window frame must not lie behind its end.',
      range,
    );
  const unit = frame.unit.toUpperCase();
  // A frame between a distance and the current row may lie the wrong way round: it holds no row.
  const empty = start.at > end.at ? ['ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW'] : undefined;
  return {
    engine: empty ?? sql`${unit} BETWEEN ${start.engine} AND ${end.engine}`,
    name: `${unit} BETWEEN ${start.name} AND ${end.name}`,
  };
}

const fixed: Record<'unboundedPreceding' | 'unboundedFollowing' | 'currentRow', [string, number]> = {
  unboundedPreceding: ['UNBOUNDED PRECEDING', Number.NEGATIVE_INFINITY],
  unboundedFollowing: ['UNBOUNDED FOLLOWING', Number.POSITIVE_INFINITY],
  currentRow: ['CURRENT ROW', 0],
};

function endOf(bound: FrameBound, key: SortKey | undefined, frame: WindowFrame, context: Context): End {
  if (bound.kind !== 'preceding' && bound.kind !== 'following') {
    const [text, at] = fixed[bound.kind];
    return { engine: [text], name: text, at };
  }
  const { value } = bound;
  const typed = analyse(value, { ...context, grouping: undefined, clause: 'a window frame' });
  if (!typed.foldable && !typed.constant)
    throw fail('_LEGACY_ERROR_TEMP_0064', 'The distance of a window frame must be a constant.', value.range);
  const distance = key ? rangeDistance(typed, value, key, frame, context) : rowDistance(typed, value, frame);
  const forward = bound.kind === 'following';
  const sign = forward ? 1 : -1;
  const backward = distance.size * sign < 0 || (distance.size === 0 && !forward);
  // The engine takes no negative distances, so a negative one looks the other way.
  const magnitude = distance.size < 0 ? sql`(-(${distance.text}))` : distance.text;
  const written = forward
    ? `${typed.name} FOLLOWING`
    : distance.converted
      ? `(- ${typed.name}) FOLLOWING`
      : `${typed.name} PRECEDING`;
  return {
    engine: sql`${magnitude} ${backward ? 'PRECEDING' : 'FOLLOWING'}`,
    name: written,
    at: distance.size * sign,
    type: distance.type,
  };
}

/** `size` is the distance as a number, of which only the sign and the order count. */
interface Distance {
  text: Sql;
  size: number;
  type: DataType;
  /** Spark converts it, which shows in the name. */
  converted: boolean;
}

function rowDistance(typed: Typed, value: Expression, frame: WindowFrame): Distance {
  if (typed.type.kind !== 'int') {
    const message = `A ROWS frame counts rows by an int, not by ${typeText(typed.type)}.`;
    throw wrong('SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE', message, frame.range);
  }
  const size = Number(wholeNumber(value));
  return { text: [String(size)], size, type: typed.type, converted: false };
}

const dayMicros = 86_400_000_000;

function rangeDistance(typed: Typed, value: Expression, key: SortKey, frame: WindowFrame, context: Context): Distance {
  const { type: order } = key.value;
  const { type } = typed;
  const invalid = () =>
    wrong(
      'RANGE_FRAME_INVALID_TYPE',
      `A RANGE frame over ${typeText(order)} takes no distance of the type ${typeText(type)}.`,
      frame.range,
    );
  if (
    type.kind === 'interval' &&
    (order.kind === 'date' || order.kind === 'timestamp' || order.kind === 'timestamp_ntz')
  ) {
    const size = intervalSize(typed, value.range);
    if (isYearMonth(type)) return { text: [`to_months(${size})`], size, type, converted: false };
    if (order.kind === 'date') {
      if (type.start !== 'day' || type.end !== 'day') throw invalid();
      return { text: [String(size / dayMicros)], size, type, converted: false };
    }
    if (order.kind === 'timestamp' && context.state.session.timeZone !== 'UTC' && type.start === 'day')
      throw unsupported('A RANGE frame of days over timestamps in a session zone other than UTC', frame.range);
    return { text: [`to_microseconds(${size})`], size, type, converted: false };
  }
  if (order.kind === 'date') {
    if (type.kind !== 'int') throw invalid();
    const size = Number(wholeNumber(value));
    return { text: [String(size)], size, type, converted: false };
  }
  if (order.kind === 'timestamp' || order.kind === 'timestamp_ntz') throw invalid();
  if (!isNumeric(order)) {
    if (order.kind === 'interval') throw unsupported('A RANGE frame with a distance over intervals', frame.range);
    throw wrong(
      'SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE',
      `A RANGE frame with a distance needs numbers, dates or timestamps, not ${typeText(order)}.`,
      frame.range,
    );
  }
  if (!isNumeric(type) && type.kind !== 'string')
    throw unsupported(`A RANGE frame with a distance of the type ${typeText(type)} over numbers`, frame.range);
  const session = context.state.expressionSession(context.environment);
  const converted = implicitCast(typed, order, session, value.range);
  const size = isIntegral(type) ? Number(wholeNumber(value)) : Number(typed.constant?.value ?? Number.NaN);
  if (Number.isNaN(size)) throw unsupported('A computed distance of a window frame', value.range, 'Write the number.');
  return {
    text: converted.sql,
    size: isIntegral(order) ? Math.trunc(size) : size,
    type: order,
    converted: typeText(type) !== typeText(order),
  };
}

/** Intervals are whole numbers in the engine: months or microseconds. */
function intervalSize(typed: Typed, range: Range): number {
  const [text] = typed.sql;
  const found =
    typed.sql.length === 1 && typeof text === 'string' ? /^CAST\('(-?\d+)' AS (?:INTEGER|BIGINT)\)$/.exec(text) : null;
  if (!found) throw unsupported('A computed interval as the distance of a window frame', range, 'Write a literal.');
  return Number(found[1]);
}

/** The value of whole numbers joined by + - and *. */
function wholeNumber(node: Expression): bigint {
  if (node.kind === 'number' && /^-?\d+$/.test(node.text)) return BigInt(node.text);
  if (node.kind === 'unary' && (node.op === '-' || node.op === '+'))
    return node.op === '-' ? -wholeNumber(node.operand) : wholeNumber(node.operand);
  if (node.kind === 'binaryOp' && (node.op === '+' || node.op === '-' || node.op === '*')) {
    const [a, b] = [wholeNumber(node.left), wholeNumber(node.right)];
    return node.op === '+' ? a + b : node.op === '-' ? a - b : a * b;
  }
  throw unsupported('A computed distance of a window frame', node.range, 'Write the number.');
}
