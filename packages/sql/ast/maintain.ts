import type { Expression } from './expression.ts';
import type { Name } from './name.ts';
import type { TimeTravel } from './query.ts';
import type { Node } from './range.ts';

/** OPTIMIZE t [FULL] [WHERE condition] [ZORDER BY (a, b)]. */
export interface Optimize extends Node {
  kind: 'optimize';
  table: Name;
  full: boolean;
  where?: Expression;
  zorderBy: Name[];
}

/** VACUUM t [FULL | LITE] [RETAIN n HOURS] [DRY RUN]. */
export interface Vacuum extends Node {
  kind: 'vacuum';
  table: Name;
  mode: 'full' | 'lite';
  /** Hours, as text. */
  retainHours?: string;
  dryRun: boolean;
}

/** RESTORE [TABLE] t TO VERSION AS OF n | TIMESTAMP AS OF time. */
export interface Restore extends Node {
  kind: 'restore';
  table: Name;
  to: TimeTravel;
}

/** REORG TABLE t [WHERE condition] APPLY (PURGE). */
export interface Reorg extends Node {
  kind: 'reorg';
  table: Name;
  where?: Expression;
}

/** ANALYZE TABLE t COMPUTE [DELTA] STATISTICS …. */
export interface Analyze extends Node {
  kind: 'analyze';
  table: Name;
  delta: boolean;
}
