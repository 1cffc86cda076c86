import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import {
  type DirectoryEntry,
  type ObjectInfo,
  type ObjectStore,
  type Principal,
  userError,
} from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { CatalogService } from '../catalog/index.ts';
import { enqueue } from '../events/index.ts';
import { directoryMark, parseVolumePath, volumePath } from './keys.ts';
import { folderExists, folderHolds, listFolder } from './listing.ts';
import type { ByteRange } from './range.ts';
import { receive } from './receive.ts';

export interface Who {
  workspaceId: string;
  principal: Principal;
}

/** Files of volumes. `path` is `catalog/schema/volume/…`, percent-decoded. Throws VOLUME_NOT_FOUND, PERMISSION_DENIED. */
export interface Files {
  /** Throws FILE_NOT_FOUND. */
  stat(who: Who, path: string): Promise<ObjectInfo>;
  /** The bytes of a file that `stat` has found. */
  read(info: ObjectInfo, range: ByteRange | null): Readable;
  /** Throws what `write` would throw before the first byte. */
  mayWrite(who: Who, path: string, overwrite: boolean): Promise<void>;
  /** Streams a body into a file; nothing is visible before its end. Throws ALREADY_EXISTS. */
  write(who: Who, path: string, body: IncomingMessage, overwrite: boolean): Promise<ObjectInfo>;
  remove(who: Who, path: string): Promise<void>;
  list(
    who: Who,
    path: string,
    page: { pageSize?: number; pageToken?: string },
  ): Promise<{ contents: DirectoryEntry[]; next_page_token?: string }>;
  /** Throws DIRECTORY_NOT_FOUND. */
  statDirectory(who: Who, path: string): Promise<void>;
  makeDirectory(who: Who, path: string): Promise<void>;
  /** Throws DIRECTORY_NOT_FOUND, DIRECTORY_NOT_EMPTY. */
  removeDirectory(who: Who, path: string): Promise<void>;
}

interface Place {
  volumeId: string;
  volume: [string, string, string];
  location: string;
  segments: string[];
}

const chunkBytes = 1024 * 1024;

export function createFiles(options: { store: ObjectStore; pool: Pool; catalog: CatalogService }): Files {
  const { store, pool, catalog } = options;

  async function open(who: Who, path: string, privilege: 'READ VOLUME' | 'WRITE VOLUME'): Promise<Place> {
    const { volume, segments } = parseVolumePath(path);
    const reader = catalog.reader(who.workspaceId);
    const found = await reader.volume(who.principal, ...volume);
    const fullName = volume.join('.');
    if (!found) {
      throw userError(
        'VOLUME_NOT_FOUND',
        `The volume ${fullName} cannot be found. Check its name, or ask its owner for a grant.`,
        { status: 404 },
      );
    }
    await reader.authorise(who.principal, [
      { kind: 'volume', id: found.id, fullName: `${found.catalog}.${found.schema}.${found.name}`, privilege },
    ]);
    return {
      volumeId: found.id,
      volume: [found.catalog, found.schema, found.name],
      location: found.location,
      segments,
    };
  }

  const keyOf = (place: Place): string => {
    if (place.segments.length === 0)
      throw userError('INVALID_PARAMETER_VALUE', `${shown(place)} is a volume: name a file in it.`);
    return place.location + place.segments.join('/');
  };
  const shown = (place: Place): string => volumePath(place.volume, place.segments);
  const changed = (who: Who, place: Place) =>
    enqueue(pool, 'changed', { workspaceId: who.workspaceId, kind: 'volume', id: place.volumeId });

  /** A file's place must not be a folder, nor lie below a file. */
  async function mustBeFree(place: Place): Promise<void> {
    for (let depth = 1; depth < place.segments.length; depth++) {
      const above = place.segments.slice(0, depth);
      if (await store.head(place.location + above.join('/'))) {
        throw userError('NOT_A_DIRECTORY', `${volumePath(place.volume, above)} is a file: nothing can lie in it.`, {
          status: 409,
        });
      }
    }
  }

  /** Where a new file goes. Throws ALREADY_EXISTS, IS_A_DIRECTORY, NOT_A_DIRECTORY. */
  async function target(who: Who, path: string, overwrite: boolean): Promise<Place> {
    const place = await open(who, path, 'WRITE VOLUME');
    const key = keyOf(place);
    await mustBeFree(place);
    if (await folderExists(store, place.location, place.segments)) {
      throw userError('IS_A_DIRECTORY', `${shown(place)} is a directory. Choose another name.`, { status: 409 });
    }
    if (!overwrite && (await store.head(key))) {
      throw userError('ALREADY_EXISTS', `${shown(place)} exists already. Use overwrite=true to replace it.`, {
        status: 409,
      });
    }
    return place;
  }

  async function find(
    who: Who,
    path: string,
    privilege: 'READ VOLUME' | 'WRITE VOLUME',
  ): Promise<{ place: Place; info: ObjectInfo }> {
    const place = await open(who, path, privilege);
    const info = await store.head(keyOf(place));
    if (!info) throw userError('FILE_NOT_FOUND', `There is no file ${shown(place)}.`, { status: 404 });
    return { place, info };
  }

  return {
    async stat(who, path) {
      return (await find(who, path, 'READ VOLUME')).info;
    },
    read: (info, range) =>
      Readable.from(chunks(store, info, range ?? { offset: 0, length: info.sizeBytes }), { objectMode: false }),

    async mayWrite(who, path, overwrite) {
      await target(who, path, overwrite);
    },
    async write(who, path, body, overwrite) {
      const place = await target(who, path, overwrite);
      const info = await receive(body, await store.writer(keyOf(place)));
      await changed(who, place);
      return info;
    },

    async remove(who, path) {
      const { place, info } = await find(who, path, 'WRITE VOLUME');
      await store.delete(info.key);
      await changed(who, place);
    },

    async list(who, path, page) {
      const place = await open(who, path, 'READ VOLUME');
      const listed = await listFolder({ store, ...place, pageSize: page.pageSize || 1_000, pageToken: page.pageToken });
      if (!listed) throw noDirectory(shown(place));
      return listed;
    },
    async statDirectory(who, path) {
      const place = await open(who, path, 'READ VOLUME');
      if (!(await folderExists(store, place.location, place.segments))) throw noDirectory(shown(place));
    },
    async makeDirectory(who, path) {
      const place = await open(who, path, 'WRITE VOLUME');
      if (place.segments.length === 0) return;
      await mustBeFree(place);
      if (await store.head(keyOf(place)))
        throw userError('NOT_A_DIRECTORY', `${shown(place)} is a file. Choose another name.`, { status: 409 });
      for (let depth = 1; depth <= place.segments.length; depth++) {
        await store.put(directoryMark(place.location, place.segments.slice(0, depth)), new Uint8Array());
      }
      await changed(who, place);
    },
    async removeDirectory(who, path) {
      const place = await open(who, path, 'WRITE VOLUME');
      if (place.segments.length === 0)
        throw userError('INVALID_PARAMETER_VALUE', `${shown(place)} is a volume. Drop it with DROP VOLUME.`);
      if (await folderHolds(store, place.location, place.segments)) {
        throw userError('DIRECTORY_NOT_EMPTY', `${shown(place)} is not empty. Delete what is in it first.`, {
          status: 409,
        });
      }
      if (!(await folderExists(store, place.location, place.segments))) throw noDirectory(shown(place));
      await store.delete(directoryMark(place.location, place.segments));
      await changed(who, place);
    },
  };
}

const noDirectory = (path: string) =>
  userError('DIRECTORY_NOT_FOUND', `There is no directory ${path}.`, { status: 404 });

async function* chunks(store: ObjectStore, info: ObjectInfo, range: ByteRange): AsyncIterable<Uint8Array> {
  for (let done = 0; done < range.length; ) {
    const bytes = await store.getRange(info.key, range.offset + done, Math.min(chunkBytes, range.length - done));
    // The file was replaced by a shorter one meanwhile: a broken connection says so, a short answer would not.
    if (bytes.length === 0) throw new Error(`${info.key} became shorter while it was read`);
    done += bytes.length;
    yield bytes;
  }
}
