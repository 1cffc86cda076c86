import type { CatalogTable, Column } from '@boathouse/contracts';
import { fail, unsupported } from '../analyse/errors.ts';
import type { PlanState } from '../analyse/state.ts';
import { pointInTime, requireRead } from '../analyse/table.ts';
import type { CreateTable } from '../ast/index.ts';
import { checkClauses, propertiesOf } from './definition.ts';
import { partsOf, tableOf, temporaryView } from './names.ts';
import { local, type Planned, tableName } from './planned.ts';
import { contextOf } from './target.ts';

/** The answer of CLONE, as Delta Lake names it. */
export const cloneColumns: Column[] = [
  'source_table_size',
  'source_num_of_files',
  'num_removed_files',
  'num_copied_files',
  'removed_files_size',
  'copied_files_size',
].map((name) => ({ name, type: 'bigint', nullable: true }));

type Planning = Extract<Planned, { kind: 'createTable' }>;

/** What CREATE TABLE … LIKE and CLONE take over from a table that the principal may read. */
export function modelOf(name: NonNullable<CreateTable['like']>, word: string, state: PlanState): CatalogTable {
  const table = temporaryView(state, name) ? undefined : tableOf(state, name);
  if (!table || table.kind === 'VIEW')
    throw fail(
      word === 'CLONE' ? 'DELTA_CLONE_UNSUPPORTED_SOURCE' : 'UNSUPPORTED_FEATURE',
      `${word} takes a table, and ${partsOf(name).join('.')} is a view. Use CREATE TABLE … AS SELECT.`,
      name.range,
    );
  requireRead(state, state.environment, table);
  return table;
}

/** CREATE TABLE c [SHALLOW | DEEP] CLONE t [VERSION | TIMESTAMP AS OF …] [TBLPROPERTIES (…)]. */
export function clonePlan(
  node: CreateTable,
  clone: NonNullable<CreateTable['clone']>,
  place: Pick<Planning, 'catalog' | 'schema' | 'name'>,
  state: PlanState,
): Planned {
  const { range, clauses } = node;
  checkClauses(clauses, range);
  if (clauses.comment !== undefined || clauses.clusterBy || clauses.partitionedBy.length)
    throw unsupported('A clause other than TBLPROPERTIES beside CLONE', range, 'The clone is as its source is.');
  const source = modelOf(clone.source, 'CLONE', state);
  const properties = propertiesOf(clauses);
  const full = tableName(source);
  state.reads.add(full);
  const at = clone.timeTravel ? pointInTime(clone.timeTravel, contextOf(state, [], 'AS OF')) : {};
  return {
    kind: 'createTable',
    ...place,
    columns: source.columns,
    partitionColumns: source.partitionColumns,
    properties: { ...source.properties, ...properties },
    ...(source.comment === undefined ? {} : { comment: source.comment }),
    ifNotExists: node.ifNotExists,
    orReplace: node.orReplace,
    clone: {
      tableId: source.id,
      fullName: full,
      location: source.location ?? '',
      shallow: clone.shallow,
      properties,
      columns: cloneColumns,
      ...at,
    },
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

/** CLONE IF NOT EXISTS of a table that is there. */
export const noClone = (state: PlanState): Planned => local(state, cloneColumns, []);
