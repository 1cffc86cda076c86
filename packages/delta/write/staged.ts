import { BoathouseError, type TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import type { DeltaRoom } from '../room.ts';
import type { WriteFilesTarget } from '../types.ts';
import { writeErrors } from './errors.ts';
import { discardFiles, writeFiles, writerOf } from './files.ts';
import { definedShape, shapeOf, type TableShape } from './shape.ts';

/**
 * Rows into files that are committed later by `create` or `commit`. A table that is there with the target's columns is written
 * in its own shape. Throws DELTA_IDENTITY_COLUMNS_NEED_INSERT where the commit would have to know what values were given out.
 */
export async function writeStaged(
  room: DeltaRoom,
  target: WriteFilesTarget | TableShape,
  relationSql: string,
  engine: TableEngine | undefined,
): Promise<AddFile[]> {
  const shape = 'fields' in target ? target : await shapeAt(room, target);
  const { adds, fields } = await writeFiles(writerOf(room, engine), shape, relationSql);
  if (!fields) return adds;
  await discardFiles(room.reader.store, shape.location, adds);
  throw writeErrors.identityNeedsInsert(shape.location);
}

async function shapeAt(room: DeltaRoom, target: WriteFilesTarget): Promise<TableShape> {
  try {
    const snapshot = await room.cache.current(target.location);
    const isSame =
      snapshot.columns.length === target.columns.length &&
      snapshot.columns.every(
        ({ name, type }, index) => name === target.columns[index]?.name && type === target.columns[index]?.type,
      ) &&
      snapshot.metadata.partitionColumns.join('\0') === target.partitionColumns.join('\0');
    if (isSame) return shapeOf(snapshot);
  } catch (error) {
    if (!(error instanceof BoathouseError && error.code === 'DELTA_TABLE_NOT_FOUND')) throw error;
  }
  return definedShape(target);
}
