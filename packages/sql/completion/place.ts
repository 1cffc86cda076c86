import { splitTokens, type Token, tokenize } from '../lexer/index.ts';
import { type Group, groupAt, groupTokens, type Item, isGroup, isName, keyOf, segmentAt } from './groups.ts';
import { notAlias } from './scope.ts';

/** What may stand at the cursor. */
export type PlaceKind =
  | 'statement'
  | 'query'
  | 'relation'
  | 'afterRelation'
  | 'expression'
  | 'afterExpression'
  | 'type'
  | 'catalog'
  | 'schema'
  | 'none';

export interface Place {
  kind: PlaceKind;
  /** Offsets of the word being written, and its beginning. */
  start: number;
  end: number;
  prefix: string;
  /** An open back-tick stands before the word. */
  quoted: boolean;
  /** The parts before the word: `a.b.` is [a, b]. */
  qualifier: string[];
  group: Group;
}

/** What is being written at an offset, or undefined inside of strings, numbers and comments. */
export function placeAt(text: string, offset: number): Place | undefined {
  const { tokens, comments } = tokenize(text);
  const inComment = comments.some(
    ({ kind, start, end }) => start < offset && (offset < end || (kind === 'line' && offset === end)),
  );
  if (inComment) return undefined;
  const touching = tokens.find(({ kind, start, end }) => kind !== 'eof' && start < offset && offset <= end);
  if (touching?.kind === 'string' || touching?.kind === 'number' || touching?.kind === 'hint') return undefined;
  const open = touching?.kind === 'bad' && text[touching.start] === '`';
  if (touching?.kind === 'bad' && !open) return undefined;
  const isWord = open || touching?.kind === 'word' || touching?.kind === 'quoted';
  const start = isWord ? touching!.start : offset;
  const quoted = open || touching?.kind === 'quoted';
  const prefix = text.slice(start + (quoted ? 1 : 0), offset).replaceAll('``', '`');

  // The statement around the cursor, without the word itself: an open back-tick would swallow the rest.
  const before = tokens.filter((token) => token.end <= start && token.kind !== 'eof');
  const sinceSemicolon = before.slice(before.findLastIndex(({ key }) => key === ';') + 1);
  const after = tokens.filter((token) => token.start >= Math.max(offset, touching && !open ? touching.end : offset));
  const rest = open ? restAfter(text, offset) : after;
  const [statement] = splitTokens([...sinceSemicolon, marker(start), ...rest]);
  const root = groupTokens(
    (statement?.tokens ?? []).filter(({ kind }) => kind !== 'bad'),
    text.length,
  );

  const qualifier: string[] = [];
  let at = sinceSemicolon.length;
  while (sinceSemicolon[at - 1]?.key === '.' && isName(sinceSemicolon[at - 2])) {
    qualifier.unshift(sinceSemicolon[at - 2]!.value);
    at -= 2;
  }
  const previous = sinceSemicolon.slice(0, at);
  const group = groupAt(root, start);
  const kind = kindOf(previous, group, qualifier.length > 0 ? (previous.at(-1)?.end ?? 0) : start);
  return { kind, start, end: offset, prefix, quoted, qualifier, group };
}

/** Stands for the word being written, so that what follows keeps its place. Its key is no keyword. */
const marker = (start: number): Token => ({ kind: 'word', key: '\u0000', value: '\u0000', start, end: start });

function restAfter(text: string, offset: number): Token[] {
  const { tokens } = tokenize(text.slice(offset));
  return tokens.map((token) => ({ ...token, start: token.start + offset, end: token.end + offset }));
}

const relationWords: ReadonlySet<string> = new Set([
  ...[
    'FROM',
    'JOIN',
    'INTO',
    'OVERWRITE',
    'TABLE',
    'UPDATE',
    'VIEW',
    'DESCRIBE',
    'DESC',
    'EXTENDED',
    'FORMATTED',
    'HISTORY',
  ],
  ...['DETAIL', 'STREAM', 'REFRESH', 'TBLPROPERTIES', 'OPTIMIZE', 'VACUUM'],
]);
const schemaWords: ReadonlySet<string> = new Set(['SCHEMA', 'DATABASE', 'USE']);
const queryAfter: ReadonlySet<string> = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS', 'EXPLAIN']);
const operatorWords: ReadonlySet<string> = new Set([
  ...[
    'SELECT',
    'DISTINCT',
    'WHERE',
    'AND',
    'OR',
    'NOT',
    'ON',
    'BY',
    'HAVING',
    'QUALIFY',
    'CASE',
    'WHEN',
    'THEN',
    'ELSE',
    'BETWEEN',
  ],
  ...['LIKE', 'ILIKE', 'RLIKE', 'IN', 'DIV', 'SET', 'LIMIT', 'OFFSET', 'VALUES', 'IS', 'ESCAPE', 'ALL'],
]);
const wordyFunctions: ReadonlySet<string> = new Set(['EXTRACT', 'TRIM', 'SUBSTRING', 'SUBSTR', 'OVERLAY']);

function kindOf(previous: readonly Token[], group: Group, offset: number): PlaceKind {
  const last = previous.at(-1);
  const secondLast = previous.at(-2);
  if (!last) return 'statement';
  if (last.key === '::') return 'type';
  const opener = group.parent?.items[group.index - 1];
  if (last.key === 'AS') {
    if (keyOf(opener) === 'CAST' || keyOf(opener) === 'TRY_CAST') return 'type';
    const isDefinition =
      previous[0]!.key === 'CREATE' && !group.parent && !previous.some(({ key }) => key === 'SELECT');
    return isDefinition ? 'query' : 'none';
  }
  if (last.key === 'CATALOG') return 'catalog';
  if (schemaWords.has(last.key)) return 'schema';
  if (previous[0]!.key === 'SHOW') {
    if (last.key === 'IN' || last.key === 'FROM') return secondLast?.key === 'COLUMNS' ? 'relation' : 'schema';
    if (previous.length === 1) return 'statement';
  }
  if (queryAfter.has(last.key) || (last.key === 'ALL' && queryAfter.has(secondLast?.key ?? ''))) return 'query';
  if (relationWords.has(last.key) && !(last.key === 'FROM' && wordyFunctions.has(keyOf(opener)))) {
    return last.key === 'DESC' && previous.length > 1 ? 'afterExpression' : 'relation';
  }
  if (last.key === '(') {
    const before = keyOf(opener);
    if (
      before === 'STREAM' ||
      (before === 'TABLE' && previous[0]!.key !== 'CREATE') ||
      inFrom(group.parent, offset) === 'expecting'
    )
      return 'relation';
    return before === 'AS' ? 'query' : 'expression';
  }
  const state = inFrom(group, offset);
  if (state === 'expecting') return 'relation';
  if (state === 'after') return 'afterRelation';
  const goesOn =
    last.kind === 'op'
      ? last.key !== ')' && last.key !== ']' && !(last.key === '*' && isStar(secondLast))
      : operatorWords.has(last.key);
  return goesOn ? 'expression' : 'afterExpression';
}

const isStar = (before: Token | undefined) =>
  before?.key === 'SELECT' || before?.key === ',' || before?.key === '.' || before?.key === 'DISTINCT';

/** Where the cursor stands in the FROM clause of its query: before a relation, after one, or elsewhere. */
function inFrom(group: Group | undefined, offset: number): 'expecting' | 'after' | undefined {
  if (!group) return undefined;
  let state: 'expecting' | 'after' | undefined;
  if (wordyFunctions.has(keyOf(group.parent?.items[group.index - 1]))) return undefined;
  for (const item of segmentAt(group, offset)) {
    if (item.start > offset || (isGroup(item) ? item.end >= offset : item.end > offset)) break;
    state = nextState(state, item);
  }
  return state;
}

function nextState(state: 'expecting' | 'after' | undefined, item: Item): 'expecting' | 'after' | undefined {
  const key = keyOf(item);
  if (key === '\u0000') return state;
  if (key === 'FROM' || key === 'JOIN') return 'expecting';
  if (state === undefined) return undefined;
  if (key === ',') return 'expecting';
  if (key === 'ON' || key === 'USING' || (notAlias.has(key) && !joinWords.has(key))) return undefined;
  if (state === 'expecting' && (key === 'LATERAL' || key === 'STREAM')) return 'expecting';
  return 'after';
}

const joinWords: ReadonlySet<string> = new Set([
  'INNER',
  'LEFT',
  'RIGHT',
  'FULL',
  'CROSS',
  'NATURAL',
  'SEMI',
  'ANTI',
  'LATERAL',
  'VERSION',
  'TIMESTAMP',
  'FOR',
  'TABLESAMPLE',
  'PIVOT',
  'UNPIVOT',
]);
