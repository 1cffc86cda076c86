import { splitFullName } from '@boathouse/catalog';
import { userError } from '@boathouse/contracts';

/**
 * Where empty directories of a volume are remembered: an object store has none of its own. They lie beside the volume and
 * not in it, so that no reader of its files meets a mark.
 */
export const volumeDirectories = (location: string): string => location.replace(/^volumes\//, 'volume-directories/');

/** Key of a directory's mark. Segments carry a prefix, so that no directory's name can be the mark's. */
export const directoryMark = (location: string, segments: readonly string[]): string =>
  `${directoryMarks(location, segments)}mark`;
export const directoryMarks = (location: string, segments: readonly string[]): string =>
  volumeDirectories(location) + segments.map((it) => `d=${it}/`).join('');

export interface VolumePath {
  volume: [string, string, string];
  /** Below the volume; empty for its root. */
  segments: string[];
}

/**
 * Reads `catalog/schema/volume/a/b` (percent-decoded). A trailing slash is allowed. Throws INVALID_PARAMETER_VALUE for what
 * could leave the volume or name nothing: relative and empty segments, backslashes, control characters.
 */
export function parseVolumePath(path: string): VolumePath {
  const refuse = (why: string) =>
    userError('INVALID_PARAMETER_VALUE', `The path /Volumes/${path.slice(0, 200)} is not valid: ${why}.`);
  const parts = path.replace(/\/$/, '').split('/');
  if (parts.length < 3) throw refuse('write /Volumes/catalog/schema/volume/…');
  for (const part of parts) {
    if (part === '') throw refuse('it has an empty segment');
    if (part === '.' || part === '..') throw refuse('"." and ".." are not allowed');
    if (/[\\\p{Cc}]/u.test(part)) throw refuse('it holds a backslash or a control character');
    if (Buffer.byteLength(part) > 250) throw refuse('a name is longer than 250 bytes');
  }
  const [catalog, schema, volume, ...segments] = parts as [string, string, string, ...string[]];
  return { volume: [catalog, schema, volume], segments };
}

/** The path that users write. */
export const volumePath = (volume: readonly string[], segments: readonly string[]): string =>
  ['', 'Volumes', ...volume, ...segments].join('/');

/** `catalog.schema.volume` as three names. */
export const volumeNames = (fullName: string): [string, string, string] =>
  splitFullName(fullName, 3) as [string, string, string];
