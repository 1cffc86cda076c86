import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import { type CastOptions, canAssign, canCast, cast, storeAssign } from '../types/index.ts';

/** Delta Lake takes whatever a cast takes; a value that does not fit raises when it is written. */
export function stored(value: Typed, type: DataType, column: string, options: CastOptions): Typed {
  const castable = !canAssign(value.type, type) && canCast(value.type, type);
  return castable ? cast(value, type, options) : storeAssign(value, type, column, options);
}
