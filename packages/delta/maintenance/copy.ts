import type { ObjectStore } from '@boathouse/contracts';
import type { AddFile, DeletionVectorDescriptor } from '../actions/types.ts';
import { canonicalPath, encodePath, fileKey } from '../log/paths.ts';
import { deletedRows, vectorKey } from '../scan/deletion-vector.ts';
import { countRows, encodeRows } from '../scan/roaring.ts';
import { encodeZ85 } from '../scan/z85.ts';

const CHUNK_BYTES = 8 * 2 ** 20;

/** Copies an object in pieces. True where it was copied; false where the target has one of that size. */
export async function copyObject(store: ObjectStore, from: string, to: string): Promise<boolean> {
  const source = await store.head(from);
  const there = await store.head(to);
  if (source && there?.sizeBytes === source.sizeBytes) return false;
  const writer = await store.writer(to);
  try {
    const size = source?.sizeBytes ?? 0;
    // Without a source this throws OBJECT_NOT_FOUND by name.
    for (let at = 0; at < size || (at === 0 && !source); at += CHUNK_BYTES)
      await writer.write(await store.getRange(from, at, Math.min(CHUNK_BYTES, size - at)));
    await writer.commit();
    return true;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** The file as another table names it: by absolute paths. */
export function referred(store: ObjectStore, location: string, file: AddFile): AddFile {
  const root = store.uri(location);
  const vector = file.deletionVector;
  return {
    ...file,
    path: absolute(store, fileKeyOrPath(store, location, file.path, root)),
    ...(vector?.storageType === 'u'
      ? {
          deletionVector: {
            ...vector,
            storageType: 'p',
            pathOrInlineDv: absolute(store, vectorKey(store, location, vector)),
          },
        }
      : {}),
  };
}

/** A key of this store, or what is absolute already. */
function fileKeyOrPath(
  store: ObjectStore,
  location: string,
  path: string,
  root: string,
): { key: string } | { uri: string } {
  const canonical = canonicalPath(path, root);
  return canonical.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(canonical)
    ? { uri: path }
    : { key: fileKey(location, path, store.uri(location)) };
}

function absolute(store: ObjectStore, named: string | { key: string } | { uri: string }): string {
  if (typeof named === 'object' && 'uri' in named) return named.uri;
  const uri = store.uri(typeof named === 'object' ? named.key : named);
  return uri.startsWith('/') ? `file://${encodePath(uri)}` : uri;
}

/** Where the file lies in a copy of its table, relative and decoded: a file of elsewhere comes into the table's own folder. */
export function copiedPath(store: ObjectStore, location: string, path: string): string {
  const canonical = canonicalPath(path, store.uri(location));
  return /^(\/|[A-Za-z][A-Za-z0-9+.-]*:\/)/.test(canonical)
    ? canonical.slice(canonical.lastIndexOf('/') + 1)
    : canonical;
}

/** A deletion vector for a copy of its table; its file is copied with it. */
export async function copiedVector(
  store: ObjectStore,
  location: string,
  vector: DeletionVectorDescriptor,
  to: string,
): Promise<DeletionVectorDescriptor> {
  if (vector.storageType === 'i') return vector;
  const key = vectorKey(store, location, vector);
  const name = /^deletion_vector_([0-9a-f-]{36})\.bin$/.exec(key.slice(key.lastIndexOf('/') + 1));
  if (!name) {
    const rows = await deletedRows(store, location, vector);
    const data = encodeRows(rows);
    return {
      storageType: 'i',
      pathOrInlineDv: encodeZ85(data),
      sizeInBytes: data.length,
      cardinality: countRows(rows),
    };
  }
  await copyObject(store, key, `${to}/${name[0]}`);
  const uuid = encodeZ85(Buffer.from(name[1]!.replaceAll('-', ''), 'hex'));
  return { ...vector, storageType: 'u', pathOrInlineDv: uuid };
}
