import { type KernelRoomOptions, kernelRoom } from '../kernel/index.ts';
import { importFiles } from './import.ts';
import { pipelineUpdate } from './pipeline.ts';
import { statement } from './statement.ts';
import type { OrderRoom } from './types.ts';

/** Every room that performs orders. A new kind of work is a new row here. */
export function orderRooms(options: KernelRoomOptions): OrderRoom[] {
  return [{ handlers: { statement, import: importFiles, pipeline: pipelineUpdate } }, kernelRoom(options)];
}
