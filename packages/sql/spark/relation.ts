import { BoathouseError, typeText } from '@boathouse/contracts';
import { pending, type Range, unsupported } from '../analyse/errors.ts';
import { type Environment, PlanState } from '../analyse/state.ts';
import {
  type OpenedView,
  openTemporary,
  openView,
  planTable,
  tableInFrom,
  temporaryOf,
  timeTravel,
  viewQuery,
  viewSources,
} from '../analyse/table.ts';
import type { Query, TableRef } from '../ast/index.ts';
import { type Sql, sql } from '../emit/text.ts';
import { sparkName } from './literal.ts';
import { columnsOf, lower, type Names, type SparkRelation } from './names.ts';

/** What a text is read with: whose rights, where its names lead, and what is gathered. */
export interface Place {
  text: string;
  state: PlanState;
  environment: Environment;
  /** Names of the result's columns, where they are known: an item without an alias keeps its own. */
  columns?: readonly string[];
  /** Offsets of the bare names that are no columns, where the analysis has told them; else only plain cases are told apart. */
  notColumns?: ReadonlySet<number>;
  /** Texts that stand for nodes: by the offset where the node begins. */
  instead?: ReadonlyMap<number, Sql>;
}

/** Writes the text of a view. */
type TextOf = (query: Query, place: Place) => Sql;

/** A relation of FROM; without `by` its text stays as it is (a common table expression). */
export interface FoundRelation {
  by?: Sql;
  relation: SparkRelation;
}

/** What a name of FROM is in Spark's text; without `by` it stays as it is (a common table expression). */
export function relationInFrom(node: TableRef, names: Names, place: Place, textOf: TextOf): FoundRelation {
  const { state, environment } = place;
  if (node.options.length) throw unsupported('Options of a table', node.range);
  const { parts } = node.name;
  const written = node.alias?.name?.name;
  const alias = written ?? parts.at(-1)!.name;
  if (parts.length === 1 && names.ctes.has(lower(parts[0]!.name)) && !node.timeTravel && !node.stream)
    return { relation: { alias } };
  if (node.stream)
    throw unsupported('STREAM on an attached Spark', node.range, 'Run the pipeline on the embedded engine.');
  const context = { state, environment, ctes: new Map() };
  const temporary = temporaryOf(node, context);
  if (temporary) return viewAs(openTemporary(temporary, node, context), alias, !written, place, textOf, node.range);
  const table = tableInFrom(node, context);
  if (table.kind === 'VIEW') return viewAs(openView(table, node, context), alias, !written, place, textOf, node.range);
  const by = tablePiece(state, planTable(table, timeTravel(node, context)));
  const qualifier = [table.catalog, table.schema, table.name] as const;
  return { by, relation: { alias, columns: columnsOf(table), ...(written ? {} : { qualifier }) } };
}

function tablePiece(state: PlanState, entry: Parameters<PlanState['addTable']>[0]): Sql {
  const index = state.addTable(entry);
  state.needAll(index);
  return [{ table: index }];
}

/** A view as a subquery with the columns that it promised, in their types. Its errors lie at its name. */
function viewAs(
  view: OpenedView,
  alias: string,
  bare: boolean,
  place: Place,
  textOf: TextOf,
  range: Range,
): FoundRelation {
  const { state } = place;
  const { columns: given } = viewQuery(view, { state: new PlanState(state.options) }, range);
  const columns = view.columns ?? given;
  const sources = viewSources(given, columns, view.qualifier, range);
  const items = columns.map((column, index) => {
    const source = given[sources[index]!]!;
    const value = `c${sources[index]!}`;
    const cast = typeText(source.type) === typeText(column.type) ? value : `CAST(${value} AS ${typeText(column.type)})`;
    return `${cast} AS ${sparkName(column.name)}`;
  });
  const inner = viewText(view, state, textOf, range);
  const named = given.map((_, index) => `c${index}`).join(', ');
  const [catalog, schema, name] = view.qualifier;
  return {
    by: sql`(SELECT ${items.join(', ')} FROM (${inner}) AS v(${named}))`,
    relation: {
      alias,
      columns: new Set(columns.map((column) => lower(column.name))),
      ...(bare && catalog && schema && name ? { qualifier: [catalog, schema, name] } : {}),
    },
  };
}

function viewText({ text, environment }: OpenedView, state: PlanState, textOf: TextOf, range: Range): Sql {
  try {
    return textOf(state.cache.parsed(text), { text, state, environment });
  } catch (error) {
    if (error instanceof BoathouseError) error.position = pending(range);
    throw error;
  }
}
