import { z } from 'zod';
import { PrunePredicate } from './predicate.ts';
import { Column } from './types.ts';

/** A column by its path: `['address', 'city']`; inside arrays and maps the parts `element`, `key` and `value`. */
const Path = z.array(z.string()).min(1);
const Position = z.discriminatedUnion('at', [
  z.object({ at: z.literal('first') }),
  z.object({ at: z.literal('after'), column: z.string() }),
]);
export type ColumnPlace = z.infer<typeof Position>;

/** One change of a table's definition: ALTER TABLE, COMMENT ON. Texts of expressions are Spark SQL, as the log keeps them. */
export const TableAlteration = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('setProperties'), properties: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('unsetProperties'), keys: z.array(z.string()), ifExists: z.boolean() }),
  z.object({
    kind: z.literal('addColumns'),
    columns: z.array(z.object({ parent: z.array(z.string()), column: Column, position: Position.optional() })),
  }),
  z.object({ kind: z.literal('replaceColumns'), columns: z.array(Column) }),
  z.object({ kind: z.literal('dropColumns'), columns: z.array(Path) }),
  z.object({ kind: z.literal('renameColumn'), column: Path, to: z.string() }),
  z.object({
    kind: z.literal('alterColumn'),
    column: Path,
    type: z.string().optional(),
    /** Null takes the comment away. */
    comment: z.string().nullable().optional(),
    nullable: z.boolean().optional(),
    /** Null drops the default. */
    default: z.string().nullable().optional(),
    position: Position.optional(),
  }),
  z.object({ kind: z.literal('syncIdentity'), column: z.string() }),
  z.object({ kind: z.literal('addConstraint'), name: z.string(), check: z.string() }),
  z.object({ kind: z.literal('dropConstraint'), name: z.string(), ifExists: z.boolean() }),
  z.object({ kind: z.literal('clusterBy'), columns: z.array(Path) }),
  z.object({ kind: z.literal('dropFeature'), feature: z.string(), truncateHistory: z.boolean() }),
  z.object({ kind: z.literal('setComment'), comment: z.string().nullable() }),
]);
export type TableAlteration = z.infer<typeof TableAlteration>;

const Version = z.discriminatedUnion('at', [
  z.object({ at: z.literal('version'), version: z.int().nonnegative() }),
  /** Milliseconds since 1970. */
  z.object({ at: z.literal('timestamp'), timestampMs: z.number() }),
]);

/** Which partitions: engine text over `target."p"`, its conjuncts that may prune, and the condition as written. */
const Partitions = z.object({ condition: z.string(), predicates: z.array(PrunePredicate), text: z.string() });

/** Work on a table that changes none of its rows, or takes it back to how it was. */
export const TableMaintenance = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('optimize'),
    full: z.boolean(),
    zorderBy: z.array(z.string()),
    where: Partitions.optional(),
  }),
  z.object({
    kind: z.literal('vacuum'),
    mode: z.enum(['full', 'lite']),
    retainHours: z.number().optional(),
    dryRun: z.boolean(),
  }),
  z.object({ kind: z.literal('restore'), to: Version }),
  z.object({ kind: z.literal('reorg'), where: Partitions.optional() }),
  z.object({ kind: z.literal('analyze') }),
]);
export type TableMaintenance = z.infer<typeof TableMaintenance>;
