import type { Runtime } from '../runtime.ts';
import { importFiles } from './import.ts';
import { pipelineUpdate } from './pipeline.ts';
import { statement } from './statement.ts';
import type { OrderRoom } from './types.ts';

/** Every room that performs orders. A new kind of work is a new row here. */
export function orderRooms(_runtime: Runtime): OrderRoom[] {
  return [{ handlers: { statement, import: importFiles, pipeline: pipelineUpdate } }];
}
