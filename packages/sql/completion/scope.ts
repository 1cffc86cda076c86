import { type Group, type Item, isGroup, isName, keyOf, segmentAt, segments } from './groups.ts';
import { type CompletionColumn, type CompletionSource, findTable } from './source.ts';

/** A relation that the statement names, with the columns that are known of it. */
export interface ScopeRelation {
  /** How columns are qualified: the alias, or the last part of the name. */
  name: string;
  columns: readonly CompletionColumn[];
  detail?: string;
}

export interface Scope {
  /** Relations of the query around the cursor, then those of the queries around that one. */
  relations: ScopeRelation[];
  /** Common table expressions that may be named here. */
  ctes: ScopeRelation[];
}

/** Chains of subqueries longer than this are not followed: completion must stay fast. */
const maxDepth = 6;

export function scopeAt(group: Group, offset: number, source: CompletionSource): Scope {
  const ctes = visibleCtes(group, source);
  const relations: ScopeRelation[] = [];
  for (let at: Group | undefined = group; at; at = at.parent) {
    relations.push(...relationsOf(segmentAt(at, offset), { source, ctes, depth: 0 }));
  }
  return { relations, ctes };
}

interface Lookup {
  source: CompletionSource;
  ctes: readonly ScopeRelation[];
  depth: number;
}

/** The CTEs of a group and of those around it; the nearest first. */
function visibleCtes(group: Group, source: CompletionSource): ScopeRelation[] {
  const path: Group[] = [];
  for (let at: Group | undefined = group; at; at = at.parent) path.push(at);
  let ctes: ScopeRelation[] = [];
  for (const at of path.reverse()) ctes = [...ctesOf(at, { source, ctes, depth: 0 }), ...ctes];
  return ctes;
}

function ctesOf(group: Group, lookup: Lookup): ScopeRelation[] {
  const start = group.items.findIndex((item) => keyOf(item) === 'WITH');
  if (start < 0 || lookup.depth > maxDepth) return [];
  const found: ScopeRelation[] = [];
  let at = start + 1;
  if (keyOf(group.items[at]) === 'RECURSIVE' && isName(group.items[at + 1])) at += 1;
  for (;;) {
    const name = group.items[at];
    if (!isName(name)) return found;
    let next = at + 1;
    const listed = isGroup(group.items[next]) && keyOf(group.items[next + 1]) === 'AS' ? group.items[next] : undefined;
    if (listed) next += 1;
    if (keyOf(group.items[next]) === 'AS') next += 1;
    const body = group.items[next];
    if (!isGroup(body)) return found;
    const inner = { ...lookup, ctes: [...found, ...lookup.ctes], depth: lookup.depth + 1 };
    const columns = renamed(columnsOfQuery(body, inner), isGroup(listed) ? listed : undefined);
    found.unshift({ name: name.value, columns, detail: 'WITH' });
    if (keyOf(group.items[next + 1]) !== ',') return found;
    at = next + 2;
  }
}

const introduces: ReadonlySet<string> = new Set(['FROM', 'JOIN', 'INTO', 'OVERWRITE', 'UPDATE', 'MERGE']);
const ends: ReadonlySet<string> = new Set([
  ...[
    'WHERE',
    'GROUP',
    'HAVING',
    'ORDER',
    'SORT',
    'CLUSTER',
    'DISTRIBUTE',
    'LIMIT',
    'OFFSET',
    'WINDOW',
    'QUALIFY',
    'SELECT',
    'VALUES',
    'SET',
  ],
]);
/** Words after a relation that are not its alias. */
export const notAlias: ReadonlySet<string> = new Set([
  ...ends,
  ...[
    'ON',
    'USING',
    'JOIN',
    'INNER',
    'LEFT',
    'RIGHT',
    'FULL',
    'CROSS',
    'NATURAL',
    'SEMI',
    'ANTI',
    'LATERAL',
    'UNION',
    'EXCEPT',
  ],
  ...[
    'INTERSECT',
    'MINUS',
    'PIVOT',
    'UNPIVOT',
    'TABLESAMPLE',
    'VERSION',
    'TIMESTAMP',
    'FOR',
    'WITH',
    'BY',
    'PARTITION',
    'WHEN',
    'FROM',
    'REPLACE',
  ],
]);

/** The relations that the FROM clause (or INSERT, UPDATE, MERGE) of one query names. */
function relationsOf(items: readonly Item[], lookup: Lookup): ScopeRelation[] {
  const found: ScopeRelation[] = [];
  let inFrom = false;
  for (let at = 0; at < items.length; at += 1) {
    const key = keyOf(items[at]);
    if (ends.has(key)) inFrom = false;
    const starts =
      introduces.has(key) ||
      (inFrom && key === ',') ||
      (key === 'USING' && !isGroup(items[at + 1]) && keyOf(items[0]) === 'MERGE');
    if (!starts) continue;
    if (key === 'FROM' || key === 'JOIN') inFrom = true;
    const [relations, next] = relationAt(items, at + 1, lookup);
    found.push(...relations);
    at = next - 1;
  }
  return found;
}

/** The relation that begins at an index (several for a parenthesised join), and the index after it. */
function relationAt(items: readonly Item[], start: number, lookup: Lookup): [ScopeRelation[], number] {
  let at = start;
  while (
    ['LATERAL', 'STREAM', 'TABLE', 'INTO'].includes(keyOf(items[at])) &&
    (isName(items[at + 1]) || isGroup(items[at + 1]))
  )
    at += 1;
  let first = items[at];
  // STREAM(t): what it streams is the relation.
  if (isGroup(first) && keyOf(items[at - 1]) === 'STREAM' && isName(first.items[0])) first = first.items[0];
  let columns: readonly CompletionColumn[] = [];
  let name: string | undefined;
  let detail: string | undefined;
  if (isGroup(first)) {
    at += 1;
    if (!isQuery(first)) {
      const inner =
        lookup.depth > maxDepth ? [] : relationsOf([fromToken, ...first.items], { ...lookup, depth: lookup.depth + 1 });
      return [inner, at];
    }
    columns = columnsOfQuery(first, { ...lookup, depth: lookup.depth + 1 });
  } else if (isName(first)) {
    const parts = [first.value];
    at += 1;
    while (keyOf(items[at]) === '.' && isName(items[at + 1])) {
      parts.push((items[at + 1] as { value: string }).value);
      at += 2;
    }
    name = parts.at(-1)!;
    if (isGroup(items[at])) at += 1;
    else [columns, detail] = namedColumns(parts, lookup);
  } else {
    return [[], Math.max(at, start)];
  }
  return aliased(items, at, { name: name ?? '', columns, detail });
}

const fromToken: Item = { kind: 'word', key: 'FROM', value: 'FROM', start: 0, end: 0 };

/** `[VERSION AS OF 1] [AS] alias [(a, b)]` after a relation. */
function aliased(items: readonly Item[], start: number, relation: ScopeRelation): [ScopeRelation[], number] {
  let at = start;
  if ((keyOf(items[at]) === 'VERSION' || keyOf(items[at]) === 'TIMESTAMP') && keyOf(items[at + 1]) === 'AS') at += 4;
  if (keyOf(items[at]) === 'AS') at += 1;
  const alias = items[at];
  if (!isName(alias) || notAlias.has(alias.key)) return [relation.name ? [relation] : [], at];
  const listed = items[at + 1];
  const columns = renamed(relation.columns, isGroup(listed) ? listed : undefined);
  return [[{ name: alias.value, columns, detail: relation.detail ?? relation.name }], at + 1];
}

function namedColumns(parts: readonly string[], lookup: Lookup): [readonly CompletionColumn[], string | undefined] {
  const cte =
    parts.length === 1 ? lookup.ctes.find(({ name }) => name.toLowerCase() === parts[0]!.toLowerCase()) : undefined;
  if (cte) return [cte.columns, undefined];
  const table = findTable(lookup.source, parts);
  return [(table && lookup.source.columnsOf(table)) ?? [], parts.join('.')];
}

/** New names from a list `(a, b)`, by position. */
function renamed(columns: readonly CompletionColumn[], list: Group | undefined): readonly CompletionColumn[] {
  const names = list?.items.filter(
    (item, index) => isName(item) && (index === 0 || keyOf(list.items[index - 1]) === ','),
  );
  if (!names || names.length === 0) return columns;
  return names.map((item, index) => ({ name: (item as { value: string }).value, type: columns[index]?.type }));
}

const queryWords: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES', 'FROM']);

function isQuery(group: Group): boolean {
  let first = group.items[0];
  while (isGroup(first)) first = first.items[0];
  return queryWords.has(keyOf(first));
}

/** The columns that a query makes, as far as its text tells. */
function columnsOfQuery(group: Group, lookup: Lookup): CompletionColumn[] {
  if (lookup.depth > maxDepth) return [];
  const first = group.items[0];
  if (group.items.length === 1 && isGroup(first)) return columnsOfQuery(first, { ...lookup, depth: lookup.depth + 1 });
  const inner: Lookup = { ...lookup, ctes: [...ctesOf(group, { ...lookup, depth: lookup.depth + 1 }), ...lookup.ctes] };
  const items = segments(group)[0]!;
  const start = items.findIndex((item) => keyOf(item) === 'SELECT');
  if (start < 0) return [];
  const relations = relationsOf(items, { ...inner, depth: lookup.depth + 1 });
  const columns: CompletionColumn[] = [];
  for (const item of selectItems(items.slice(start + 1))) columns.push(...columnsOfItem(item, relations));
  return columns;
}

function selectItems(items: readonly Item[]): Item[][] {
  const all: Item[][] = [[]];
  for (const item of items) {
    const key = keyOf(item);
    if (key === 'FROM' || (ends.has(key) && key !== 'SET')) break;
    if (key === ',') all.push([]);
    else if (key !== 'DISTINCT' && key !== 'ALL') all.at(-1)!.push(item);
  }
  return all;
}

function columnsOfItem(item: readonly Item[], relations: readonly ScopeRelation[]): readonly CompletionColumn[] {
  const star = item.findIndex((part) => keyOf(part) === '*');
  if (star === 0) return relations.flatMap(({ columns }) => columns);
  const owner = item[0];
  if (star === 2 && keyOf(item[1]) === '.' && isName(owner)) {
    return relations.find(({ name }) => name.toLowerCase() === owner.value.toLowerCase())?.columns ?? [];
  }
  const last = item.at(-1);
  if (!isName(last) || last.key === 'END') return [];
  const known = relations
    .flatMap(({ columns }) => columns)
    .find(({ name }) => name.toLowerCase() === last.value.toLowerCase());
  const isPlain = item.length === 1 || (item.length === 3 && keyOf(item[1]) === '.');
  return [{ name: last.value, type: isPlain ? known?.type : undefined }];
}
