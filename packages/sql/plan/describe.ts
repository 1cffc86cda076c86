import type { CatalogTable, Column } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { analyseQuery } from '../analyse/query.ts';
import { wireColumn } from '../analyse/relation.ts';
import { Scope } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName, planTable, requireRead } from '../analyse/table.ts';
import type { Describe } from '../ast/index.ts';
import { catalogOf, partsOf, requireTable, schemaOf, schemaParts, tableOf, temporaryView } from './names.ts';
import { local, type Planned, stringColumn, tableName } from './planned.ts';

type Target = Describe['target'];

const describeColumns: Column[] = [
  { ...stringColumn('col_name'), nullable: false },
  { ...stringColumn('data_type'), nullable: false },
  stringColumn('comment'),
];
const infoColumns: Column[] = [stringColumn('info_name'), stringColumn('info_value')];
const row = (column: Column): unknown[] => [column.name, column.type, column.comment ?? null];

const typed = (columns: Record<string, string>): Column[] =>
  Object.entries(columns).map(([name, type]) => ({ name, type, nullable: true }));

/** Delta Lake's own columns of DESCRIBE HISTORY. */
const historyColumns = typed({
  version: 'bigint',
  timestamp: 'timestamp',
  userId: 'string',
  userName: 'string',
  operation: 'string',
  operationParameters: 'map<string,string>',
  job: 'struct<jobId:string,jobName:string,jobRunId:string,runId:string,jobOwnerId:string,triggerType:string>',
  notebook: 'struct<notebookId:string>',
  clusterId: 'string',
  readVersion: 'bigint',
  isolationLevel: 'string',
  isBlindAppend: 'boolean',
  operationMetrics: 'map<string,string>',
  userMetadata: 'string',
  engineInfo: 'string',
});

/** Delta Lake's own columns of DESCRIBE DETAIL. */
const detailColumns = typed({
  format: 'string',
  id: 'string',
  name: 'string',
  description: 'string',
  location: 'string',
  createdAt: 'timestamp',
  lastModified: 'timestamp',
  partitionColumns: 'array<string>',
  clusteringColumns: 'array<string>',
  numFiles: 'bigint',
  sizeInBytes: 'bigint',
  properties: 'map<string,string>',
  minReaderVersion: 'int',
  minWriterVersion: 'int',
  tableFeatures: 'array<string>',
});

export function planDescribe(node: Describe, state: PlanState): Planned {
  const { target } = node;
  switch (target.what) {
    case 'table':
      return describeTable(target, node, state);
    case 'history':
    case 'detail':
      return tableInfo(target, node, state);
    case 'query': {
      const query = analyseQuery(target.query, { state, environment: state.environment, ctes: new Map() });
      return local(
        state,
        describeColumns,
        query.columns.map((column) => row(wireColumn(column))),
      );
    }
    case 'schema': {
      const schema = schemaOf(state, ...schemaParts(state, target.name), target.name.range);
      const rows = [
        ['Catalog Name', schema.catalog],
        ['Namespace Name', schema.name],
        ['Comment', schema.comment ?? ''],
        ['Owner', schema.owner ?? ''],
      ];
      if (target.extended) rows.push(['Properties', propertiesText(schema.properties ?? {})]);
      return local(state, infoColumns, rows);
    }
    case 'catalog': {
      const catalog = catalogOf(state, partsOf(target.name).join('.'), target.name.range);
      return local(state, infoColumns, [
        ['Catalog Name', catalog.name],
        ['Comment', catalog.comment ?? ''],
        ['Owner', catalog.owner ?? ''],
      ]);
    }
    case 'volume': {
      const [catalog, schema, name] = fullName(target.name, state.environment);
      const volume = state.cache.volume(state.options.principal, catalog, schema, name);
      if (!volume)
        throw fail(
          'VOLUME_NOT_FOUND',
          `The volume ${quotedName([catalog, schema, name])} cannot be found, or you may not see it.`,
          node.range,
        );
      const columns = ['name', 'catalog', 'database', 'owner', 'volumeType', 'comment'].map(stringColumn);
      return local(state, columns, [
        [volume.name, volume.catalog, volume.schema, volume.owner ?? '', 'MANAGED', volume.comment ?? null],
      ]);
    }
    case 'function':
      throw unsupported('DESCRIBE FUNCTION', node.range);
  }
}

const propertiesText = (properties: Record<string, string>): string =>
  `(${Object.entries(properties)
    .map(([key, value]) => `(${key},${value})`)
    .join(', ')})`;

function describeTable(target: Extract<Target, { what: 'table' }>, node: Describe, state: PlanState): Planned {
  if (target.partition) throw unsupported('DESCRIBE … PARTITION', node.range);
  if (target.asJson) throw unsupported('DESCRIBE … AS JSON', node.range);
  const temporary = temporaryView(state, target.name);
  if (temporary) {
    if (target.column || target.extended)
      throw unsupported('DESCRIBE EXTENDED of a temporary view, or of its column', node.range);
    const query = analyseQuery(
      {
        kind: 'query',
        body: { kind: 'tableQuery', name: target.name, range: node.range },
        orderBy: [],
        sortBy: [],
        distributeBy: [],
        clusterBy: [],
        range: node.range,
      },
      { state, environment: state.environment, ctes: new Map() },
    );
    const rows = query.columns.map((column, index) =>
      row({ ...wireColumn(column), comment: temporary.columns?.[index]?.comment }),
    );
    return local(state, describeColumns, rows);
  }
  const table = tableOf(state, target.name);
  if (target.column)
    return describeColumn(
      target.column.parts.map((part) => part.name),
      table,
      target,
      node,
      state,
    );
  const rows = table.columns.map(row);
  if (table.partitionColumns.length) {
    rows.push(['# Partition Information', '', ''], ['# col_name', 'data_type', 'comment']);
    for (const name of table.partitionColumns) {
      const column = table.columns.find((candidate) => candidate.name === name);
      if (column) rows.push(row(column));
    }
  }
  if (target.extended) rows.push(...extendedRows(table));
  return local(state, describeColumns, rows);
}

function extendedRows(table: CatalogTable): unknown[][] {
  const rows: [string, string][] = [
    ['', ''],
    ['# Detailed Table Information', ''],
    ['Catalog', table.catalog],
    ['Database', table.schema],
    ['Table', table.name],
    ['Owner', table.owner],
    ['Created Time', new Date(table.createdAtMs).toISOString()],
    ['Type', table.kind],
  ];
  if (table.comment !== undefined) rows.push(['Comment', table.comment]);
  if (table.kind === 'VIEW') {
    rows.push(
      ['View Text', table.viewText ?? ''],
      ['View Catalog and Namespace', `${table.viewCatalog}.${table.viewSchema}`],
    );
  } else {
    rows.push(
      ['Provider', 'delta'],
      ['Location', table.location ?? ''],
      ['Table Properties', propertiesText(table.properties)],
    );
  }
  return rows.map(([name, value]) => [name, value, '']);
}

function describeColumn(
  parts: string[],
  table: CatalogTable,
  target: Extract<Target, { what: 'table' }>,
  node: Describe,
  state: PlanState,
): Planned {
  if (parts.length > 1 || target.extended)
    throw unsupported('DESCRIBE of a nested column, or EXTENDED of a column', node.range);
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === parts[0]!.toLowerCase());
  if (!column) {
    const scope = new Scope(
      table.columns.map(({ name, nullable }) => ({ name, nullable, qualifier: [], type: { kind: 'void' }, sql: [] })),
    );
    throw scope.unresolved(parts, target.column!.range);
  }
  return local(state, infoColumns, [
    ['col_name', column.name],
    ['data_type', column.type],
    ['comment', column.comment ?? 'NULL'],
  ]);
}

function tableInfo(target: Extract<Target, { what: 'history' | 'detail' }>, node: Describe, state: PlanState): Planned {
  const word = `DESCRIBE ${target.what.toUpperCase()}`;
  const temporary = temporaryView(state, target.name);
  const table = temporary ? undefined : tableOf(state, target.name);
  if (!table || table.kind === 'VIEW') {
    throw fail(
      'EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE',
      `${quotedName(partsOf(target.name))} is a view: ${word} needs a table.`,
      node.range,
    );
  }
  requireRead(state, state.environment, table);
  requireTable(state, table, 'SELECT');
  const limit = target.what === 'history' && target.limit ? limitOf(target.limit, state) : undefined;
  return {
    kind: 'plan',
    body: {
      kind: 'tableInfo',
      what: target.what,
      table: { ...planTable(table), needed: [], predicates: [] },
      columns: target.what === 'history' ? historyColumns : detailColumns,
      ...(limit === undefined ? {} : { limit }),
      ...(table.comment === undefined ? {} : { description: table.comment }),
    },
    requires: state.ownRequirements(),
    reads: [tableName(table)],
  };
}

function limitOf(limit: Parameters<typeof analyse>[0], state: PlanState): number {
  const { constant } = analyse(limit, {
    state,
    environment: state.environment,
    ctes: new Map(),
    scope: new Scope([]),
    clause: 'LIMIT',
  });
  if (typeof constant?.value !== 'bigint' || constant.value < 0n)
    throw unsupported('A LIMIT that is not a whole number', limit.range);
  return Number(constant.value);
}
