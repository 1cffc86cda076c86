import type { IncomingMessage } from 'node:http';
import { userError } from '@boathouse/contracts';
import type { z } from 'zod';

/** Databricks clients send notebooks as base64 in JSON: 10 MB of notebook and its overhead. */
export const maxJsonBytes = 16 * 1024 * 1024;

/** Collects a body of at most `limit` bytes. Throws REQUEST_TOO_LARGE. */
export async function readBytes(req: IncomingMessage, limit = maxJsonBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > limit)
      throw userError('REQUEST_TOO_LARGE', `The request is larger than ${limit} bytes.`, { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The JSON body, or undefined where there is none. Throws MALFORMED_REQUEST. */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const text = (await readBytes(req)).toString('utf8');
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw userError('MALFORMED_REQUEST', 'The body is not valid JSON.');
  }
  // Only an escape can bring the character, and hardly any body has one: the long way is taken for those alone.
  if (text.includes('\\u0000')) refuseNul(value, 'body');
  return value;
}

/** Refuses the one character that no text of the database holds. Throws INVALID_PARAMETER_VALUE. */
export function refuseNul(value: unknown, where: 'path' | 'query' | 'body'): void {
  if (typeof value === 'string' && value.includes('\0'))
    throw userError('INVALID_PARAMETER_VALUE', `The ${where} holds a NUL character (U+0000). Leave it out.`);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    refuseNul(name, where);
    refuseNul(item, where);
  }
}

/** Query parameters; a name given twice becomes an array. */
export function queryObject(search: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    query[name] = values.length === 1 ? values[0]! : values;
  }
  return query;
}

/** Parses by the schema. Throws INVALID_PARAMETER_VALUE naming the first field at fault. */
export function parseAs<T extends z.ZodType>(schema: T, value: unknown, where: 'path' | 'query' | 'body'): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw userError('INVALID_PARAMETER_VALUE', issueText(parsed.error, where));
}

function issueText(error: z.ZodError, where: string): string {
  const issue = error.issues[0];
  if (!issue) return `The ${where} is not valid.`;
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const name = [field, issue.keys[0]].filter(Boolean).join('.');
    return `The field "${name}" of the ${where} is not supported. Leave it out.`;
  }
  return field
    ? `The field "${field}" of the ${where} is not valid: ${issue.message}`
    : `The ${where} is not valid: ${issue.message}`;
}
