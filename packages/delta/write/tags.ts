import { createHash } from 'node:crypto';
import type { AddFile } from '../actions/types.ts';
import { engineType } from '../schema/engine.ts';
import type { DeltaField } from '../schema/types.ts';

/**
 * Tag of data files that this engine wrote. It promises: timestamps are INT64 microseconds in UTC, a column with a NaN has no
 * bounds, and the columns are those of the fingerprint. So a scan needs neither a look into the footer nor casts, and the
 * engine keeps the use of the file's own statistics.
 */
const OWN_FILE = 'boathouse.writer';
const PROMISE = '1:';

/** Fingerprint of the columns that lie in a file, in their order. */
export function schemaFingerprint(fields: readonly DeltaField[]): string {
  const columns = fields.map((field) => [field.name, engineType(field.type, field.name)]);
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16);
}

export const ownTags = (fingerprint: string): Record<string, string> => ({ [OWN_FILE]: PROMISE + fingerprint });
export const isOwn = (file: AddFile): boolean => file.tags?.[OWN_FILE]?.startsWith(PROMISE) ?? false;
export const hasFingerprint = (file: AddFile, fingerprint: string): boolean =>
  file.tags?.[OWN_FILE] === PROMISE + fingerprint;
/** Engine condition for the same over a MAP of tags. */
export const ownTagTest = (tags: string): string => `starts_with(${tags}['${OWN_FILE}'], '${PROMISE}')`;
