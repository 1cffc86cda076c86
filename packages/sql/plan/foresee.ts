import type { SessionState } from '@boathouse/contracts';
import { type Query, type TableRef, walk } from '../ast/index.ts';

/** Catalog, schema and name. */
export type Place = readonly [catalog: string, schema: string, name: string];

/**
 * Tables that a statement will ask the catalog for, from its text alone, so that they are fetched together: names that are neither
 * its own common table expressions nor temporary views. A guess: what it leaves out is asked for when it is met.
 */
export function foreseenTables(statement: unknown, session: SessionState): Place[] {
  const own = new Set(Object.keys(session.tempViews));
  const named: string[][] = [];
  walk(statement, (node) => {
    // A function may also be of the kind `table`: it names none.
    if (node.kind === 'table' && 'stream' in node) named.push((node as TableRef).name.parts.map((part) => part.name));
    if (node.kind === 'query') for (const cte of (node as Query).with?.ctes ?? []) own.add(cte.name.name.toLowerCase());
    return undefined;
  });
  const places = new Map<string, Place>();
  for (const parts of named) {
    const [name, schema = session.schema, catalog = session.catalog] = parts.toReversed();
    if (!name || parts.length > 3 || (parts.length === 1 && own.has(name.toLowerCase()))) continue;
    places.set(parts.join('.').toLowerCase(), [catalog, schema, name]);
  }
  return [...places.values()];
}
