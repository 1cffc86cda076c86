import type { DeltaRoom } from '../room.ts';
import { deleteRows } from './delete.ts';
import { mergeRows } from './merge.ts';
import type { DmlOperations } from './types.ts';
import { updateRows } from './update.ts';

/** Operations that change rows where they are. */
export const createDmlOperations = (room: DeltaRoom): DmlOperations => ({
  delete: (location, request) => deleteRows(room, location, request),
  update: (location, request) => updateRows(room, location, request),
  merge: (location, request) => mergeRows(room, location, request),
});
