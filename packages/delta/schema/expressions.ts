import { z } from 'zod';
import { deltaErrors } from '../errors.ts';
import type { DeltaField } from './types.ts';

/**
 * Spark SQL text that a table's metadata keeps: PROTOCOL.md "Column Invariants", "CHECK Constraints", "Generated Columns",
 * "Default Columns".
 */
export const GENERATION = 'delta.generationExpression';
export const DEFAULT = 'CURRENT_DEFAULT';
export const INVARIANTS = 'delta.invariants';
export const CONSTRAINT_PREFIX = 'delta.constraints.';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const generationOf = (field: DeltaField): string | null => text(field.metadata[GENERATION]);
export const defaultOf = (field: DeltaField): string | null => text(field.metadata[DEFAULT]);

const Invariant = z.object({ expression: z.object({ expression: z.string() }) });

/** Invariants of top-level columns. Throws DELTA_LOG_CORRUPT: an invariant that cannot be read cannot be kept. */
export function invariantsOf(fields: readonly DeltaField[], location: string): { name: string; expression: string }[] {
  return fields.flatMap((field) => {
    const stored = text(field.metadata[INVARIANTS]);
    if (stored === null) return [];
    const parsed = Invariant.safeParse(parsedJson(stored));
    if (!parsed.success) throw deltaErrors.corrupt(`${location}/_delta_log`, `the invariant of column "${field.name}"`);
    return [
      { name: `EXPRESSION(${parsed.data.expression.expression})`, expression: parsed.data.expression.expression },
    ];
  });
}

/** CHECK constraints of the configuration, by name. */
export const constraintsOf = (
  configuration: Readonly<Record<string, string>>,
): { name: string; expression: string }[] =>
  Object.entries(configuration).flatMap(([key, expression]) =>
    key.startsWith(CONSTRAINT_PREFIX) ? [{ name: key.slice(CONSTRAINT_PREFIX.length), expression }] : [],
  );

function parsedJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
