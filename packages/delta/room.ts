import type { ExpressionCompiler } from '@boathouse/contracts';
import type { CommitRoom } from './commit/publish.ts';
import type { FooterReader } from './scan/footers.ts';
import type { DeltaLogger } from './types.ts';

/** What every operation of the room works with. `reader` holds the store and the engine. */
export interface DeltaRoom extends CommitRoom {
  footers: FooterReader;
  /** Spark SQL of constraints, generated columns and defaults → engine text. Without it such tables are not written. */
  compiler?: ExpressionCompiler;
  logger?: DeltaLogger;
}
