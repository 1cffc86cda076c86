import {
  type CatalogCatalog,
  type CatalogCommand,
  type CatalogFunction,
  type CatalogReader,
  type CatalogSchema,
  type CatalogTable,
  type CatalogVolume,
  type Grant,
  type InferFilesAnswer,
  type Principal,
  type TableWrite,
  userError,
} from '@boathouse/contracts';

export const admin: Principal = { userId: 'admin', name: 'admin@example.com', admin: true };

const key = (...parts: string[]) => parts.join('\0').toLowerCase();

/** A catalog in memory with one administrator, who may do everything: for recording answers without a server. */
export class MemoryCatalog implements CatalogReader {
  private readonly catalogs = new Map<string, CatalogCatalog>();
  private readonly schemas = new Map<string, CatalogSchema>();
  private readonly tables = new Map<string, CatalogTable>();
  private readonly functions = new Map<string, Extract<CatalogCommand, { command: 'createFunction' }>>();
  private ids = 0;

  constructor() {
    this.catalogs.set(key('spark_catalog'), {
      id: 'c0',
      name: 'spark_catalog',
      ownerId: admin.userId,
      owner: admin.name,
    });
    for (const name of ['default', 'case_db']) this.addSchema('spark_catalog', name);
  }

  private id(): string {
    return `00000000-0000-4000-8000-${String(++this.ids).padStart(12, '0')}`;
  }
  private addSchema(catalog: string, name: string, comment?: string): void {
    this.schemas.set(key(catalog, name), {
      id: this.id(),
      catalog,
      name,
      ownerId: admin.userId,
      owner: admin.name,
      ...(comment ? { comment } : {}),
    });
  }

  async catalog(_: Principal, name: string): Promise<CatalogCatalog | null> {
    return this.catalogs.get(key(name)) ?? null;
  }
  async schema(_: Principal, catalog: string, name: string): Promise<CatalogSchema | null> {
    return this.schemas.get(key(catalog, name)) ?? null;
  }
  async table(_: Principal, catalog: string, schema: string, name: string): Promise<CatalogTable | null> {
    return this.tables.get(key(catalog, schema, name)) ?? null;
  }
  async volume(): Promise<CatalogVolume | null> {
    return null;
  }
  async routine(_: Principal, catalog: string, schema: string, name: string): Promise<CatalogFunction | null> {
    const found = this.functions.get(key(catalog, schema, name));
    const place = this.schemas.get(key(catalog, schema));
    if (!found || !place) return null;
    return {
      routine: found.routine,
      place: { id: place.id, catalog: place.catalog, schema: place.name },
      ownerId: admin.userId,
    };
  }
  async listRoutines(who: Principal, catalog: string, schema: string): Promise<CatalogFunction[]> {
    const here = [...this.functions.values()].filter((it) => key(it.catalog, it.schema) === key(catalog, schema));
    const found = await Promise.all(here.map(({ routine }) => this.routine(who, catalog, schema, routine.name)));
    return found.filter((it) => it !== null);
  }
  async listCatalogs(): Promise<CatalogCatalog[]> {
    return [...this.catalogs.values()];
  }
  async listSchemas(_: Principal, catalog: string): Promise<CatalogSchema[]> {
    return [...this.schemas.values()].filter((schema) => key(schema.catalog) === key(catalog));
  }
  async listTables(_: Principal, catalog: string, schema: string): Promise<CatalogTable[]> {
    return [...this.tables.values()].filter((table) => key(table.catalog, table.schema) === key(catalog, schema));
  }
  async listVolumes(): Promise<CatalogVolume[]> {
    return [];
  }
  async grants(): Promise<Grant[]> {
    return [];
  }
  async authorise(): Promise<void> {}
  async principalOf(): Promise<Principal> {
    return admin;
  }
  async inferFiles(): Promise<InferFilesAnswer> {
    throw userError('UNSUPPORTED_FEATURE', 'This catalog has no volumes, so files cannot be read here.');
  }

  /** Takes a table's place and folder before its data is written; `publish` makes it visible. */
  reserve(
    catalog: string,
    schema: string,
    name: string,
  ): { id: string; location: string; existing: CatalogTable | null } {
    if (!this.schemas.has(key(catalog, schema)))
      throw userError('SCHEMA_NOT_FOUND', `The schema ${catalog}.${schema} does not exist.`);
    const existing = this.tables.get(key(catalog, schema, name)) ?? null;
    const id = existing?.id ?? this.id();
    return { id, location: existing?.location ?? `tables/${id}`, existing };
  }

  publish(table: CatalogTable): void {
    this.tables.set(key(table.catalog, table.schema, table.name), table);
  }

  /** The catalog follows the log after every commit. */
  follow({ tableId, columns, definition }: TableWrite): void {
    for (const table of this.tables.values()) {
      if (table.id !== tableId) continue;
      table.columns = columns;
      if (!definition) continue;
      table.properties = definition.properties;
      table.partitionColumns = definition.partitionColumns;
      table.comment = definition.comment ?? undefined;
    }
  }

  /** What the server does for a command of the planner. Throws Spark's classes. */
  perform(command: CatalogCommand): void {
    switch (command.command) {
      case 'createCatalog':
        if (this.catalogs.has(key(command.name)) && !command.ifNotExists)
          throw userError('CATALOG_ALREADY_EXISTS', `The catalog ${command.name} exists.`);
        this.catalogs.set(key(command.name), {
          id: this.id(),
          name: command.name,
          ownerId: admin.userId,
          owner: admin.name,
        });
        return;
      case 'createSchema':
        if (this.schemas.has(key(command.catalog, command.name))) {
          if (command.ifNotExists) return;
          throw userError('SCHEMA_ALREADY_EXISTS', `The schema ${command.name} exists.`);
        }
        this.addSchema(command.catalog, command.name, command.comment);
        return;
      case 'dropSchema':
        this.dropSchema(command);
        return;
      case 'createView':
        this.createView(command);
        return;
      case 'dropView':
      case 'dropTable':
        this.drop(command);
        return;
      case 'comment':
        this.comment(command);
        return;
      case 'createFunction':
        this.functions.set(key(command.catalog, command.schema, command.routine.name), command);
        return;
      case 'dropFunction':
        this.functions.delete(key(command.catalog, command.schema, command.name));
        return;
      default:
        throw userError('UNSUPPORTED_FEATURE', `The command ${command.command} needs the server's catalog.`);
    }
  }

  private dropSchema(command: Extract<CatalogCommand, { command: 'dropSchema' }>): void {
    if (!this.schemas.has(key(command.catalog, command.name))) {
      if (command.ifExists) return;
      throw userError('SCHEMA_NOT_FOUND', `The schema ${command.name} does not exist.`);
    }
    const inside = [...this.tables].filter(
      ([, table]) => key(table.catalog, table.schema) === key(command.catalog, command.name),
    );
    if (inside.length && !command.cascade)
      throw userError('SCHEMA_NOT_EMPTY', `The schema ${command.name} is not empty. Use CASCADE.`);
    for (const [name] of inside) this.tables.delete(name);
    this.schemas.delete(key(command.catalog, command.name));
  }

  private createView(command: Extract<CatalogCommand, { command: 'createView' }>): void {
    const existing = this.tables.get(key(command.catalog, command.schema, command.name));
    if (existing && command.ifNotExists) return;
    if (existing && existing.kind !== 'VIEW')
      throw userError('EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE', `${command.name} is a table, not a view.`);
    if (existing && !command.orReplace)
      throw userError('TABLE_OR_VIEW_ALREADY_EXISTS', `The table or view ${command.name} exists.`);
    this.publish({
      id: existing?.id ?? this.id(),
      catalog: command.catalog,
      schema: command.schema,
      name: command.name,
      kind: 'VIEW',
      columns: command.columns,
      partitionColumns: [],
      properties: {},
      ownerId: admin.userId,
      owner: admin.name,
      createdAtMs: 0,
      viewText: command.viewText,
      viewCatalog: command.viewCatalog,
      viewSchema: command.viewSchema,
      ...(command.comment ? { comment: command.comment } : {}),
    });
  }

  private drop(command: Extract<CatalogCommand, { command: 'dropView' | 'dropTable' }>): void {
    const name = key(command.catalog, command.schema, command.name);
    const table = this.tables.get(name);
    if (!table) {
      if (command.ifExists) return;
      throw userError('TABLE_OR_VIEW_NOT_FOUND', `The table or view ${command.name} does not exist.`);
    }
    const isView = table.kind === 'VIEW';
    if (command.command === 'dropView' && !isView)
      throw userError('EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE', `${command.name} is a table. Use DROP TABLE.`);
    if (command.command === 'dropTable' && isView)
      throw userError('EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE', `${command.name} is a view. Use DROP VIEW.`);
    this.tables.delete(name);
  }

  private comment(command: Extract<CatalogCommand, { command: 'comment' }>): void {
    const table = this.tables.get(key(...command.fullName.split('.')));
    if (!table || command.kind !== 'table')
      throw userError('UNSUPPORTED_FEATURE', `COMMENT ON ${command.kind} needs the server's catalog.`);
    if (command.comment === null) delete table.comment;
    else table.comment = command.comment;
  }
}
