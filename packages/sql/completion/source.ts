/** What completion knows of the catalog: a snapshot that the page holds already. Nothing here waits. */
export interface CompletionSource {
  currentCatalog?: string;
  currentSchema?: string;
  catalogs?: readonly string[];
  schemas?: readonly { catalog: string; name: string }[];
  /** Temporary views have neither catalog nor schema. */
  tables: readonly CompletionTable[];
  /** The columns of a table of `tables`, or undefined where they are not loaded (yet). */
  columnsOf: (table: CompletionTable) => readonly CompletionColumn[] | undefined;
  functions?: readonly (string | { name: string; detail?: string })[];
}

export interface CompletionTable {
  catalog?: string;
  schema?: string;
  name: string;
  /** Shown beside the name: `table`, `view` … */
  kind?: string;
}

export interface CompletionColumn {
  name: string;
  /** DDL text. */
  type?: string;
}

export type CompletionKind = 'column' | 'alias' | 'table' | 'schema' | 'catalog' | 'function' | 'type' | 'keyword';

export interface CompletionItem {
  kind: CompletionKind;
  /** What the list shows. */
  label: string;
  /** What replaces the text from `start` to `end` of the answer; names are quoted where they must be. */
  insert: string;
  /** A column's type, where a table lies … */
  detail?: string;
}

export interface Completions {
  /** Offsets of the text that an item replaces: the word that is being written. */
  start: number;
  end: number;
  /** Best first. */
  items: CompletionItem[];
}

const same = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase();

/** The table of the snapshot that a name of one to three parts means in the current schema. */
export function findTable(source: CompletionSource, parts: readonly string[]): CompletionTable | undefined {
  const [name, schema, catalog] = [...parts].reverse();
  const inCatalog = catalog ?? source.currentCatalog;
  const inSchema = schema ?? source.currentSchema;
  return (
    (parts.length === 1 ? source.tables.find((table) => !table.schema && same(table.name, name)) : undefined) ??
    source.tables.find(
      (table) => same(table.name, name) && same(table.schema, inSchema) && same(table.catalog, inCatalog),
    )
  );
}

/** The name of a table as short as the current catalog and schema allow. */
export function shortName(source: CompletionSource, table: CompletionTable): string[] {
  if (!table.schema || (same(table.schema, source.currentSchema) && same(table.catalog, source.currentCatalog))) {
    return [table.name];
  }
  if (!table.catalog || same(table.catalog, source.currentCatalog)) return [table.schema, table.name];
  return [table.catalog, table.schema, table.name];
}
