import { type CompletionSnapshot, completionSnapshot } from '@boathouse/contracts';
import { type CompletionItem, type CompletionSource, completeSql } from '@boathouse/sql/completion';
import type * as Monaco from 'monaco-editor/editor/editor.api.js';
import { call } from '@/lib/api';

let cached: { at: number; source: Promise<CompletionSource> } | null = null;

/** Visible tables and columns, read again when they may have changed; laid out once, not at every key. */
function currentSource(): Promise<CompletionSource> {
  if (!cached || Date.now() - cached.at > 15_000) {
    const next = call(completionSnapshot).then(sourceOf);
    next.catch(() => {
      cached = null;
    });
    cached = { at: Date.now(), source: next };
  }
  return cached.source;
}

const functions =
  'abs avg cast ceil coalesce concat concat_ws count count_if current_date current_timestamp date_add date_format date_sub date_trunc datediff day dense_rank explode first floor greatest hour if ifnull lag last lead least length lower ltrim max mean median min minute month now nullif nvl percentile rank regexp_extract regexp_replace replace round row_number rtrim second split stddev substring sum to_date to_timestamp trim trunc upper variance weekday year range read_files event_log'.split(
    ' ',
  );

function sourceOf(tree: CompletionSnapshot): CompletionSource {
  const columns = new Map<string, { name: string; type: string }[]>();
  const key = (catalog: string | undefined, schema: string | undefined, name: string) =>
    `${catalog}\u0000${schema}\u0000${name}`;
  for (const catalog of tree.catalogs)
    for (const schema of catalog.schemas)
      for (const table of schema.tables) columns.set(key(catalog.name, schema.name, table.name), table.columns);
  return {
    columnsOf: (table) => columns.get(key(table.catalog, table.schema, table.name)),
    currentCatalog: 'main',
    currentSchema: 'default',
    catalogs: tree.catalogs.map((catalog) => catalog.name),
    schemas: tree.catalogs.flatMap((catalog) =>
      catalog.schemas.map((schema) => ({ catalog: catalog.name, name: schema.name })),
    ),
    tables: tree.catalogs.flatMap((catalog) =>
      catalog.schemas.flatMap((schema) =>
        schema.tables.map((table) => ({
          catalog: catalog.name,
          schema: schema.name,
          name: table.name,
          kind: table.kind.toLowerCase().replace('_', ' '),
        })),
      ),
    ),
    functions,
  };
}

let attached = false;

/** Completion of the language `sparksql` in every editor: tables and columns that the person may see. */
export function attachCompletion(monaco: typeof Monaco): void {
  if (attached) return;
  attached = true;
  const kinds = monaco.languages.CompletionItemKind;
  const look: Record<CompletionItem['kind'], Monaco.languages.CompletionItemKind> = {
    keyword: kinds.Keyword,
    catalog: kinds.Module,
    schema: kinds.Module,
    table: kinds.Struct,
    alias: kinds.Variable,
    column: kinds.Field,
    function: kinds.Function,
    type: kinds.TypeParameter,
  };
  monaco.languages.registerCompletionItemProvider('sparksql', {
    triggerCharacters: ['.', '`'],
    provideCompletionItems: async (model, position) => {
      // Offline: words of the language are still offered.
      const source = await currentSource().catch(
        (): CompletionSource => ({ tables: [], columnsOf: () => undefined, functions }),
      );
      const { start, end, items } = completeSql(model.getValue(), model.getOffsetAt(position), source);
      const from = model.getPositionAt(start);
      const to = model.getPositionAt(end);
      const range = {
        startLineNumber: from.lineNumber,
        startColumn: from.column,
        endLineNumber: to.lineNumber,
        endColumn: to.column,
      };
      return {
        suggestions: items.map((item, index) => ({
          label: item.label,
          kind: look[item.kind],
          insertText: item.insert,
          filterText: item.label,
          range,
          sortText: String(index).padStart(5, '0'),
          ...(item.detail ? { detail: item.detail } : {}),
        })),
      };
    },
  });
}
