import type { Column } from '@boathouse/contracts';
import { fail, unsupported } from '../analyse/errors.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Name, Show } from '../ast/index.ts';
import { partsOf, schemaOf, schemaParts, tableOf, temporaryView } from './names.ts';
import { securableOf } from './namespaces.ts';
import { local, type Planned, stringColumn } from './planned.ts';

type Target = Show['target'];
/** The form of a target; several targets share one form. */
type TargetOf<W> = Target extends infer T ? (T extends { what: infer U } ? (W extends U ? T : never) : never) : never;
type Rule<W extends Target['what']> = (target: TargetOf<W>, state: PlanState, node: Show) => Planned;

const column = (name: string, type = 'string'): Column => ({ ...stringColumn(name), type, nullable: false });

/** SHOW's pattern: `*` stands for anything, `|` divides alternatives, case does not matter. */
function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern
    .trim()
    .split('|')
    .map((part) => part.trim().split('*').map(escaped).join('.*'));
  const expression = new RegExp(`^(?:${parts.join('|')})$`, 'is');
  return (name) => expression.test(name);
}
const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
const sorted = <T extends { name: string }>(items: readonly T[], like?: string): T[] => {
  const matches = matcher(like);
  return items.filter(({ name }) => matches(name)).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
};

function inSchema(state: PlanState, name: Name | undefined, node: Show) {
  const [catalog, schema] = name ? schemaParts(state, name) : [state.session.catalog, state.session.schema];
  return schemaOf(state, catalog, schema, name?.range ?? node.range);
}

const rules: { [W in Target['what']]: Rule<W> } = {
  catalogs: ({ like }, state) => {
    const found = sorted(state.cache.listCatalogs(state.options.principal), like);
    return local(
      state,
      [column('catalog')],
      found.map(({ name }) => [name]),
    );
  },
  schemas: (target, state, node) => {
    const catalog = target.in ? partsOf(target.in).join('.') : state.session.catalog;
    const { principal } = state.options;
    if (!state.cache.catalog(principal, catalog))
      throw fail('CATALOG_NOT_FOUND', `The catalog \`${catalog}\` cannot be found, or you may not see it.`, node.range);
    const found = sorted(state.cache.listSchemas(principal, catalog), target.like);
    return local(
      state,
      [column('namespace')],
      found.map(({ name }) => [name]),
    );
  },
  tables: (target, state, node) => relations('tableName', () => true, target, state, node),
  views: (target, state, node) => relations('viewName', (kind) => kind === 'VIEW', target, state, node),
  volumes: (target, state, node) => {
    const schema = inSchema(state, target.in, node);
    const found = sorted(state.cache.listVolumes(state.options.principal, schema.catalog, schema.name), target.like);
    return local(
      state,
      [column('database'), column('volume_name')],
      found.map(({ name }) => [schema.name, name]),
    );
  },
  columns: (target, state, node) => {
    if (target.in && target.table.parts.length > 1) throw unsupported('SHOW COLUMNS with two schemas', node.range);
    const temporary = target.in ? undefined : temporaryView(state, target.table);
    if (temporary) {
      if (!temporary.columns) throw unsupported('SHOW COLUMNS of this temporary view', node.range, 'Use DESCRIBE.');
      return local(
        state,
        [column('col_name')],
        temporary.columns.map(({ name }) => [name]),
      );
    }
    const name = target.in ? { ...target.table, parts: [...target.in.parts, ...target.table.parts] } : target.table;
    return local(
      state,
      [column('col_name')],
      tableOf(state, name).columns.map((found) => [found.name]),
    );
  },
  tblproperties: ({ table: name, key }, state, node) => {
    const table = tableOf(state, name);
    const columns = [column('key'), column('value')];
    if (key !== undefined) {
      const full = `${table.catalog}.${table.schema}.${table.name}`;
      const value = table.properties[key] ?? `Table ${full} does not have property: ${key}`;
      return local(state, columns, [[key, value]]);
    }
    // The list holds the protocol versions of the log too, which only the data plane knows.
    throw unsupported('SHOW TBLPROPERTIES without a key', node.range, 'Use DESCRIBE DETAIL, or name the key.');
  },
  grants: ({ principal, on }, state) => {
    const securable = securableOf(on, state);
    const grants = state.cache.grants(state.options.principal, securable.kind, securable.fullName);
    const rows = grants
      .filter((grant) => principal === undefined || grant.principal === principal)
      .map((grant) => [grant.principal, grant.privilege, grant.kind.toUpperCase(), grant.fullName]);
    return local(
      state,
      ['Principal', 'ActionType', 'ObjectType', 'ObjectKey'].map((name) => column(name)),
      rows,
    );
  },
  tableExtended: (_target, _state, node) => refused('SHOW TABLE EXTENDED', node),
  functions: (_target, _state, node) => refused('SHOW FUNCTIONS', node),
  createTable: ({ table }, state, node) => {
    tableOf(state, table);
    return refused('SHOW CREATE TABLE', node);
  },
  partitions: (_target, _state, node) => refused('SHOW PARTITIONS', node),
};

function refused(construct: string, node: Show): never {
  throw unsupported(construct, node.range);
}

/** Tables or views of a schema, then the session's temporary views (which belong to no schema). */
function relations(
  label: string,
  wanted: (kind: string) => boolean,
  target: { in?: Name; like?: string },
  state: PlanState,
  node: Show,
): Planned {
  const schema = inSchema(state, target.in, node);
  const stored = sorted(state.cache.listTables(state.options.principal, schema.catalog, schema.name), target.like);
  const temporary = sorted(Object.values(state.session.tempViews), target.like);
  const rows = [
    ...stored.filter(({ kind }) => wanted(kind)).map(({ name }) => [schema.name, name, false]),
    ...temporary.map(({ name }) => ['', name, true]),
  ];
  return local(state, [column('namespace'), column(label), column('isTemporary', 'boolean')], rows);
}

export function planShow(node: Show, state: PlanState): Planned {
  const rule = rules[node.target.what] as (target: Target, state: PlanState, node: Show) => Planned;
  return rule(node.target, state, node);
}
