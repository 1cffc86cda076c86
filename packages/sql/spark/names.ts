import type { CatalogTable } from '@boathouse/contracts';
import type { Identifier, TableAlias } from '../ast/index.ts';

/** A relation of FROM: by which name Spark knows it, and how the workspace's own columns may be qualified. */
export interface SparkRelation {
  /** Its alias, or the last part of its name. */
  alias: string;
  /** Catalog, schema and name of a table or view without an alias: its columns may be named by all of them. */
  qualifier?: readonly [string, string, string];
  /** Lower case; absent where only Spark knows them. */
  columns?: ReadonlySet<string>;
}

/** What names mean at a place of a query: common table expressions, relations of FROM, parameters of lambdas. */
export interface Names {
  ctes: ReadonlySet<string>;
  relations: SparkRelation[];
  lambda: ReadonlySet<string>;
  around?: Names;
  /** The statement's own select list, whose names the caller gives. */
  outermost: boolean;
}

/** Around a whole statement. */
export const noNames = (): Names => ({ ctes: new Set(), relations: [], lambda: new Set(), outermost: true });

export const lower = (text: string): string => text.toLowerCase();

export const columnsOf = (table: Pick<CatalogTable, 'columns'>): ReadonlySet<string> =>
  new Set(table.columns.map(({ name }) => lower(name)));

/**
 * How many parts before the table's own name a dotted name has: `main.sales.orders.id` has 2 where FROM holds that table
 * without an alias. Spark knows the relation by its last part alone. `longest`: how many parts may be the table's name.
 */
export function qualifyingParts(
  parts: readonly Identifier[],
  names: Names,
  longest: number,
): { count: number; relation?: SparkRelation } {
  for (let here: Names | undefined = names; here; here = here.around) {
    for (const count of [2, 1]) {
      const found =
        count < longest
          ? here.relations.filter(({ qualifier }) => qualifier && begins(parts, qualifier.slice(2 - count)))
          : [];
      if (found.length) return { count, relation: found[0]! };
    }
  }
  return { count: 0 };
}

const begins = (parts: readonly Identifier[], qualifier: readonly string[]): boolean =>
  qualifier.every((name, index) => lower(name) === lower(parts[index]?.name ?? ''));

/** Two relations of one FROM with the same last part: only their qualified names tell them apart. */
export function isAmbiguous(relation: SparkRelation, names: Names): boolean {
  for (let here: Names | undefined = names; here; here = here.around) {
    if (!here.relations.includes(relation)) continue;
    return here.relations.filter(({ alias }) => lower(alias) === lower(relation.alias)).length > 1;
  }
  return false;
}

/** Whether a bare word is a column: `maybe` where only Spark knows the columns of a relation around it. */
export function isColumn(word: string, names: Names): 'yes' | 'no' | 'maybe' {
  const key = lower(word);
  let answer: 'no' | 'maybe' = 'no';
  for (let here: Names | undefined = names; here; here = here.around) {
    if (here.lambda.has(key)) return 'yes';
    for (const { columns } of here.relations) {
      if (columns?.has(key)) return 'yes';
      if (!columns) answer = 'maybe';
    }
  }
  return answer;
}

/** The names that an alias gives the columns of its relation. */
export const namedColumns = (alias: TableAlias | undefined): Pick<SparkRelation, 'columns'> =>
  alias?.columns ? { columns: new Set(alias.columns.map(({ name }) => lower(name))) } : {};
