/**
 * The part of the engine's door that needs no engine: stored results and Arrow. For processes that serve results and
 * should not load DuckDB.
 */
export { decodeRows } from '../arrow/decode.ts';
export { concat, END_OF_STREAM, type StreamEncoder, streamEncoder } from '../arrow/encode.ts';
export { arrowSchema, columnsOf, TYPE_KEY } from '../arrow/schema.ts';
export { type ResultWindow, readWindow } from './window.ts';
export { DEFAULT_RESULT_LIMIT_BYTES, ResultWriter } from './writer.ts';
