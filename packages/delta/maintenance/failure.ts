import { BoathouseError } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { decodePath } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { checkSome } from './fsck-files.ts';

/** Files that are looked at where the engine names none. */
const LOOKED_AT = 256;
/** Errors that are sure to have another reason than a file, and those that may have a file for a reason. */
const clear = /^(USAGE|CANCELLED|OUT_OF_MEMORY|DISK_FULL|DIVIDE_BY_ZERO|ARITHMETIC_OVERFLOW|STORAGE_|DELTA_)/;
const suspicious = /^(ENGINE_ERROR|UNSUPPORTED_BY_ENGINE|OBJECT_NOT_FOUND|FILE_)/;

/**
 * Why a statement that read a table failed, where a file of the table is to blame: missing, damaged or of another schema. The
 * engine names a file at best; this names table, version and the way out. Null: the files that can be meant are sound.
 */
export async function fileFailure(
  room: DeltaRoom,
  location: string,
  at: { version?: number },
  error: unknown,
): Promise<BoathouseError | null> {
  const text = error instanceof BoathouseError ? `${error.message} ${error.detail ?? ''}` : String(error);
  if (error instanceof BoathouseError && clear.test(error.code)) return null;
  const snapshot = await (at.version === undefined
    ? room.cache.current(location)
    : room.cache.atVersion(location, at.version));
  const files = await snapshot.files();
  const named = files.filter((file) => text.includes(baseName(file)));
  // Values that do not fit their type are told by the statement itself; only a file that the engine names is read for them.
  if (!named.length && error instanceof BoathouseError && !suspicious.test(error.code)) return null;
  const { engine } = room.reader;
  let [problem] = await checkSome(room, snapshot, named, { engine, depth: 'rows' });
  if (!problem) {
    // The engine takes the first file's schema for all: the one that it names may be sound, and another the odd one.
    const others = files.filter((file) => !named.includes(file)).slice(0, LOOKED_AT);
    [problem] = await checkSome(room, snapshot, others, { engine, depth: 'columns' });
  }
  return problem ? deltaErrors.dataFile(location, snapshot.version, problem) : null;
}

const baseName = (file: AddFile): string => decodePath(file.path).split('/').at(-1) ?? file.path;
