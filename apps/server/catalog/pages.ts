import { userError } from '@boathouse/contracts';

/** A page of a list that is ordered by name: the token says after which name the next one begins. */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  page: { max_results?: number; page_token?: string },
): { items: T[]; next_page_token?: string } {
  const size = page.max_results || 1_000;
  const after = page.page_token === undefined ? null : readToken(page.page_token);
  const keys = items.map((item) => nameOf(item).toLowerCase());
  // Names are in the database's order, so the place is found by equality; a name that is gone begins at the first after it.
  const at = after === null ? -1 : keys.indexOf(after);
  const start = after === null ? 0 : at >= 0 ? at + 1 : keys.findIndex((key) => key > after);
  const rest = start < 0 ? [] : items.slice(start);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return rest.length > size && last !== undefined
    ? { items: shown, next_page_token: writeToken(nameOf(last)) }
    : { items: shown };
}

const writeToken = (name: string): string => Buffer.from(`after:${name.toLowerCase()}`).toString('base64url');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('after:'))
    throw userError('INVALID_PARAMETER_VALUE', 'The field "page_token" of the query is not a token of this API.');
  return text.slice('after:'.length);
}
