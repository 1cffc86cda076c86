import type { Column, PlanQuery } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { AnalysedQuery } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName, tableNotFound } from '../analyse/table.ts';
import type { CreateTable, Drop, Query } from '../ast/index.ts';
import { sparkRows } from '../spark/index.ts';
import { clonePlan, modelOf, noClone } from './clone.ts';
import { ruledColumns } from './column-rules.ts';
import {
  checkClauses,
  checkColumnNames,
  checkStorable,
  clusteringOf,
  isMapped,
  partitionsOf,
  propertiesOf,
} from './definition.ts';
import { findTable, partsOf, requireOn, requireTable, schemaOf, tableOf, temporaryView } from './names.ts';
import { nothing, type Planned, tableName } from './planned.ts';
import { assigned } from './write.ts';

/** CREATE TABLE, with or without a query; always a managed Delta table. */
export function planCreateTable(node: CreateTable, state: PlanState, text: string): Planned {
  const { range } = node;
  if (node.external) throw unsupported('CREATE EXTERNAL TABLE', range, 'Create a managed table.');
  if (node.temporary) throw unsupported('CREATE TEMPORARY TABLE', range, 'Create a temporary view.');
  if (node.constraints.length) throw unsupported('A table constraint', node.constraints[0]!.range);
  checkClauses(node.clauses, range);
  const [catalog, schemaName, name] = fullName(node.name, state.environment);
  const schema = schemaOf(state, catalog, schemaName, node.name.range);
  const existing = findTable(state, node.name);
  if (existing) {
    if (node.ifNotExists) return node.clone ? noClone(state) : nothing(state);
    if (!node.orReplace) {
      throw fail(
        'TABLE_OR_VIEW_ALREADY_EXISTS',
        `The table or view ${tableName(existing)} is there already. Choose another name, or use IF NOT EXISTS or CREATE OR REPLACE.`,
        node.name.range,
      );
    }
    if (existing.kind === 'VIEW')
      throw fail(
        'EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE',
        `${tableName(existing)} is a view: drop it first.`,
        node.name.range,
      );
    if (existing.kind !== 'MANAGED') throw unsupported('Replacing a dataset of a pipeline', node.name.range);
    requireTable(state, existing, 'MANAGE');
  }
  requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, 'CREATE TABLE');
  const place = { catalog: schema.catalog, schema: schema.name, name };
  if (node.clone) return clonePlan(node, node.clone, place, state);
  if (node.like) return likePlan(node, node.like, place, state);
  const query = node.query && analyseQuery(node.query, { state, environment: state.environment, ctes: new Map() });
  if (query && node.columns.some((column) => column.type)) {
    throw unsupported('A column list with types beside AS SELECT', range, 'Cast in the query.');
  }
  const columns = query ? queryColumns(query, node) : ruledColumns(node.columns, text, state);
  if (columns.length === 0) throw unsupported('A table without columns', range, 'Give it columns, or AS SELECT.');
  const properties = propertiesOf(node.clauses);
  const clustering = clusteringOf(node.clauses, columns, range);
  checkColumnNames(
    columns.map((column) => column.name),
    range,
    isMapped(properties),
  );
  return {
    kind: 'createTable',
    catalog: schema.catalog,
    schema: schema.name,
    name,
    columns,
    partitionColumns: partitionsOf(node.clauses, columns, range),
    properties,
    ...(clustering.length ? { clusterBy: clustering } : {}),
    ...(node.clauses.comment === undefined ? {} : { comment: node.clauses.comment }),
    ifNotExists: node.ifNotExists,
    orReplace: node.orReplace,
    ...(query && node.query ? { query: rowsOf(query, node.query, columns, text, state) } : {}),
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

function rowsOf(query: AnalysedQuery, node: Query, columns: Column[], text: string, state: PlanState): PlanQuery {
  const sources = columns.map((_, index) => index);
  if (state.options.engine !== 'spark') return assigned(query, columns, sources, state, node.range);
  const width = query.columns.length;
  return sparkRows({ query: node, width, columns, sources, fixed: [], defaults: new Map() }, text, state);
}

/** CREATE TABLE t LIKE s: the columns and partitions of s, without its rows, properties and constraints, as in Spark. */
function likePlan(
  node: CreateTable,
  like: NonNullable<CreateTable['like']>,
  place: { catalog: string; schema: string; name: string },
  state: PlanState,
): Planned {
  const model = modelOf(like, 'CREATE TABLE … LIKE', state);
  state.reads.add(tableName(model));
  return {
    kind: 'createTable',
    ...place,
    columns: model.columns,
    partitionColumns: model.partitionColumns,
    properties: propertiesOf(node.clauses),
    ...(model.comment === undefined ? {} : { comment: model.comment }),
    ifNotExists: node.ifNotExists,
    orReplace: node.orReplace,
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

function queryColumns(query: AnalysedQuery, node: CreateTable): Column[] {
  if (node.columns.length)
    throw unsupported('A column list beside AS SELECT', node.range, 'Name the columns in the query.');
  return query.columns.map((column) => {
    checkStorable(column.type, column.name, node.range);
    return { name: column.name, type: typeText(column.type), nullable: true };
  });
}

/** DROP TABLE (which drops views too, as in Spark), DROP VIEW, DROP MATERIALIZED VIEW, DROP STREAMING TABLE. */
export function planDropTable(node: Drop, state: PlanState): Planned {
  const view = node.what === 'view';
  const temporary = temporaryView(state, node.name);
  if (temporary) {
    const { [temporary.name.toLowerCase()]: _dropped, ...tempViews } = state.session.tempViews;
    return nothing(state, { ...state.session, tempViews });
  }
  if (!findTable(state, node.name)) {
    if (node.ifExists) return nothing(state);
    throw tableNotFound(partsOf(node.name), node.name.range);
  }
  const table = tableOf(state, node.name);
  if (view && table.kind !== 'VIEW' && table.kind !== 'MATERIALIZED_VIEW') {
    throw fail(
      'EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE',
      `${quotedName(partsOf(node.name))} is a table. Use DROP TABLE.`,
      node.name.range,
    );
  }
  requireTable(state, table, 'MANAGE');
  return {
    kind: 'command',
    command: {
      command: table.kind === 'VIEW' ? 'dropView' : 'dropTable',
      catalog: table.catalog,
      schema: table.schema,
      name: table.name,
      ifExists: node.ifExists,
    },
    requires: state.ownRequirements(),
  };
}
