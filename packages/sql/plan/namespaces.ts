import { Privilege, type SecurableKind } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName } from '../analyse/table.ts';
import type {
  CommentOn,
  CreateCatalog,
  CreateSchema,
  CreateVolume,
  Drop,
  GrantOrRevoke,
  SecurableRef,
  Use,
} from '../ast/index.ts';
import { commentInLog } from './alter.ts';
import { catalogOf, partsOf, requireOn, schemaNotFound, schemaOf, schemaParts, tableOf } from './names.ts';
import { nothing, type Planned, tableName } from './planned.ts';
import { changedTable } from './target.ts';

/** The metastore is one for the installation; its privileges are checked by this id. */
export const metastore = { id: 'metastore', name: 'metastore' };

const single = (node: { name: Use['name'] }): string => {
  const parts = partsOf(node.name);
  if (parts.length !== 1)
    throw fail('PARSE_SYNTAX_ERROR', `A catalog has a name of one part, not ${quotedName(parts)}.`, node.name.range);
  return parts[0]!;
};

export function planCreateCatalog(node: CreateCatalog, state: PlanState): Planned {
  if (node.managedLocation !== undefined) throw unsupported('MANAGED LOCATION', node.range);
  const name = single(node);
  const { principal } = state.options;
  const existing = state.cache.catalog(principal, name);
  if (existing) {
    if (node.ifNotExists) return nothing(state);
    throw fail(
      'CATALOG_ALREADY_EXISTS',
      `The catalog ${quotedName([existing.name])} is there already.`,
      node.name.range,
    );
  }
  requireOn(state, 'metastore', metastore.id, metastore.name, 'CREATE CATALOG');
  return command(state, {
    command: 'createCatalog',
    name: name.toLowerCase(),
    ifNotExists: node.ifNotExists,
    ...comment(node),
  });
}

const comment = (node: { comment?: string }) => (node.comment === undefined ? {} : { comment: node.comment });

const command = (state: PlanState, value: Extract<Planned, { kind: 'command' }>['command']): Planned => ({
  kind: 'command',
  command: value,
  requires: state.ownRequirements(),
});

export function planCreateSchema(node: CreateSchema, state: PlanState): Planned {
  if (node.location !== undefined || node.managedLocation !== undefined)
    throw unsupported('LOCATION of a schema', node.range, 'Leave it out.');
  const [catalogName, name] = schemaParts(state, node.name);
  const catalog = catalogOf(state, catalogName, node.name.range);
  if (state.cache.schema(state.options.principal, catalog.name, name)) {
    if (node.ifNotExists) return nothing(state);
    throw fail(
      'SCHEMA_ALREADY_EXISTS',
      `The schema ${quotedName([catalog.name, name])} is there already. Choose another name, or use IF NOT EXISTS.`,
      node.name.range,
    );
  }
  requireOn(state, 'catalog', catalog.id, catalog.name, 'CREATE SCHEMA');
  const properties = Object.fromEntries(node.properties.map(({ key, value }) => [key, value ?? '']));
  return command(state, {
    command: 'createSchema',
    catalog: catalog.name,
    name: name.toLowerCase(),
    ifNotExists: node.ifNotExists,
    ...comment(node),
    ...(node.properties.length ? { properties } : {}),
  });
}

export function planCreateVolume(node: CreateVolume, state: PlanState): Planned {
  if (node.external || node.location !== undefined)
    throw unsupported('An external volume', node.range, 'Create a managed volume: leave EXTERNAL and LOCATION out.');
  const [catalog, schemaName, name] = fullName(node.name, state.environment);
  const schema = schemaOf(state, catalog, schemaName, node.name.range);
  if (state.cache.volume(state.options.principal, schema.catalog, schema.name, name)) {
    if (node.ifNotExists) return nothing(state);
    throw fail(
      'VOLUME_ALREADY_EXISTS',
      `The volume ${quotedName([schema.catalog, schema.name, name])} is there already.`,
      node.name.range,
    );
  }
  requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, 'CREATE VOLUME');
  return command(state, {
    command: 'createVolume',
    catalog: schema.catalog,
    schema: schema.name,
    name,
    ifNotExists: node.ifNotExists,
    ...comment(node),
  });
}

export function planDropNamespace(node: Drop, state: PlanState): Planned {
  const { principal } = state.options;
  if (node.what === 'catalog') {
    const name = single(node);
    if (!state.cache.catalog(principal, name) && node.ifExists) return nothing(state);
    const catalog = catalogOf(state, name, node.name.range);
    requireOn(state, 'catalog', catalog.id, catalog.name, 'MANAGE');
    return command(state, {
      command: 'dropCatalog',
      name: catalog.name,
      ifExists: node.ifExists,
      cascade: node.cascade,
    });
  }
  if (node.what === 'schema') {
    const [catalogName, name] = schemaParts(state, node.name);
    if (!state.cache.schema(principal, catalogName, name)) {
      if (node.ifExists) return nothing(state);
      throw schemaNotFound([catalogName, name], node.name.range);
    }
    const schema = schemaOf(state, catalogName, name, node.name.range);
    requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, 'MANAGE');
    return command(state, {
      command: 'dropSchema',
      catalog: schema.catalog,
      name: schema.name,
      ifExists: node.ifExists,
      cascade: node.cascade,
    });
  }
  const [catalog, schemaName, name] = fullName(node.name, state.environment);
  const volume = state.cache.volume(principal, catalog, schemaName, name);
  if (!volume) {
    if (node.ifExists) return nothing(state);
    throw fail(
      'VOLUME_NOT_FOUND',
      `The volume ${quotedName([catalog, schemaName, name])} cannot be found, or you may not see it.`,
      node.name.range,
    );
  }
  schemaOf(state, catalog, schemaName, node.name.range);
  requireOn(state, 'volume', volume.id, `${volume.catalog}.${volume.schema}.${volume.name}`, 'MANAGE');
  return command(state, {
    command: 'dropVolume',
    catalog: volume.catalog,
    schema: volume.schema,
    name: volume.name,
    ifExists: node.ifExists,
  });
}

/** USE CATALOG c, USE [SCHEMA] s, USE c.s: the session's current names. */
export function planUse(node: Use, state: PlanState): Planned {
  const { principal } = state.options;
  const parts = partsOf(node.name);
  if (node.what === 'catalog') {
    const catalog = catalogOf(state, single(node), node.name.range);
    return nothing(state, { ...state.session, catalog: catalog.name, schema: 'default' });
  }
  const [catalogName, name] = schemaParts(state, node.name);
  if (node.what === 'any' && parts.length === 1 && !state.cache.schema(principal, catalogName, name)) {
    const catalog = state.cache.catalog(principal, name);
    if (catalog) {
      requireOn(state, 'catalog', catalog.id, catalog.name, 'USE CATALOG');
      return nothing(state, { ...state.session, catalog: catalog.name, schema: 'default' });
    }
  }
  const schema = schemaOf(state, catalogName, name, node.name.range);
  return nothing(state, { ...state.session, catalog: schema.catalog, schema: schema.name });
}

/** The securable that GRANT, REVOKE, SHOW GRANTS and COMMENT ON name. */
export function securableOf(
  node: SecurableRef,
  state: PlanState,
): { kind: SecurableKind; id: string; fullName: string } {
  switch (node.what) {
    case 'metastore':
      return { kind: 'metastore', id: metastore.id, fullName: metastore.name };
    case 'catalog': {
      const catalog = catalogOf(state, partsOf(node.name!).join('.'), node.range);
      return { kind: 'catalog', id: catalog.id, fullName: catalog.name };
    }
    case 'schema': {
      const schema = schemaOf(state, ...schemaParts(state, node.name!), node.range);
      return { kind: 'schema', id: schema.id, fullName: `${schema.catalog}.${schema.name}` };
    }
    case 'table':
    case 'view':
    case 'materializedView':
    case 'streamingTable':
    case 'any': {
      const table = tableOf(state, node.name!);
      return { kind: 'table', id: table.id, fullName: tableName(table) };
    }
    case 'volume': {
      const [catalog, schema, name] = fullName(node.name!, state.environment);
      const volume = state.cache.volume(state.options.principal, catalog, schema, name);
      if (!volume)
        throw fail(
          'VOLUME_NOT_FOUND',
          `The volume ${quotedName([catalog, schema, name])} cannot be found, or you may not see it.`,
          node.range,
        );
      schemaOf(state, catalog, schema, node.range);
      return { kind: 'volume', id: volume.id, fullName: `${volume.catalog}.${volume.schema}.${volume.name}` };
    }
    case 'function':
    case 'other':
      throw unsupported(
        `A privilege on ${node.written}`,
        node.range,
        'There are CATALOG, SCHEMA, TABLE, VIEW, VOLUME and METASTORE.',
      );
  }
}

const synonyms: Record<string, string> = {
  ALL: 'ALL PRIVILEGES',
  USAGE: 'USE SCHEMA',
  READ: 'READ VOLUME',
  WRITE: 'WRITE VOLUME',
};

export function planGrant(node: GrantOrRevoke, state: PlanState): Planned {
  const privileges = node.privileges.map((written) => {
    const parsed = Privilege.safeParse(synonyms[written] ?? written);
    if (parsed.success) return parsed.data;
    throw fail(
      'UNSUPPORTED_PRIVILEGE',
      `The privilege ${written} does not exist here. There are ${Privilege.options.join(', ')}.`,
      node.range,
    );
  });
  const securable = securableOf(node.on, state);
  requireOn(state, securable.kind, securable.id, securable.fullName, 'MANAGE');
  return command(state, {
    command: node.kind,
    privileges,
    kind: securable.kind,
    fullName: securable.fullName,
    principal: node.principal,
  });
}

export function planComment(node: CommentOn, state: PlanState): Planned {
  if (node.on.what === 'column') {
    const parts = node.on.name.parts;
    const table = changedTable({ ...node.on.name, parts: parts.slice(0, -1) }, 'COMMENT ON COLUMN', state);
    return commentInLog(table, [parts.at(-1)!.name], node.comment, state);
  }
  if (node.on.what === 'table' || node.on.what === 'any') {
    const table = tableOf(state, node.on.name!);
    if (table.kind === 'MANAGED') return commentInLog(table, null, node.comment, state);
  }
  const securable = securableOf(node.on, state);
  requireOn(state, securable.kind, securable.id, securable.fullName, 'MANAGE');
  return command(state, {
    command: 'comment',
    kind: securable.kind,
    fullName: securable.fullName,
    // Spark keeps an empty text where a comment is taken away.
    comment: node.comment ?? '',
  });
}
