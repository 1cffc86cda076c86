import { deltaErrors } from '../errors.ts';

/**
 * PROTOCOL.md "Add File and Remove File": `path` is a URI reference, relative to the table's root or absolute. Everything
 * inside the root has one name here: relative and decoded.
 */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Some writers do not encode: a stray '%' is then part of the name.
    return path;
  }
}

/** `root`: absolute folder of the table. Paths outside of it keep their absolute form. */
export function canonicalPath(path: string, root: string): string {
  const decoded = decodePath(path);
  const absolute = /^file:\/*/.test(decoded) ? decoded.replace(/^file:\/*/, '/') : decoded;
  if (absolute.startsWith(root + '/')) return absolute.slice(root.length + 1);
  return absolute;
}

/** Storage key of a data file. Throws DELTA_UNSUPPORTED_FILE_PATH for one outside of the table. */
export function fileKey(location: string, path: string, root: string): string {
  const canonical = canonicalPath(path, root);
  if (canonical.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(canonical)) throw deltaErrors.absolutePath(path);
  return `${location}/${canonical}`;
}

/** A relative key as the URI of `add.path`: every segment percent-encoded, slashes kept. */
export const encodePath = (path: string): string =>
  path
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase()),
    )
    .join('/')
    .replaceAll('%3D', '=');
