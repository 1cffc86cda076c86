import type { ObjectStore } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import type { Engine, SparkPool } from '@boathouse/engine';
import type { Logger } from 'pino';
import type { PlanVerifier } from './plans.ts';

/** What the handlers of orders and questions work with. */
export interface Runtime {
  engine: Engine;
  delta: Delta;
  store: ObjectStore;
  plans: PlanVerifier;
  /** Sessions at attached Sparks. */
  spark: SparkPool;
  /** Cuts results above it; default 512 MB. */
  resultLimitBytes?: number;
  clock: () => number;
  logger: Logger;
}
