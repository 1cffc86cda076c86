import type { Expression } from '../ast/index.ts';
import { lookup } from './library.ts';

/** What stands in a part of a tree: in the expression itself, not counting what lies inside its subqueries. */
interface Holds {
  aggregate: boolean;
  window: boolean;
  /** `x IN (SELECT …)`. */
  inSubquery: boolean;
  subquery: boolean;
}

const nothing: Holds = { aggregate: false, window: false, inSubquery: false, subquery: false };
const onlySubquery: Holds = { ...nothing, subquery: true };

/** Every node is looked at once, however often the levels above it ask. */
const known = new WeakMap<object, Holds>();

function inspect(node: unknown): Holds {
  if (node === null || typeof node !== 'object') return nothing;
  const before = known.get(node);
  if (before) return before;
  const found = isQuery(node) ? onlySubquery : combined(node);
  known.set(node, found);
  return found;
}

const isQuery = (node: object): boolean => 'kind' in node && node.kind === 'query';

function combined(node: object): Holds {
  const own = 'kind' in node ? itself(node as Expression) : nothing;
  let { aggregate, window, inSubquery, subquery } = own;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'range' || typeof value !== 'object') continue;
    const inner = inspect(value);
    if (inner === nothing) continue;
    aggregate ||= inner.aggregate;
    window ||= inner.window;
    inSubquery ||= inner.inSubquery;
    subquery ||= inner.subquery;
  }
  return aggregate || window || inSubquery || subquery ? { aggregate, window, inSubquery, subquery } : nothing;
}

function itself(node: Expression): Holds {
  if (node.kind === 'inSubquery') return { ...nothing, inSubquery: true };
  if (node.kind === 'column') return isGroupingId(node) ? { ...nothing, aggregate: true } : nothing;
  if (node.kind !== 'call') return nothing;
  if (node.over) return { ...nothing, window: true };
  const name = node.name.parts.length === 1 ? node.name.parts[0]!.name.toLowerCase() : undefined;
  if (name === undefined) return nothing;
  return isGroupingFunction(name) || lookup(name)?.kind === 'aggregate' ? { ...nothing, aggregate: true } : nothing;
}

/** Functions that only a grouped query may call, though they aggregate nothing. */
export const isGroupingFunction = (name: string): boolean =>
  name === 'grouping' || name === 'grouping_id' || name === 'grouping__id';

/** The name of grouping_id() that is written without parentheses. */
const isGroupingId = (node: Extract<Expression, { kind: 'column' }>): boolean =>
  node.parts.length === 1 && node.parts[0]!.name.toLowerCase() === 'grouping__id';

/** An aggregate call of this query itself: not one with OVER (but its arguments count). */
export const holdsAggregate = (node: unknown): boolean => inspect(node).aggregate;
export const holdsWindow = (node: unknown): boolean => inspect(node).window;
export const holdsSubquery = (node: unknown): boolean => inspect(node).subquery;
/** A condition `x IN (SELECT …)` of this query itself. */
export const holdsIn = (node: unknown): boolean => inspect(node).inSubquery;
