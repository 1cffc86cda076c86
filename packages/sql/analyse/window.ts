import { typeText } from '@boathouse/contracts';
import type { SortItem, WindowFrame, WindowRef, WindowSpec } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import type { FunctionRow, SortKey } from '../functions/row.ts';
import { orderKey } from '../types/order-key.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { frameOf } from './frame.ts';
import type { Typed } from './typed.ts';

const kindsWithoutOrder = new Set(['map', 'variant', 'calendar_interval']);

/** Refuses types without an order. */
export function checkOrderable(typed: Typed, range: Range): void {
  if (kindsWithoutOrder.has(typed.type.kind)) {
    throw fail(
      'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE',
      `Values of the type ${typeText(typed.type)} have no order.`,
      range,
    );
  }
}

/** Sort keys with NULL order always written: Spark's default is NULLS FIRST for ASC, NULLS LAST for DESC. */
export function analyseSortKeys(
  items: readonly SortItem[],
  context: Context,
): { keys: SortKey[]; sql: Sql; name: string } {
  const keys = items.map((item) => {
    const value = analyse(item.value, context);
    checkOrderable(value, item.range);
    const descending = item.direction === 'desc';
    return { value, descending, nullsFirst: item.nulls ? item.nulls === 'first' : !descending };
  });
  return {
    keys,
    sql: join(
      keys.map((key) => sql`${orderKey(key.value.sql, key.value.type)}${direction(key)}`),
      ', ',
    ),
    name: keys.map((key) => `${key.value.name}${direction(key)}`).join(', '),
  };
}

export const direction = (key: { descending: boolean; nullsFirst: boolean }): string =>
  `${key.descending ? ' DESC' : ' ASC'}${key.nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'}`;

/** Window functions whose value depends on the frame; the others take one fixed frame, which Spark prints. */
const framed = new Set(['nth_value', 'first_value', 'last_value']);

/** The text between the parentheses of OVER, and Spark's print of it (which always spells out the frame). */
export function analyseWindow(
  over: WindowSpec | WindowRef,
  row: FunctionRow,
  args: readonly Typed[],
  context: Context,
  named: ReadonlyMap<string, WindowSpec | WindowRef>,
  range: Range,
): { sql: Sql; name: string; whole: boolean } {
  const spec = resolveWindow(over, named, 0);
  const inner: Context = { ...context, clause: 'a window function' };
  const partition = spec.partitionBy.map((item) => analyse(item, inner));
  for (const key of partition) {
    if (typeText(key.type).includes('map<')) throw unsupported('PARTITION BY a map', range);
  }
  const order = analyseSortKeys(spec.orderBy, inner);
  const ranking = row.kind === 'window' && !framed.has(row.name);
  if (ranking && order.keys.length === 0) {
    throw fail(
      'WINDOW_FUNCTION_FRAME_NOT_ORDERED',
      `The window function ${row.name} needs an ORDER BY in its window, for example OVER (ORDER BY key).`,
      range,
    );
  }
  if (ranking && spec.frame)
    throw unsupported(`A window frame of ${row.name}`, spec.frame.range, 'Leave the frame out.');
  const frame = ranking ? rankingFrame(row.name, args) : frameOf(spec.frame, order.keys, inner);
  const parts: Sql[] = [];
  const names: string[] = [];
  if (partition.length) {
    parts.push(
      sql`PARTITION BY ${join(
        partition.map((key) => key.sql),
        ', ',
      )}`,
    );
    names.push(`PARTITION BY ${partition.map((key) => key.name).join(', ')}`);
  }
  if (order.keys.length) {
    parts.push(sql`ORDER BY ${order.sql}`);
    names.push(`ORDER BY ${order.name}`);
  }
  if (frame.engine) parts.push(frame.engine);
  names.push(frame.name);
  return { sql: join(parts, ' '), name: names.join(' '), whole: order.keys.length === 0 && isWhole(spec.frame) };
}

/** No frame, or the one that is all of a partition. */
const isWhole = (frame: WindowFrame | undefined): boolean =>
  !frame ||
  (frame.unit === 'rows' && frame.start.kind === 'unboundedPreceding' && frame.end.kind === 'unboundedFollowing');

function resolveWindow(
  over: WindowSpec | WindowRef,
  named: ReadonlyMap<string, WindowSpec | WindowRef>,
  depth: number,
): WindowSpec {
  if (over.kind === 'windowSpec') return over;
  const found = named.get(over.name.name.toLowerCase());
  if (!found || depth > 20) {
    throw fail(
      'MISSING_WINDOW_SPECIFICATION',
      `The window "${over.name.name}" is not defined in the WINDOW clause.`,
      over.range,
    );
  }
  return resolveWindow(found, named, depth + 1);
}

function rankingFrame(name: string, args: readonly Typed[]): { engine?: Sql; name: string } {
  if (name === 'lag' || name === 'lead') {
    const offset = args[1]?.constant?.value ?? 1n;
    const at = name === 'lag' ? -BigInt(offset as bigint) : BigInt(offset as bigint);
    const bound = at === 0n ? 'CURRENT ROW' : `${at} FOLLOWING`;
    return { name: `ROWS BETWEEN ${bound} AND ${bound}` };
  }
  const unit = name === 'cume_dist' ? 'RANGE' : 'ROWS';
  return { name: `${unit} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW` };
}
