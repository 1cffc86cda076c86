import type { ObjectStore } from '@boathouse/contracts';
import type { DeletionVectorDescriptor } from '../actions/types.ts';
import { canonicalPath } from '../log/paths.ts';
import { vectorKey } from '../scan/deletion-vector.ts';

/** Keys inside of the table that a file action needs: what lies elsewhere is not the table's to remove. */
export function keysOf(
  store: ObjectStore,
  location: string,
  file: { path: string; deletionVector?: DeletionVectorDescriptor },
): string[] {
  const root = store.uri(location);
  const path = canonicalPath(file.path, root);
  const keys = isOutside(path) ? [] : [`${location}/${path}`];
  const vector = file.deletionVector;
  if (!vector || vector.storageType === 'i') return keys;
  if (vector.storageType === 'p' && isOutside(canonicalPath(vector.pathOrInlineDv, root))) return keys;
  return [...keys, vectorKey(store, location, vector)];
}

const isOutside = (path: string): boolean => path.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(path);
