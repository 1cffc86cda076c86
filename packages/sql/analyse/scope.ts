import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';
import { fail, nearNames, quotedName, type Range } from './errors.ts';

/** A column that a name may mean. */
export interface ScopeColumn {
  name: string;
  /** Names that may stand before the column: `['main','sales','orders']` answers to any suffix of it. */
  qualifier: readonly string[];
  type: DataType;
  nullable: boolean;
  /** Reference in engine text: `t0."amount"`. */
  sql: Sql;
  /** A bare column of `tables[table]` of the plan. */
  base?: { table: number; name: string };
  /** The literal 0 in every row. */
  zero?: boolean;
  /** The same object in columns that are one and the same. */
  attribute?: object;
  /** Reached only by a qualified name: the other side of a USING column. */
  hidden?: boolean;
  /** Called when the statement uses the column. */
  use?(): void;
  /** Throws where the column may not be named here: an ungrouped column seen from a subquery of a grouped query. */
  guard?(range: Range): void;
}

export interface Resolved {
  column: ScopeColumn;
  /** Parts of the name behind the column: fields of a struct. */
  fields: string[];
  /** How many scopes outward the column lies; 0 is the query itself. */
  depth: number;
  /** A parameter of a lambda. */
  lambda: boolean;
}

/** Names visible to an expression: the columns of one FROM clause, and those of the queries around it. */
export class Scope {
  readonly columns: ScopeColumn[];
  readonly parent: Scope | undefined;
  /** Parameters of a lambda: what lies behind it is still the same query. */
  readonly lambda: boolean;

  constructor(columns: ScopeColumn[], parent?: Scope, lambda = false) {
    this.columns = columns;
    this.parent = parent;
    this.lambda = lambda;
  }

  /** Resolves a dotted name here only (not in scopes around). Throws AMBIGUOUS_REFERENCE. */
  resolveHere(parts: readonly string[], range: Range): Omit<Resolved, 'depth' | 'lambda'> | null {
    // The longest qualifier that matches wins, as in Spark: `a.b` is column b of relation a before field b of column a.
    for (let length = Math.min(parts.length - 1, 3); length >= 0; length--) {
      const qualifier = parts.slice(0, length);
      const name = parts[length]!.toLowerCase();
      const found = this.columns.filter(
        (column) =>
          column.name.toLowerCase() === name &&
          (length > 0 || !column.hidden) &&
          matchesQualifier(column.qualifier, qualifier),
      );
      if (found.length === 0) continue;
      const { attribute } = found[0]!;
      const one = attribute !== undefined && found.every((column) => column.attribute === attribute);
      if (found.length > 1 && !one) {
        const meanings = found.map((column) => quotedName([...column.qualifier, column.name])).join(', ');
        throw fail(
          'AMBIGUOUS_REFERENCE',
          `Reference ${quotedName(parts)} is ambiguous, could be: [${meanings}].`,
          range,
        );
      }
      return { column: found[0]!, fields: parts.slice(length + 1) };
    }
    return null;
  }

  /** Resolves a dotted name here or in the queries around. Null where nobody knows it. */
  resolve(parts: readonly string[], range: Range): Resolved | null {
    let depth = 0;
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const found = scope.resolveHere(parts, range);
      if (found) {
        found.column.guard?.(range);
        found.column.use?.();
        return { ...found, depth, lambda: scope.lambda };
      }
      if (!scope.lambda) depth++;
    }
    return null;
  }

  /** Columns of `*` (no qualifier) or `t.*`. Null where no relation answers to the qualifier. */
  expand(qualifier: readonly string[]): ScopeColumn[] | null {
    if (qualifier.length === 0) return this.columns.filter((column) => !column.hidden);
    const matched = this.columns.filter((column) => matchesQualifier(column.qualifier, qualifier));
    // Spark puts the hidden USING keys of a relation before its other columns.
    const ordered = [...matched.filter((column) => column.hidden), ...matched.filter((column) => !column.hidden)];
    return ordered.length ? ordered : null;
  }

  unresolved(parts: readonly string[], range: Range): Error {
    const names: string[] = [];
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      for (const column of scope.columns) if (!column.hidden) names.push(column.name);
    }
    const message = `A column, variable, or function parameter with name ${quotedName(parts)} cannot be resolved.`;
    const near = nearNames(parts.at(-1)!, names).map((name) => quotedName([name]));
    if (near.length === 0) return fail('UNRESOLVED_COLUMN.WITHOUT_SUGGESTION', message, range);
    return fail(
      'UNRESOLVED_COLUMN.WITH_SUGGESTION',
      `${message} Did you mean one of the following? [${near.join(', ')}].`,
      range,
    );
  }
}

function matchesQualifier(full: readonly string[], written: readonly string[]): boolean {
  if (written.length > full.length) return false;
  const tail = full.slice(full.length - written.length);
  return tail.every((part, index) => part.toLowerCase() === written[index]!.toLowerCase());
}
