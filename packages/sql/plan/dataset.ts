import type { CatalogTable, Column, Expectation } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import type { Context } from '../analyse/context.ts';
import { fail, type Range, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from '../analyse/inspect.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { AnalysedQuery } from '../analyse/relation.ts';
import { Scope } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import { type CreateDataset, type Query, type Relation, walk } from '../ast/index.ts';
import { ident } from '../emit/text.ts';
import { checkClauses, checkColumnNames, checkStorable, columnsOf, partitionsOf, propertiesOf } from './definition.ts';
import { requireOn, requireTable, schemaOf } from './names.ts';
import type { Definition, PlannedFlow } from './pipeline.ts';
import { tableName } from './planned.ts';
import { assigned } from './write.ts';

/** Plans one dataset of a pipeline; what it reads of the same pipeline comes through the state's overlay. */
export function planDataset(definition: Definition, state: PlanState): PlannedFlow {
  const { node, catalog, schema: schemaName, table } = definition;
  const { range } = node;
  refuseClauses(node);
  const query = node.query;
  if (!query) throw unsupported('A streaming table without AS SELECT', range);
  const streaming = node.dataset === 'streamingTable';
  checkStreams(query, streaming, node);
  const existing = requireTarget(definition, state);
  const analysed = analyseQuery(query, { state, environment: state.environment, ctes: new Map() });
  const { columns, sources } = datasetColumns(node, analysed);
  checkColumnNames(
    columns.map((column) => column.name),
    range,
  );
  const names = new Set<string>();
  const expectations = node.expectations.map((expectation): PlannedFlow['expectations'][number] => {
    const { name } = expectation.name;
    if (names.has(name.toLowerCase()))
      throw fail('PIPELINE_DUPLICATE_EXPECTATION', `The expectation ${name} is defined twice.`, expectation.range);
    names.add(name.toLowerCase());
    const { condition } = expectation;
    const expression: Expectation['expression'] = definition.piece.text.slice(
      condition.range.start,
      condition.range.end,
    );
    return {
      name,
      expression,
      action: expectation.onViolation,
      engineText: expectationText(condition, columns, state),
    };
  });
  return {
    name: definition.fullName,
    dataset: definition.fullName,
    catalog,
    schema: schemaName,
    table,
    kind: streaming ? 'streaming' : 'materialized',
    inputs: [...state.reads],
    expectations,
    columns,
    partitionColumns: partitionsOf(node.clauses, columns, range),
    properties: propertiesOf(node.clauses),
    ...(node.clauses.comment === undefined ? {} : { comment: node.clauses.comment }),
    query: assigned(analysed, columns, sources, state, range),
    cellId: definition.piece.cellId,
    ...(existing ? { existing } : {}),
  };
}

function refuseClauses(node: CreateDataset): void {
  const { range } = node;
  if (node.private) throw unsupported('A PRIVATE dataset', range, 'Leave PRIVATE out, or use a temporary view.');
  if (node.flow) throw unsupported('A FLOW clause', range, 'Use AS SELECT.');
  if (node.schedule) throw unsupported('SCHEDULE of a dataset', range, 'Schedule the pipeline with a job.');
  if (node.orReplace || node.ifNotExists)
    throw unsupported('OR REPLACE and IF NOT EXISTS of a dataset', range, 'Use CREATE OR REFRESH.');
  if (node.refreshPolicy && node.refreshPolicy !== 'auto' && node.refreshPolicy !== 'full') {
    throw unsupported(
      'REFRESH POLICY INCREMENTAL',
      range,
      'Materialized views are recomputed in full: use AUTO or FULL.',
    );
  }
  if (node.constraints.length) throw unsupported('A table constraint', node.constraints[0]!.range);
  checkClauses(node.clauses, range);
}

/** The dataset's place: CREATE TABLE where it is new, MODIFY where it is there; a table of another kind is in the way. */
function requireTarget(
  { node, catalog, schema: schemaName, table }: Definition,
  state: PlanState,
): CatalogTable | undefined {
  const schema = schemaOf(state, catalog, schemaName, node.name.range);
  const existing = state.cache.table(state.options.principal, catalog, schemaName, table);
  if (!existing) {
    requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, 'CREATE TABLE');
    return undefined;
  }
  const kind = node.dataset === 'streamingTable' ? 'STREAMING_TABLE' : 'MATERIALIZED_VIEW';
  if (existing.kind !== kind) {
    throw fail(
      'TABLE_OR_VIEW_ALREADY_EXISTS',
      `${tableName(existing)} is there already and is no ${kind.toLowerCase().replace('_', ' ')}. Choose another name, or drop it.`,
      node.name.range,
    );
  }
  requireTable(state, existing, 'MODIFY');
  return existing;
}

function datasetColumns(node: CreateDataset, query: AnalysedQuery): { columns: Column[]; sources: number[] } {
  const positions = query.columns.map((_, index) => index);
  for (const column of query.columns) checkStorable(column.type, column.name, node.range);
  if (node.columns.length === 0) {
    const columns = query.columns.map(
      (column): Column => ({ name: column.name, type: typeText(column.type), nullable: true }),
    );
    return { columns, sources: positions };
  }
  const typed = node.columns.filter((column) => column.type);
  if (typed.length === 0) {
    if (node.columns.length !== query.columns.length) {
      throw fail(
        'PIPELINE_SCHEMA_MISMATCH',
        `The dataset names ${node.columns.length} columns, but its query gives ${query.columns.length}.`,
        node.range,
      );
    }
    const columns = query.columns.map((column, index): Column => {
      const { name, comment, notNull } = node.columns[index]!;
      return {
        name: name.name,
        type: typeText(column.type),
        nullable: !notNull,
        ...(comment === undefined ? {} : { comment }),
      };
    });
    return { columns, sources: positions };
  }
  if (typed.length !== node.columns.length)
    throw unsupported('Columns with and without a type in one list', node.range);
  const columns = columnsOf(node.columns);
  const sources = columns.map((column) => {
    const at = query.columns.findIndex((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase());
    if (at < 0)
      throw fail(
        'PIPELINE_SCHEMA_MISMATCH',
        `The dataset has a column ${column.name}, but its query gives none of this name.`,
        node.range,
      );
    return at;
  });
  const extra = query.columns.find((_, index) => !sources.includes(index));
  if (extra)
    throw fail(
      'PIPELINE_SCHEMA_MISMATCH',
      `The query gives a column ${extra.name} that the dataset does not have.`,
      node.range,
    );
  return { columns, sources };
}

/** The condition over the dataset's columns by their own names. */
function expectationText(
  condition: CreateDataset['expectations'][number]['condition'],
  columns: readonly Column[],
  state: PlanState,
): string {
  if (holdsSubquery(condition)) throw unsupported('A subquery in an expectation', condition.range);
  const scope = new Scope(
    columns.map(({ name, type, nullable }) => ({
      name,
      type: parseType(type),
      nullable,
      qualifier: [],
      sql: [ident(name)],
    })),
  );
  const context: Context = { state, environment: state.environment, ctes: new Map(), scope, clause: 'an expectation' };
  const typed = analyse(condition, context);
  if (typed.type.kind !== 'boolean') {
    throw fail(
      'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN',
      `The expectation "${typed.name}" must be of the type boolean, not ${typed.type.kind}.`,
      condition.range,
    );
  }
  return typed.sql.map((piece) => (typeof piece === 'string' ? piece : '')).join('');
}

/**
 * A streaming table reads exactly one stream, row by row: what needs more than the rows of one batch (aggregates, DISTINCT,
 * windows, order, limits, set operations) would give each batch's own answer, so it is refused.
 */
function checkStreams(query: Query, streaming: boolean, node: CreateDataset): void {
  const streams = streamsOf(query);
  if (!streaming) {
    if (streams[0]) {
      throw fail(
        'INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW',
        'A materialized view reads its sources whole: leave STREAM out, or make it a streaming table.',
        streams[0],
      );
    }
    return;
  }
  if (!streams[0]) {
    throw fail(
      'INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE',
      'A streaming table must read a stream, but its query reads only whole tables or files. Write STREAM in front of a source, for example FROM STREAM read_files(…), or make it a materialized view.',
      node.query!.range,
    );
  }
  if (streams[1]) throw unsupported('More than one stream in a query', streams[1]);
  walk(query, (child) => {
    const construct = statefulConstruct(child);
    if (construct)
      throw unsupported(
        `${construct} over a stream`,
        'range' in child ? (child.range as Range) : node.range,
        'Compute it in a materialized view over the streaming table.',
      );
    return undefined;
  });
}

/** Places of the STREAM sources below a node. */
function streamsOf(root: unknown): Range[] {
  const streams: Range[] = [];
  walk(root, (child) => {
    if ((child.kind === 'table' || child.kind === 'tableFunction') && 'stream' in child && child.stream) {
      streams.push(child.range);
    }
    return undefined;
  });
  return streams;
}

function statefulConstruct(node: Parameters<Parameters<typeof walk>[1]>[0]): string | null {
  switch (node.kind) {
    case 'query': {
      const { orderBy, orderByAll, limit, offset } = node as Query;
      if (orderBy.length || orderByAll) return 'ORDER BY';
      return limit || offset ? 'LIMIT' : null;
    }
    case 'select': {
      const select = node as Extract<Query['body'], { kind: 'select' }>;
      if (select.distinct) return 'DISTINCT';
      if (select.groupBy || select.items.some(holdsAggregate)) return 'An aggregate';
      return select.items.some(holdsWindow) || select.qualify ? 'A window function' : null;
    }
    case 'setOperation':
      return 'UNION, INTERSECT or EXCEPT';
    case 'join': {
      const { type, right } = node as Extract<Relation, { kind: 'join' }>;
      if (type === 'left') return streamsOf(right).length ? 'A left join with the stream on its right' : null;
      return type === 'inner' || type === 'cross' ? null : `A ${type} join`;
    }
    case 'inSubquery':
    case 'exists':
    case 'subquery':
      return 'A subquery in an expression';
    default:
      return null;
  }
}
