import type { ExpressionCompiler } from '@boathouse/contracts';
import type { CommitRoom } from './commit/publish.ts';
import type { FooterReader } from './scan/footers.ts';
import type { VectorFiles } from './scan/vector-files.ts';
import type { DeltaLogger } from './types.ts';

/** What every operation of the room works with. `reader` holds the store and the engine. */
export interface DeltaRoom extends CommitRoom {
  footers: FooterReader;
  /** Large deletion vectors as the engine reads them. */
  vectors: VectorFiles;
  /** Spark SQL of constraints, generated columns and defaults → engine text. Without it such tables are not written. */
  compiler?: ExpressionCompiler;
  logger?: DeltaLogger;
}
