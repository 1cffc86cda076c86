import type { PlanBody, PlanQuery } from '@boathouse/contracts';
import { fail, unsupported } from '../analyse/errors.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Explain, Query, Statement } from '../ast/index.ts';
import { sparkQuery } from '../spark/index.ts';
import { planAlterTable } from './alter.ts';
import { planDescribe } from './describe.ts';
import { planImmediate } from './immediate.ts';
import { planInsert } from './insert.ts';
import { planAnalyze, planOptimize, planReorg, planRestore, planVacuum } from './maintain.ts';
import { planMerge } from './merge.ts';
import { planDelete, planTruncate, planUpdate } from './modify.ts';
import {
  planComment,
  planCreateCatalog,
  planCreateSchema,
  planCreateVolume,
  planDropNamespace,
  planGrant,
  planUse,
} from './namespaces.ts';
import { type Planned, resultQuery, stringColumn } from './planned.ts';
import { planCreateFunction, planDropFunction } from './routines.ts';
import { planSet } from './session.ts';
import { planShow } from './show.ts';
import { planCreateTable, planDropTable } from './tables.ts';
import { assignment, planDeclare, planDropVariable, planSetVariable } from './variables.ts';
import { planAlterView, planCreateView } from './views.ts';

type Kind = Statement['kind'];
type Rule<K extends Kind> = (node: Extract<Statement, { kind: K }>, state: PlanState, text: string) => Planned;

/** How each kind of statement is planned; a missing kind is a compile error. */
const rules: { [K in Kind]: Rule<K> } = {
  queryStatement: ({ query }, state, text) => {
    const { into } = state.options.statement ?? {};
    if (into) {
      const analysed = analyseQuery(query, { state, environment: state.environment, ctes: new Map() });
      return assignment(analysed, into, state, query);
    }
    return {
      kind: 'plan',
      body: { kind: 'query', query: queryPlan(query, text, state) },
      requires: state.ownRequirements(),
      reads: [...state.reads],
    };
  },
  insert: planInsert,
  createTable: planCreateTable,
  createView: (node, state, text) => planCreateView(node, text, state),
  createDataset: ({ dataset, range }) => {
    const name = dataset === 'streamingTable' ? 'CREATE STREAMING TABLE' : 'CREATE MATERIALIZED VIEW';
    throw unsupported(`${name} outside of a pipeline`, range, 'Write it in a pipeline cell and run the pipeline.');
  },
  createFlow: ({ range }) => {
    throw unsupported('CREATE FLOW outside of a pipeline', range, 'Write it in a pipeline cell and run the pipeline.');
  },
  refresh: ({ range }) => {
    throw unsupported('REFRESH', range, 'Run the pipeline of the dataset.');
  },
  createSchema: planCreateSchema,
  createCatalog: planCreateCatalog,
  createVolume: planCreateVolume,
  drop: (node, state) =>
    node.what === 'catalog' || node.what === 'schema' || node.what === 'volume'
      ? planDropNamespace(node, state)
      : planDropTable(node, state),
  describe: planDescribe,
  show: planShow,
  use: planUse,
  set: planSet,
  grant: planGrant,
  revoke: planGrant,
  commentOn: planComment,
  delete: planDelete,
  update: planUpdate,
  merge: planMerge,
  truncate: planTruncate,
  alterTable: planAlterTable,
  alterViewQuery: (node, state, text) => planAlterView(node, text, state),
  optimize: planOptimize,
  vacuum: planVacuum,
  restore: planRestore,
  reorg: planReorg,
  analyze: planAnalyze,
  explain: (node, state, text) => explained(planParsed(node.statement, state, text), node),
  declareVariable: planDeclare,
  setVariable: planSetVariable,
  dropVariable: planDropVariable,
  executeImmediate: planImmediate,
  createFunction: planCreateFunction,
  dropFunction: planDropFunction,
  script: ({ range }, state, text) => {
    if (state.options.statement?.immediate)
      throw fail('SQL_SCRIPT_IN_EXECUTE_IMMEDIATE', 'EXECUTE IMMEDIATE cannot run a script.', range);
    return {
      kind: 'plan',
      body: { kind: 'script', text: text.slice(range.start, range.end) },
      requires: [],
      reads: [],
    };
  },
  unsupported: ({ construct, range }) => {
    throw unsupported(construct, range);
  },
};

/** The plan of a query for the engine that is asked for. */
export function queryPlan(query: Query, text: string, state: PlanState): PlanQuery {
  if (state.options.engine === 'spark') return sparkQuery(query, text, state);
  return resultQuery(analyseQuery(query, { state, environment: state.environment, ctes: new Map() }), state);
}

/** Statements that change rows where they lie: Spark's own commits could overwrite those of others. */
const embeddedOnly: Partial<Record<Kind, string>> = {
  delete: 'DELETE',
  update: 'UPDATE',
  merge: 'MERGE',
  truncate: 'TRUNCATE TABLE',
  optimize: 'OPTIMIZE',
  reorg: 'REORG TABLE',
  explain: 'EXPLAIN',
};

export function planParsed(statement: Statement, state: PlanState, text: string): Planned {
  const construct = embeddedOnly[statement.kind];
  if (construct && state.options.engine === 'spark')
    throw unsupported(`${construct} on an attached Spark`, statement.range, 'Run it on the embedded engine.');
  if (state.options.statement?.into && statement.kind !== 'queryStatement') {
    throw fail(
      'INVALID_STATEMENT_FOR_EXECUTE_INTO',
      'INTO takes the row of a query, and this is none.',
      statement.range,
    );
  }
  const rule = rules[statement.kind] as (node: Statement, state: PlanState, text: string) => Planned;
  return rule(statement, state, text);
}

/** EXPLAIN: the statement's own plan and rights, but only what it would read is told. */
function explained(planned: Planned, { range, mode }: Explain): Planned {
  if (mode === 'codegen') throw unsupported('EXPLAIN CODEGEN', range, 'Leave CODEGEN out.');
  const plan = (body: Omit<Extract<PlanBody, { kind: 'explain' }>, 'kind' | 'columns'>): Planned => ({
    kind: 'plan',
    body: { kind: 'explain', columns: [stringColumn('plan')], ...body },
    requires: planned.requires,
    reads: planned.kind === 'command' ? [] : planned.reads,
  });
  if (planned.kind === 'createTable' && planned.query)
    return plan({
      statement: 'CREATE TABLE AS SELECT',
      tables: planned.query.tables,
      engineText: planned.query.engineText,
    });
  if (planned.kind === 'plan') {
    const { body } = planned;
    switch (body.kind) {
      case 'query':
        return plan({ statement: 'SELECT', tables: body.query.tables, engineText: body.query.engineText });
      case 'insert':
        return plan({ statement: 'INSERT', tables: body.query.tables, engineText: body.query.engineText });
      case 'delete':
      case 'update':
      case 'merge':
        return plan({ statement: body.kind.toUpperCase(), tables: body.tables });
    }
  }
  throw unsupported(
    'EXPLAIN of this statement',
    range,
    'A query, CREATE TABLE AS, INSERT, DELETE, UPDATE and MERGE can be explained.',
  );
}
