import type { Token } from '../lexer/index.ts';

/** Tokens with what stands in parentheses folded into one item; a parenthesis that is never closed ends with the text. */
export interface Group {
  items: Item[];
  parent?: Group;
  /** Index of this group among its parent's items. */
  index: number;
  /** Offsets of what stands inside. */
  start: number;
  end: number;
}
export type Item = Token | Group;

export const isGroup = (item: Item | undefined): item is Group => item !== undefined && 'items' in item;
export const keyOf = (item: Item | undefined): string => (item === undefined || isGroup(item) ? '' : item.key);

export function isName(item: Item | undefined): item is Token {
  return item !== undefined && !isGroup(item) && (item.kind === 'word' || item.kind === 'quoted');
}

/** The groups of a statement's tokens. Never recursive, so that any depth is fine. */
export function groupTokens(tokens: readonly Token[], end: number): Group {
  const root: Group = { items: [], index: 0, start: 0, end };
  let current = root;
  for (const token of tokens) {
    if (token.kind === 'eof') continue;
    if (token.key === '(') {
      const group: Group = { items: [], parent: current, index: current.items.length, start: token.end, end };
      current.items.push(group);
      current = group;
    } else if (token.key === ')' && current.parent) {
      current.end = token.start;
      current = current.parent;
    } else {
      current.items.push(token);
    }
  }
  return root;
}

/** The innermost group around an offset. */
export function groupAt(root: Group, offset: number): Group {
  let found = root;
  for (;;) {
    const inner = found.items.find((item) => isGroup(item) && item.start <= offset && offset <= item.end);
    if (!isGroup(inner)) return found;
    found = inner;
  }
}

const setWords: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'MINUS']);

/** The operands of the set operations of a group. */
export function segments(group: Group): Item[][] {
  const all: Item[][] = [[]];
  group.items.forEach((item, index) => {
    // `* EXCEPT (a, b)` is no set operation.
    const isExcluding =
      keyOf(item) === 'EXCEPT' && keyOf(group.items[index - 1]) === '*' && isGroup(group.items[index + 1]);
    if (setWords.has(keyOf(item)) && !isExcluding) all.push([]);
    else all.at(-1)!.push(item);
  });
  return all;
}

/** The operand that an offset lies in. */
export function segmentAt(group: Group, offset: number): Item[] {
  const all = segments(group);
  return all.findLast((items) => items[0] && items[0].start <= offset) ?? all[0]!;
}
