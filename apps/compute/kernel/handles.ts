import { type ResultManifest, userError } from '@boathouse/contracts';

/** Results that a session keeps for later questions. */
const MAX_HANDLES = 1000;

/** Numbers for results of commands. A cell gets the number and never a storage key: a key could be another's. */
export class Handles {
  private readonly results = new Map<number, ResultManifest>();
  private next = 1;

  add(result: ResultManifest): number {
    const handle = this.next++;
    this.results.set(handle, result);
    this.results.delete(handle - MAX_HANDLES);
    return handle;
  }

  /** Throws RESULT_GONE. */
  get(handle: number): ResultManifest {
    const result = this.results.get(handle);
    if (result) return result;
    throw userError('RESULT_GONE', 'The rows of this command are gone. Run it again.');
  }
}
