export { decodeRows } from './arrow/decode.ts';
export { concat, END_OF_STREAM, type StreamEncoder, streamEncoder } from './arrow/encode.ts';
export { arrowSchema, columnsOf, TYPE_KEY } from './arrow/schema.ts';
export type { Engine, EngineLogger, EngineScope, QueryEnd, QueryOptions } from './engine.ts';
export { type DuckDbOptions, openDuckDb } from './engine-duckdb/open.ts';
export { duckType, quoteName, quoteText } from './engine-duckdb/types.ts';
export { type ResultWindow, readWindow } from './results/window.ts';
export { DEFAULT_RESULT_LIMIT_BYTES, ResultWriter } from './results/writer.ts';
