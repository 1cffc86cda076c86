import type { Tx } from '../db.ts';

export { isUniqueViolation, type Tx, transaction } from '../db.ts';

/** What runs one SQL statement: the pool, or a client in a transaction. */
export type Queryable = Pick<Tx, 'query'>;
