import type { Expression } from './expression.ts';
import type { Query, Relation } from './query.ts';
import type { Statement } from './statement.ts';

/** Any node that has a `kind`. */
export type KindNode = Expression | Query | Relation | Statement | { kind: string };

/**
 * Visits every node with a `kind` below and including `root`, parents first, in the order of the text. `visit` returns
 * false to keep out of a node's children.
 */
export function walk(root: unknown, visit: (node: KindNode) => boolean | undefined): void {
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visit);
    return;
  }
  if (root === null || typeof root !== 'object') return;
  if ('kind' in root && typeof root.kind === 'string' && visit(root as KindNode) === false) return;
  for (const [key, value] of Object.entries(root)) {
    if (key !== 'range' && typeof value === 'object') walk(value, visit);
  }
}
