import { BoathouseError, systemError, userError } from '@boathouse/contracts';
import { errorCode } from './durable.ts';

/** What the file system refuses, as an error that says what to do; anything else as it is. `what`: a key or a folder. */
export function storageError(error: unknown, what: string): unknown {
  if (error instanceof BoathouseError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return systemError(
        'STORAGE_FULL',
        `There is no room left in the storage for "${what}", and it was not written. Free some space there, then try again.`,
        { status: 507, detail, cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return userError(
        'STORAGE_PERMISSION_DENIED',
        `The file system does not allow this process to use "${what}". Give its user the permission, or run as a user who has it.`,
        { status: 403, detail, cause: error },
      );
    default:
      return error;
  }
}

/** Runs work on a key, with the file system's refusals as typed errors. */
export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, what);
  }
}
