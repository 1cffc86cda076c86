import { z } from 'zod';

/** A conjunct that may prune files: `column op literal`. Only top-level conjuncts whose meaning is proven. */
export const PrunePredicate = z.object({
  column: z.string(),
  op: z.enum(['=', '<', '<=', '>', '>=', 'in', 'is null', 'is not null']),
  /** Text forms as in Delta's partitionValues: numbers, ISO dates, ISO timestamps in UTC. */
  values: z.array(z.string()),
});
export type PrunePredicate = z.infer<typeof PrunePredicate>;
