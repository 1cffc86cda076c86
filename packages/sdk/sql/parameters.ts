import { scan } from './scan.ts';
import { literal, SdkError, type SqlValue } from './text.ts';

export type Parameters = readonly SqlValue[] | Readonly<Record<string, SqlValue>>;

/**
 * The text with its parameters as literals: `:name` from an object, `?` from an array. Only markers where a value may
 * stand are replaced: `a:b` is a path and `a::int` a cast. Throws UNBOUND_PARAMETER, UNUSED_PARAMETER.
 */
export function bindParameters(text: string, parameters: Parameters): string {
  const named = Array.isArray(parameters) ? null : (parameters as Record<string, SqlValue>);
  const list = Array.isArray(parameters) ? (parameters as readonly SqlValue[]) : [];
  const used = new Set<string>();
  let next = 0;
  let bound = '';
  let at = 0;
  const pieces = [...scan(text)];
  pieces.forEach((piece, i) => {
    if (named && piece.text === ':' && isMarker(text, piece.start)) {
      const name = pieces[i + 1];
      if (name?.kind !== 'word' || name.start !== piece.start + 1) return;
      if (!Object.hasOwn(named, name.text))
        throw new SdkError('UNBOUND_PARAMETER', `The parameter :${name.text} has no value.`);
      used.add(name.text);
      bound += text.slice(at, piece.start) + literal(named[name.text]);
      at = name.start + name.text.length;
    } else if (!named && piece.text === '?' && !text.startsWith('::', piece.start + 1)) {
      if (next >= list.length)
        throw new SdkError(
          'UNBOUND_PARAMETER',
          `There are more ? in the statement than the ${list.length} values given.`,
        );
      bound += text.slice(at, piece.start) + literal(list[next++]);
      at = piece.start + 1;
    }
  });
  if (next < list.length)
    throw new SdkError('UNUSED_PARAMETER', `The statement has ${next} ? for the ${list.length} values given.`);
  const unused = Object.keys(named ?? {}).find((name) => !used.has(name));
  if (unused !== undefined)
    throw new SdkError('UNUSED_PARAMETER', `The statement has no :${unused} for the value of that name.`);
  return bound + text.slice(at);
}

const isMarker = (text: string, at: number): boolean =>
  text[at + 1] !== ':' && !/[\p{L}\p{N}_$)\]`'":]/u.test(text[at - 1] ?? '');
