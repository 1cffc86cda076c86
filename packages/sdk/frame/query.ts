import { quoteName } from '../sql/text.ts';

/** A query as its clauses: further operations join it where SQL's order of clauses allows, else it becomes a subquery. */
export interface Query {
  /** The text of the whole query where it was given as such. */
  readonly text?: string;
  /** What stands after FROM; null: the query has no clauses of its own (it is `text`). */
  readonly from: string | null;
  /** True where `from` joins several relations, so that an alias must wrap it. */
  readonly joined: boolean;
  readonly where: readonly string[];
  readonly select: readonly string[] | null;
  readonly distinct: boolean;
  readonly groupBy: readonly string[];
  readonly orderBy: readonly string[];
  readonly limit: number | null;
  readonly offset: number | null;
}

const EMPTY: Query = {
  from: null,
  joined: false,
  where: [],
  select: null,
  distinct: false,
  groupBy: [],
  orderBy: [],
  limit: null,
  offset: null,
};

export const ofText = (text: string): Query => ({ ...EMPTY, text });
export const ofRelation = (from: string, joined = false): Query => ({ ...EMPTY, from, joined });

/** The query's SQL. */
export function textOf(query: Query): string {
  if (query.text !== undefined) return query.text;
  const parts = [
    `SELECT ${query.distinct ? 'DISTINCT ' : ''}${query.select?.join(', ') ?? '*'} FROM ${query.from}`,
    query.where.length ? `WHERE ${query.where.join(' AND ')}` : '',
    query.groupBy.length ? `GROUP BY ${query.groupBy.join(', ')}` : '',
    query.orderBy.length ? `ORDER BY ${query.orderBy.join(', ')}` : '',
    query.limit === null ? '' : `LIMIT ${query.limit}`,
    query.offset === null ? '' : `OFFSET ${query.offset}`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** The line break ends a comment at the end of a text that a person wrote. */
const subquery = (query: Query): string => (query.text === undefined ? `(${textOf(query)})` : `(${query.text}\n)`);

/** Nothing but a relation: more can be said of it in one query. */
const isBare = (query: Query): boolean =>
  query.from !== null &&
  !query.where.length &&
  !query.select &&
  !query.distinct &&
  !query.groupBy.length &&
  !query.orderBy.length &&
  query.limit === null &&
  query.offset === null;

/** As something that stands after FROM. */
export const relationOf = (query: Query): string => (isBare(query) ? query.from! : subquery(query));
/** As the right side of a join: joins read from left to right. */
export const rightSideOf = (query: Query): string => (query.joined ? subquery(query) : relationOf(query));
/** With a name of its own. */
export const aliased = (query: Query, alias: string): Query =>
  ofRelation(`${isBare(query) && !query.joined ? query.from : subquery(query)} AS ${quoteName(alias)}`);

/** A query whose clauses up to WHERE may still be added to. */
export function openForWhere(query: Query): Query {
  const open = query.from !== null && !query.select && !query.distinct && !query.groupBy.length && !hasWindow(query);
  return open ? query : ofRelation(subquery(query));
}

/** A query whose SELECT list may still be chosen. `keepsNames`: the list only picks columns, so an order by them stays right. */
export function openForSelect(query: Query, keepsNames: boolean): Query {
  const open =
    query.from !== null &&
    !query.select &&
    !query.distinct &&
    !query.groupBy.length &&
    (keepsNames || (!query.orderBy.length && !hasWindow(query)));
  return open ? query : ofRelation(subquery(query));
}

/**
 * A query whose rows may still be ordered. `isNames`: by columns alone. SQL looks for those among the results first and
 * then among what was read, as DataFrames do; inside of an expression it may not.
 */
export function openForOrder(query: Query, isNames: boolean): Query {
  const open =
    query.from !== null &&
    !query.orderBy.length &&
    !hasWindow(query) &&
    !query.distinct &&
    !query.groupBy.length &&
    (isNames || !query.select);
  return open ? query : ofRelation(subquery(query));
}

export const openForLimit = (query: Query): Query =>
  query.from !== null && !hasWindow(query) ? query : ofRelation(subquery(query));

const hasWindow = (query: Query): boolean => query.limit !== null || query.offset !== null;
