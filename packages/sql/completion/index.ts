import { keywords, typeNames } from './keywords.ts';
import { type Place, placeAt } from './place.ts';
import { type Scope, scopeAt } from './scope.ts';
import { type CompletionItem, type CompletionSource, type Completions, shortName } from './source.ts';

export type {
  CompletionColumn,
  CompletionItem,
  CompletionKind,
  CompletionSource,
  Completions,
  CompletionTable,
} from './source.ts';

/** More are of no use in a list that one scrolls. */
const maxItems = 200;

/**
 * What may be written at an offset of a SQL text: columns of the relations that the query around the cursor names (their
 * aliases, CTEs and subqueries too), tables, schemas, catalogs, functions, types and keywords. Works on half-written
 * text, is pure and synchronous, and needs nothing of Node, so the browser calls it at every key. Case does not matter;
 * what begins with the written word stands before what only holds it. Never throws.
 */
export function completeSql(text: string, offset: number, source: CompletionSource): Completions {
  const place = placeAt(text, Math.max(0, Math.min(offset, text.length)));
  if (!place) return { start: offset, end: offset, items: [] };
  const items = candidates(place, source);
  return { start: place.start, end: place.end, items: matching(items, place) };
}

function candidates(place: Place, source: CompletionSource): CompletionItem[] {
  const scope = scopeAt(place.group, place.start, source);
  if (place.qualifier.length > 0) return qualified(place, scope, source);
  const words = place.quoted
    ? []
    : keywords[place.kind].map((word): CompletionItem => ({ kind: 'keyword', label: word, insert: word }));
  switch (place.kind) {
    case 'relation':
      return [
        ...ctes(scope),
        ...tables(source),
        ...schemas(source, source.currentCatalog),
        ...catalogs(source),
        ...functions(source, true),
        ...words,
      ];
    case 'expression':
      return [...columns(scope), ...functions(source, false), ...words];
    case 'afterExpression':
      return [...words, ...columns(scope)];
    case 'type':
      return typeNames.map((name) => ({ kind: 'type', label: name, insert: name }));
    case 'catalog':
      return catalogs(source);
    case 'schema':
      return [...schemas(source, source.currentCatalog), ...catalogs(source), ...words];
    default:
      return words;
  }
}

/** After `a.` or `a.b.`: columns of the relation a, or what lies in a catalog or schema. */
function qualified(place: Place, scope: Scope, source: CompletionSource): CompletionItem[] {
  const [first, second] = place.qualifier.map((part) => part.toLowerCase()) as [string, string | undefined];
  const items: CompletionItem[] = [];
  const ofColumns = place.kind === 'expression' || place.kind === 'afterExpression' || place.kind === 'afterRelation';
  if (ofColumns && second === undefined) {
    const relation = scope.relations.find(({ name }) => name.toLowerCase() === first);
    items.push(...(relation?.columns ?? []).map(({ name, type }) => named('column', name, type)));
    if (relation) return items;
  }
  if (second === undefined) items.push(...schemas(source, first));
  if (place.kind === 'schema' || place.kind === 'catalog') return items;
  const lies = (catalog: string | undefined, schema: string | undefined) =>
    second === undefined
      ? schema?.toLowerCase() === first && catalog?.toLowerCase() === source.currentCatalog?.toLowerCase()
      : catalog?.toLowerCase() === first && schema?.toLowerCase() === second;
  for (const table of source.tables)
    if (lies(table.catalog, table.schema)) items.push(named('table', table.name, table.kind));
  return items;
}

/** Columns of the nearest relations first; a name that several have is offered once. */
function columns(scope: Scope): CompletionItem[] {
  const seen = new Map<string, CompletionItem>();
  for (const relation of scope.relations) {
    for (const { name, type } of relation.columns) {
      const key = name.toLowerCase();
      if (!seen.has(key)) seen.set(key, named('column', name, [type, relation.name].filter(Boolean).join(' · ')));
    }
  }
  return [...seen.values(), ...scope.relations.map(({ name, detail }) => named('alias', name, detail))];
}

const ctes = (scope: Scope): CompletionItem[] => scope.ctes.map(({ name, detail }) => named('alias', name, detail));

/** Tables of the current schema first, others with the shortest name that finds them. */
function tables(source: CompletionSource): CompletionItem[] {
  return source.tables
    .map((table) => ({ table, parts: shortName(source, table) }))
    .sort((a, b) => a.parts.length - b.parts.length)
    .map(({ table, parts }) => ({
      kind: 'table',
      label: parts.join('.'),
      insert: parts.map(quoteName).join('.'),
      detail: table.kind,
    }));
}

function schemas(source: CompletionSource, catalog: string | undefined): CompletionItem[] {
  const inside = (source.schemas ?? []).filter((schema) => schema.catalog.toLowerCase() === catalog?.toLowerCase());
  return inside.map(({ name }) => named('schema', name, catalog));
}

const catalogs = (source: CompletionSource): CompletionItem[] =>
  (source.catalogs ?? []).map((name) => named('catalog', name));

const relationFunctions: ReadonlySet<string> = new Set([
  'range',
  'read_files',
  'explode',
  'event_log',
  'sequence',
  'stack',
  'inline',
]);

function functions(source: CompletionSource, ofRelations: boolean): CompletionItem[] {
  return (source.functions ?? [])
    .map((entry) => (typeof entry === 'string' ? { name: entry, detail: undefined } : entry))
    .filter(({ name }) => /^\w+$/.test(name) && (!ofRelations || relationFunctions.has(name.toLowerCase())))
    .map(({ name, detail }) => ({ kind: 'function', label: name, insert: `${name}(`, detail }));
}

function named(kind: CompletionItem['kind'], name: string, detail?: string): CompletionItem {
  return { kind, label: name, insert: quoteName(name), detail: detail || undefined };
}

/** Words that would be read as something else where a name is meant. */
const needQuotes: ReadonlySet<string> = new Set([
  ...[
    'ANTI',
    'CROSS',
    'EXCEPT',
    'FROM',
    'FULL',
    'GROUP',
    'HAVING',
    'INNER',
    'INTERSECT',
    'JOIN',
    'LATERAL',
    'LEFT',
    'LIMIT',
    'MINUS',
  ],
  ...[
    'NATURAL',
    'ON',
    'ORDER',
    'RIGHT',
    'SELECT',
    'SEMI',
    'UNION',
    'USING',
    'WHERE',
    'VALUES',
    'CASE',
    'NULL',
    'TRUE',
    'FALSE',
    'INTERVAL',
  ],
]);

function quoteName(name: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !needQuotes.has(name.toUpperCase());
  return plain ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** Items that hold the written word, those that begin with it first; otherwise in the order of `items`. */
function matching(items: readonly CompletionItem[], place: Place): CompletionItem[] {
  const written = place.prefix.toLowerCase();
  const begins: CompletionItem[] = [];
  const holds: CompletionItem[] = [];
  for (const item of items) {
    const label = item.label.toLowerCase();
    const found = place.quoted && !item.insert.startsWith('`') ? { ...item, insert: `\`${item.insert}\`` } : item;
    if (label.startsWith(written) || label.split('.').at(-1)!.startsWith(written)) begins.push(found);
    else if (label.includes(written)) holds.push(found);
  }
  return [...begins, ...holds].slice(0, maxItems);
}
