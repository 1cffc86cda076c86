import type { DeletionVectorDescriptor } from '../actions/types.ts';
import { identifier, literal } from '../schema/engine.ts';
import { canonicalPath } from './paths.ts';

/** PROTOCOL.md "Action Reconciliation": a logical file is a path and a deletion vector; here as one text. */
const SEPARATOR = '\u0001';

/** PROTOCOL.md "Deletion Vectors": the id that tells vectors of one file apart. */
export const deletionVectorId = (vector: DeletionVectorDescriptor): string =>
  `${vector.storageType}${vector.pathOrInlineDv}${vector.offset === undefined ? '' : `@${vector.offset}`}`;

/** `root`: the table's folder as `ObjectStore.uri` names it; the many spellings of a path become one. */
export function identityOf(file: { path: string; deletionVector?: DeletionVectorDescriptor }, root: string): string {
  const path = canonicalPath(file.path, root);
  return file.deletionVector ? `${path}${SEPARATOR}${deletionVectorId(file.deletionVector)}` : path;
}

/** The same in the engine: expressions of a path and of a deletion vector (null: none has one). */
export function identitySql(path: string, vector: string | null, root: string): string {
  // As in `decodePath`: what is not wholly encoded is taken as it stands.
  const decoded = `CASE WHEN regexp_full_match(${path}, '([^%]|%[0-9A-Fa-f]{2})*') THEN coalesce(TRY(url_decode(${path})), ${path}) ELSE ${path} END`;
  const absolute = `regexp_replace(regexp_replace(${decoded}, '^file:/*', '/'), '^s3[an]://', 's3://')`;
  const prefix = literal(`${root}/`);
  const odd = `CASE WHEN starts_with(${absolute}, ${prefix}) THEN substr(${absolute}, length(${prefix}) + 1) ELSE ${absolute} END`;
  // Most paths are plain, and regular expressions over a million of them are not free.
  const canonical = `CASE WHEN contains(${path}, '%') OR contains(${path}, ':') OR starts_with(${path}, '/') THEN ${odd} ELSE ${path} END`;
  if (!vector) return `(${canonical})`;
  const part = (name: string) => `${vector}.${identifier(name)}`;
  return `(${canonical} || CASE WHEN ${part('storageType')} IS NULL THEN '' ELSE chr(1) || ${part('storageType')} || ${part('pathOrInlineDv')} || coalesce('@' || ${part('offset')}::VARCHAR, '') END)`;
}
