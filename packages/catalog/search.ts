/** Something that search may find. `text` is what is shown in bold, `path` where it lies, `extra` a comment. */
export interface Searchable {
  text: string;
  path?: string;
  extra?: string | null;
  /** Kinds are equal in rank unless this says otherwise; added to the score. */
  bonus?: number;
  /** At least one word must be in the name itself: a column is not found by its table's name alone. */
  byName?: boolean;
}

/**
 * How well something answers a query, 0 where it does not. Every word of the query must be found: in the name (whole, at its
 * beginning, at the beginning of a part, anywhere), else in the path, else in the comment. Names compare without case.
 */
export function searchScore(query: string, item: Searchable): number {
  const words = query
    .toLowerCase()
    .split(/[\s./]+/)
    .filter(Boolean);
  if (words.length === 0) return 0;
  const text = item.text.toLowerCase();
  const path = item.path?.toLowerCase() ?? '';
  const extra = item.extra?.toLowerCase() ?? '';
  let total = 0;
  if (item.byName && !words.some((word) => text.includes(word))) return 0;
  for (const word of words) {
    const score = wordScore(word, text) || (path.includes(word) ? 8 : 0) || (extra.includes(word) ? 4 : 0);
    if (score === 0) return 0;
    total += score;
  }
  if (text === query.trim().toLowerCase()) total += 50;
  // Shorter names answer more exactly; the whole path as typed answers best of all.
  const whole = path && `${path}.${text}` === query.trim().toLowerCase() ? 60 : 0;
  return total / words.length + whole + (item.bonus ?? 0) + 5 / (1 + text.length);
}

function wordScore(word: string, text: string): number {
  if (text === word) return 100;
  if (text.startsWith(word)) return 60;
  if (new RegExp(`[^\\p{L}\\p{N}]${literal(word)}`, 'u').test(text)) return 40;
  return text.includes(word) ? 20 : 0;
}

const literal = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The best `limit` items, best first; equal scores keep their order. */
export function rank<T extends Searchable>(
  query: string,
  items: Iterable<T>,
  limit: number,
): { item: T; score: number }[] {
  const hits: { item: T; score: number }[] = [];
  for (const item of items) {
    const score = searchScore(query, item);
    if (score > 0) hits.push({ item, score });
  }
  return hits.sort((left, right) => right.score - left.score).slice(0, limit);
}
