import { createHash, createHmac, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

/** What signs and names the session cookie: both derive from the installation key. */
export interface CookieSecret {
  secret: string;
  /** Cookies of one host are shared by all its ports, so each installation has its own name. */
  prefix: string;
}

export function cookieSecret(installationKey: KeyObject): CookieSecret {
  const key = installationKey.export({ format: 'der', type: 'pkcs8' });
  const derive = (use: string, bytes: number) => Buffer.from(hkdfSync('sha256', key, '', use, bytes)).toString('hex');
  return { secret: derive('boathouse session cookie', 32), prefix: `boathouse-${derive('boathouse cookie name', 4)}` };
}

export const sessionCookieName = (cookie: CookieSecret): string => `${cookie.prefix}.session_token`;

/**
 * The session token of a Cookie header, or null where there is none or its signature is not ours. better-auth signs with
 * HMAC-SHA-256 in base64 behind a dot; checked here so that a request need not load better-auth.
 */
export function sessionToken(header: string | undefined, cookie: CookieSecret): string | null {
  const name = `${sessionCookieName(cookie)}=`;
  const raw = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(name))
    ?.slice(name.length);
  if (!raw) return null;
  const value = raw.includes('%') ? safeDecode(raw) : raw;
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const expected = createHmac('sha256', cookie.secret).update(token).digest();
  const given = Buffer.from(value.slice(dot + 1), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** A new secret of 256 bits: API tokens (`bh_…`), invitations. Only its hash is stored. */
export const newSecret = (prefix: string): string => prefix + randomBytes(32).toString('base64url');

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
