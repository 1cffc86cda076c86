/** Micro-batch streams over a checkpoint: each file exactly once, whatever dies in between. */
export { type Checkpoint, latestGeneration, openCheckpoint, type RecordedBatch } from './checkpoint.ts';
export { type DeltaSinkOptions, deltaSink } from './delta-sink.ts';
export {
  runAvailable,
  type StreamBatch,
  type StreamEnd,
  type StreamOptions,
  type StreamPoint,
  type StreamSink,
} from './micro-batch.ts';
export type { RegisteredFile } from './registry.ts';
export { type FileSource, type FileSourceOptions, openFileSource, type StreamSource } from './source.ts';
