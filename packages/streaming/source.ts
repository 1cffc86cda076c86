import type { ObjectInfo, ObjectStore } from '@boathouse/contracts';
import { FileRegistry, type RegisteredFile } from './registry.ts';

/** Where a stream's rows come from: an offset is a number that only grows. */
export interface StreamSource {
  /** Keys its offsets in the checkpoint: it stays what it is when other sources come and go. */
  readonly id: string;
  /** Looks for what is new. Answers the end of all that is there. */
  latest(): Promise<number>;
  /** The end of a batch that begins after `after`, at most `latest`. */
  limit(after: number, latest: number): number;
}

export interface FileSource extends StreamSource {
  /** Files of a batch. */
  files(after: number, end: number): RegisteredFile[];
  /** Found again with other contents since; each was read once and is not read again. */
  readonly changed: readonly RegisteredFile[];
  /** What lies between an offset and the end of what was found. */
  backlog(after: number): { files: number; bytes: number };
}

export interface FileSourceOptions {
  store: ObjectStore;
  /** Of the stream: the source keeps its registry below it. */
  checkpoint: string;
  /** Lists what is there now; order does not matter. */
  list: () => Promise<ObjectInfo[]>;
  maxFilesPerTrigger?: number;
}

/** As Auto Loader's `cloudFiles.maxFilesPerTrigger`. */
const MAX_FILES_PER_TRIGGER = 1000;
const ID = 'files';

/** Every path exactly once, in the order of discovery; files found together are ordered by time and then by name. */
export async function openFileSource(options: FileSourceOptions): Promise<FileSource> {
  const maxFiles = options.maxFilesPerTrigger ?? MAX_FILES_PER_TRIGGER;
  const registry = await FileRegistry.open(options.store, `${options.checkpoint}/sources/${ID}`);
  let changed: RegisteredFile[] = [];
  return {
    id: ID,
    get changed() {
      return changed;
    },
    async latest() {
      const found = (await options.list()).sort(
        (a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
      );
      ({ changed } = await registry.add(found));
      return registry.end;
    },
    limit: (after, latest) => Math.min(latest, after + maxFiles),
    files: (after, end) => registry.range(after, end),
    backlog(after) {
      const files = registry.range(after, registry.end);
      return { files: files.length, bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
    },
  };
}
