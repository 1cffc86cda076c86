import type { IncomingMessage } from 'node:http';
import { BoathouseError, userError } from '@boathouse/contracts';

export interface Form {
  fields: Record<string, string>;
  files: Record<string, Buffer>;
}

export const isForm = (req: IncomingMessage): boolean =>
  /^multipart\/form-data\b/i.test(req.headers['content-type'] ?? '');

/** A small multipart form, held in memory. Throws REQUEST_TOO_LARGE past `limitBytes`, MALFORMED_REQUEST. */
export async function readForm(req: IncomingMessage, limitBytes: number): Promise<Form> {
  const { default: busboy } = await import('busboy');
  const form: Form = { fields: {}, files: {} };
  const tooLarge = userError('REQUEST_TOO_LARGE', `The form is larger than ${limitBytes} bytes.`, { status: 413 });
  await new Promise<void>((resolve, reject) => {
    const parser = busboy({
      headers: req.headers,
      limits: { fileSize: limitBytes, fieldSize: limitBytes, files: 10, fields: 50 },
    });
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) reject(tooLarge);
      form.fields[name] = value;
    });
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => reject(tooLarge));
      stream.on('end', () => {
        form.files[name] = Buffer.concat(chunks);
      });
    });
    parser.on('close', resolve);
    parser.on('error', reject);
    req.on('aborted', () => reject(userError('MALFORMED_REQUEST', 'The request ended early.')));
    req.pipe(parser);
  }).catch((error: unknown) => {
    req.unpipe();
    req.resume();
    throw error instanceof BoathouseError
      ? error
      : userError('MALFORMED_REQUEST', 'The body is not a valid multipart form.');
  });
  return form;
}
