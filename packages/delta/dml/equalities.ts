/** A conjunct `target."column" = source."column"` of a condition. */
export interface Equality {
  /** Name of the target's column. */
  column: string;
  /** Engine text of the source's. */
  source: string;
}

const NAME = '"(?:[^"]|"")*"';
const equality = new RegExp(`^(?:target\\.(${NAME}) = (source\\.${NAME})|(source\\.${NAME}) = target\\.(${NAME}))$`);

/** Equalities of columns that must hold wherever an engine condition does. What is not plainly one is left out. */
export function equalitiesOf(condition: string): Equality[] {
  const text = unwrapped(condition.trim());
  const parts = conjuncts(text);
  if (parts.length > 1) return parts.flatMap(equalitiesOf);
  const found = equality.exec(text);
  const name = found?.[1] ?? found?.[4];
  const source = found?.[2] ?? found?.[3];
  return name && source ? [{ column: name.slice(1, -1).replaceAll('""', '"'), source }] : [];
}

/** Without parentheses around the whole. */
function unwrapped(text: string): string {
  if (!text.startsWith('(')) return text;
  for (const { depth, index } of signs(text))
    if (depth === 0) return index === text.length - 1 ? unwrapped(text.slice(1, -1).trim()) : text;
  return text;
}

/** Parts that a condition joins by AND at its top; the whole where anything there binds otherwise. */
function conjuncts(text: string): string[] {
  const top = Array.from({ length: text.length }, () => false);
  for (const { depth, index, isQuoted } of signs(text))
    if (depth === 0 && !isQuoted && text[index] !== ')') top[index] = true;
  const bare = top.map((isTop, index) => (isTop ? text[index] : '\0')).join('');
  if (/\b(or|xor|not|between|case|like|ilike|in|is|escape|lambda|collate)\b/i.test(bare)) return [text];
  const parts: string[] = [];
  let start = 0;
  for (const match of bare.matchAll(/\sand\s/gi)) {
    parts.push(text.slice(start, match.index).trim());
    start = match.index + match[0].length;
  }
  return [...parts, text.slice(start).trim()];
}

/** Every sign with how many parentheses are open after it, and whether it lies in a text or a quoted name. */
function* signs(text: string): Generator<{ index: number; depth: number; isQuoted: boolean }> {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const sign = text[index]!;
    const isQuoted = quote !== '' || sign === "'" || sign === '"';
    if (quote) {
      if (sign === quote) quote = '';
    } else if (sign === "'" || sign === '"') quote = sign;
    else if (sign === '(') depth++;
    else if (sign === ')') depth--;
    yield { index, depth, isQuoted };
  }
}
