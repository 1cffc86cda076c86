import { type Expression, walk } from '../ast/index.ts';
import { lookup } from './library.ts';

/** Whether a kind of node stands in an expression, not counting what lies inside its subqueries. */
function holds(node: unknown, wanted: (node: Expression) => boolean): boolean {
  let found = false;
  walk(node, (child) => {
    if (found || child.kind === 'query') return false;
    if (wanted(child as Expression)) found = true;
    return !found;
  });
  return found;
}

const callName = (node: Expression): string | undefined =>
  node.kind === 'call' && node.name.parts.length === 1 ? node.name.parts[0]!.name.toLowerCase() : undefined;

/** Functions that only a grouped query may call, though they aggregate nothing. */
export const isGroupingFunction = (name: string): boolean =>
  name === 'grouping' || name === 'grouping_id' || name === 'grouping__id';

/** The name of grouping_id() that is written without parentheses. */
const isGroupingId = (node: Extract<Expression, { kind: 'column' }>): boolean =>
  node.parts.length === 1 && node.parts[0]!.name.toLowerCase() === 'grouping__id';

/** An aggregate call of this query itself: not one with OVER (but its arguments count). */
export const holdsAggregate = (node: unknown): boolean =>
  holds(node, (child) => {
    if (child.kind === 'column') return isGroupingId(child);
    if (child.kind !== 'call' || child.over) return false;
    const name = callName(child)!;
    return name !== undefined && (isGroupingFunction(name) || lookup(name)?.kind === 'aggregate');
  });

export const holdsWindow = (node: unknown): boolean => holds(node, (child) => child.kind === 'call' && !!child.over);

export function holdsSubquery(node: unknown): boolean {
  let found = false;
  walk(node, (child) => {
    if (child.kind === 'query') found = true;
    return !found;
  });
  return found;
}

/** A condition `x IN (SELECT …)` of this query itself. */
export const holdsIn = (node: unknown): boolean => holds(node, (child) => child.kind === 'inSubquery');
