import type { Expression } from '../ast/index.ts';
import { type Sql, sql, textKey } from '../emit/text.ts';
import type { Scope } from './scope.ts';
import type { Typed } from './typed.ts';

type Memo = { scope: Scope; found: WeakMap<Expression, Typed> };

interface Entry {
  key: string;
  typed: Typed;
  engineName: string;
}

/**
 * Collects the grouping keys and aggregate calls of one query. A grouped query is emitted in two layers: an inner SELECT
 * with keys k0… and aggregates a0…, and an outer one whose expressions name only those. So what may stand in the select
 * list is decided here, by comparing engine text, and windows over aggregates need no special case.
 */
export class Grouping {
  readonly alias: string;
  readonly keys: Entry[] = [];
  readonly aggregates: Entry[] = [];
  private readonly memos = new Map<string, Memo>();
  /** Keys with subqueries, by their shape: two analyses of one text name their relations differently. */
  readonly subqueries = new Map<string, Entry>();
  /** ROLLUP, CUBE or GROUPING SETS: keys may be NULL in the result. */
  readonly sets: boolean;

  constructor(alias: string, sets: boolean) {
    this.alias = alias;
    this.sets = sets;
  }

  addKey(typed: Typed): Entry {
    const key = textKey(typed.sql);
    const known = this.keys.find((candidate) => candidate.key === key);
    if (known) return known;
    const entry = { key, typed, engineName: `k${this.keys.length}` };
    this.keys.push(entry);
    return entry;
  }

  /** The reference to a key that this expression is; null where it is none. */
  match(typed: Typed): Typed | null {
    const key = textKey(typed.sql);
    const entry = this.keys.find((candidate) => candidate.key === key);
    return entry ? this.keyReference(entry, typed) : null;
  }

  /** The same for an expression with a subquery. */
  matchSubquery(node: Expression): Typed | null {
    const entry = this.subqueries.size ? this.subqueries.get(shapeOf(node)) : undefined;
    return entry ? this.keyReference(entry, entry.typed) : null;
  }

  private keyReference(entry: Entry, typed: Typed): Typed {
    const { constant: _constant, foldable: _foldable, column: _column, ...rest } = typed;
    return { ...rest, sql: this.reference(entry), nullable: typed.nullable || this.sets };
  }

  /** Expressions of a clause that were analysed as if they were keys. */
  memo(clause: string, scope: Scope): Memo {
    const known = this.memos.get(clause);
    if (known?.scope === scope) return known;
    const memo: Memo = { scope, found: new WeakMap() };
    this.memos.set(clause, memo);
    return memo;
  }

  /** The reference to an aggregate call, which is computed once however often it is written. */
  add(typed: Typed): Typed {
    const key = textKey(typed.sql);
    const known = typed.volatile ? undefined : this.aggregates.find((candidate) => candidate.key === key);
    const entry = known ?? { key, typed, engineName: `a${this.aggregates.length}` };
    if (!known) this.aggregates.push(entry);
    return { ...typed, sql: this.reference(entry), aggregate: true, foldable: false };
  }

  private reference(entry: Entry): Sql {
    return sql`${this.alias}.${entry.engineName}`;
  }
}

/** An expression without its places in the text. */
export const shapeOf = (node: Expression): string =>
  JSON.stringify(node, (key, value) => (key === 'range' ? undefined : value));
