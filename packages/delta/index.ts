export type * from './actions/types.ts';
export type { AlterOperations, AlterRequest } from './alter/types.ts';
export { createStoreCommitter } from './commit/committer.ts';
export { createDelta } from './delta.ts';
export type * from './dml/types.ts';
export type * from './schema/types.ts';
export { fileStats, liveRows } from './stats/file-stats.ts';
export type * from './types.ts';
export { shapeOf, type TableShape } from './write/shape.ts';
