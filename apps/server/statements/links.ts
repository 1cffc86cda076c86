import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { userError } from '@boathouse/contracts';
import { z } from 'zod';

/** `userId`: to whom the link was given. Their rights open it. */
const Link = z.object({
  statementId: z.string(),
  chunk: z.number().int(),
  expiresAtMs: z.number(),
  userId: z.string(),
});
export type Link = z.infer<typeof Link>;

const notValid = () =>
  userError('PERMISSION_DENIED', 'This link is not valid or has expired. Ask for the chunk again.', { status: 403 });

/** Links to chunks that need no other credential: signed by a key of the installation, and expiring. */
export function createLinks(installationKey: KeyObject, clock: () => number) {
  const seed = installationKey.export({ type: 'pkcs8', format: 'der' });
  const key = Buffer.from(hkdfSync('sha256', seed, Buffer.alloc(0), 'boathouse statement links', 32));
  const sign = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    token(link: Link): string {
      const payload = Buffer.from(JSON.stringify(link)).toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },
    /** Throws PERMISSION_DENIED. */
    open(token: string): Link {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const right = sign(payload);
      if (given.length !== right.length || !timingSafeEqual(given, right)) throw notValid();
      const link = Link.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
      if (link.expiresAtMs < clock()) throw notValid();
      return link;
    },
  };
}
