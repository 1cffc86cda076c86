import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { systemError } from '@boathouse/contracts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps tokens of engines readable for this installation alone: AES-256-GCM under a key that derives from the installation's.
 * `owner` is bound to the text, so that a sealed token moved to another row does not open.
 */
export function createSeal(installationKey: KeyObject): {
  seal(text: string, owner: string): string;
  open(sealed: string, owner: string): string;
} {
  const der = installationKey.export({ format: 'der', type: 'pkcs8' });
  const key = Buffer.from(hkdfSync('sha256', der, '', 'boathouse engine token', 32));
  return {
    seal(text, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(owner))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
      } catch {
        throw systemError(
          'ENGINE_TOKEN_UNREADABLE',
          'The token of this engine was kept by another installation. An administrator must give it again.',
        );
      }
    },
  };
}
