import type { CatalogCatalog, CatalogSchema, CatalogTable, Privilege, SecurableKind } from '@boathouse/contracts';
import { fail, quotedName, type Range } from '../analyse/errors.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName, requireParents, tableNotFound } from '../analyse/table.ts';
import type { Name } from '../ast/index.ts';
import { tableName } from './planned.ts';

export const partsOf = (name: Name): string[] => name.parts.map((part) => part.name);

export function requireOn(state: PlanState, kind: SecurableKind, id: string, full: string, privilege: Privilege): void {
  state.require(state.options.principal, { kind, id, fullName: full, privilege });
}

/** A catalog that the principal sees, with USE CATALOG. Throws CATALOG_NOT_FOUND. */
export function catalogOf(state: PlanState, name: string, range: Range): CatalogCatalog {
  const found = state.cache.catalog(state.options.principal, name);
  if (!found) {
    throw fail('CATALOG_NOT_FOUND', `The catalog ${quotedName([name])} cannot be found, or you may not see it.`, range);
  }
  requireOn(state, 'catalog', found.id, found.name, 'USE CATALOG');
  return found;
}

/** `catalog.schema` of one or two parts. */
export function schemaParts(state: PlanState, name: Name): [string, string] {
  const parts = partsOf(name);
  if (parts.length > 2) {
    throw fail(
      'REQUIRES_SINGLE_PART_NAMESPACE',
      `${quotedName(parts)} is no name of a schema: write catalog.schema.`,
      name.range,
    );
  }
  return parts.length === 1 ? [state.session.catalog, parts[0]!] : [parts[0]!, parts[1]!];
}

export function schemaNotFound(parts: readonly string[], range: Range): Error {
  return fail('SCHEMA_NOT_FOUND', `The schema ${quotedName(parts)} cannot be found, or you may not see it.`, range);
}

/** A schema that the principal sees, with USE CATALOG and USE SCHEMA. Throws SCHEMA_NOT_FOUND. */
export function schemaOf(state: PlanState, catalog: string, name: string, range: Range): CatalogSchema {
  const found = state.cache.schema(state.options.principal, catalog, name);
  if (!found) throw schemaNotFound([catalog, name], range);
  requireParents(state, state.environment, found.catalog, found.name);
  return found;
}

/** A table or view by name; null where it is not there (or not to be seen). */
export function findTable(state: PlanState, name: Name): CatalogTable | null {
  return state.cache.table(state.options.principal, ...fullName(name, state.environment));
}

/** A table or view with the way to it. Throws TABLE_OR_VIEW_NOT_FOUND. */
export function tableOf(state: PlanState, name: Name): CatalogTable {
  const found = findTable(state, name);
  if (!found) throw tableNotFound(partsOf(name), name.range);
  requireParents(state, state.environment, found.catalog, found.schema);
  return found;
}

export function requireTable(state: PlanState, table: CatalogTable, privilege: Privilege): void {
  requireOn(state, 'table', table.id, tableName(table), privilege);
}

/** The one-part name of a temporary view of the session. */
export const temporaryView = (state: PlanState, name: Name) =>
  name.parts.length === 1 ? state.session.tempViews[name.parts[0]!.name.toLowerCase()] : undefined;
