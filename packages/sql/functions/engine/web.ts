import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { roundText } from './math.ts';
import { withTry } from './number-text.ts';

/** application/x-www-form-urlencoded, as java.net.URLEncoder. */
const urlEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

function urlDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw userError('CANNOT_DECODE_URL', `'${text}' is not URL-encoded. Use try_url_decode to get NULL.`, {
      sqlState: '22546',
    });
  }
}

const uri = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** A part of a URL as java.net.URI sees it; NULL where it is missing. Throws INVALID_URL. */
function parseUrl(url: string, part: string, key: string | null): string | null {
  const match = uri.exec(url);
  if (!match || /[\s<>"{}|\\^`]/.test(url))
    throw userError('INVALID_URL', `'${url}' is not a URL. Use try_parse_url to get NULL.`, { sqlState: '22P02' });
  const [, protocol, authority, path, query, fragment] = match;
  const opaque = protocol !== undefined && authority === undefined && !path!.startsWith('/');
  const host = authority === undefined ? undefined : /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(authority)?.[1];
  switch (part) {
    case 'HOST':
      return host || null;
    case 'PATH':
      return opaque ? null : path!;
    case 'QUERY':
      if (key === null) return query ?? null;
      return new RegExp(`(?:^|&)${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}=([^&]*)`).exec(query ?? '')?.[1] ?? null;
    case 'REF':
      return fragment ?? null;
    case 'PROTOCOL':
      return protocol ?? null;
    case 'FILE':
      return opaque ? null : `${path}${query === undefined ? '' : `?${query}`}`;
    case 'AUTHORITY':
      return authority ?? null;
    case 'USERINFO':
      return authority?.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : null;
    default:
      return null;
  }
}

/** Java's DecimalFormat rounds the exact value of a double: a hundred digits of it tell every tie. */
const exactText = (value: number): string => (Math.abs(value) < 1e21 ? value.toFixed(100) : String(BigInt(value)));

/** Groups of three and a fixed number of digits, rounded half even. */
function formatNumber(text: string, digits: number): string | null {
  if (digits < 0) return null;
  if (text === 'NaN') return 'NaN';
  if (text.endsWith('Infinity')) return text.startsWith('-') ? '-∞' : '∞';
  const rounded = roundText(text, digits, 'half_even');
  const [whole, fraction = ''] = rounded.replace('-', '').split('.') as [string, string | undefined];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const negative = rounded.startsWith('-');
  return `${negative ? '-' : ''}${grouped}${digits > 0 ? `.${fraction.padEnd(digits, '0')}` : ''}`;
}

function widthBucket(value: number, low: number, high: number, count: bigint): bigint | null {
  if (
    count <= 0n ||
    low === high ||
    ![value, low, high].every((x) => !Number.isNaN(x)) ||
    !Number.isFinite(low) ||
    !Number.isFinite(high)
  )
    return null;
  const up = low < high;
  if (up ? value < low : value > low) return 0n;
  if (up ? value >= high : value <= high) return count + 1n;
  return BigInt(Math.floor((Number(count) * (value - low)) / (high - low))) + 1n;
}

const parseUrlFunction: EngineFunction = {
  name: 'spark_parse_url',
  parameters: ['VARCHAR', 'VARCHAR', 'VARCHAR', 'BOOLEAN'],
  returns: 'VARCHAR',
  nullAware: true,
  // The last argument says whether a key was asked for, so that a NULL key gives NULL.
  evaluate: ([url, part, key, keyed]) =>
    url === null || part === null || (keyed && (key === null || part !== 'QUERY'))
      ? null
      : parseUrl(url as string, part as string, key as string | null),
};

export const webFunctions: EngineFunction[] = [
  engineFunction('spark_url_encode', ['VARCHAR'], 'VARCHAR', ([text]) => urlEncode(text as string)),
  ...withTry(engineFunction('spark_url_decode', ['VARCHAR'], 'VARCHAR', ([text]) => urlDecode(text as string))),
  ...withTry(parseUrlFunction),
  engineFunction('spark_format_double', ['DOUBLE', 'INTEGER'], 'VARCHAR', ([value, digits]) =>
    formatNumber(Number.isFinite(value) ? exactText(value as number) : String(value), digits as number),
  ),
  engineFunction('spark_format_number', ['VARCHAR', 'INTEGER'], 'VARCHAR', ([text, digits]) =>
    formatNumber(text as string, digits as number),
  ),
  engineFunction(
    'spark_width_bucket',
    ['DOUBLE', 'DOUBLE', 'DOUBLE', 'BIGINT'],
    'BIGINT',
    ([value, low, high, count]) => widthBucket(value as number, low as number, high as number, count as bigint),
  ),
];
