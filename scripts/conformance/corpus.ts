import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A case of the corpus: statements of one session with the answers that Spark gave. */
const Step = z.object({
  sql: z.string(),
  ordered: z.boolean().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  rows: z.array(z.array(z.unknown())).optional(),
  compare: z.literal('schema').optional(),
  project: z.array(z.string()).optional(),
  name: z.string().optional(),
  error: z.object({ class: z.string().nullable(), sqlState: z.string().nullable() }).optional(),
});
export type Step = z.infer<typeof Step>;

export const Case = z.object({ id: z.string(), note: z.string().optional(), steps: z.array(Step) }).loose();
export type Case = z.infer<typeof Case>;

export interface ErrorAnswer {
  class: string | null;
  sqlState: string | null;
  /** Not part of the format: shown in reports. */
  message?: string;
}
export type Answer = { columns: { name: string; type: string }[]; rows: unknown[][] } | { error: ErrorAnswer };

/** `-0.0` must stay apart from `0.0`, which JSON.parse does. */
export function readCases(file: string): Case[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const parsed = Case.safeParse(JSON.parse(line));
      if (!parsed.success) throw new Error(`${file}:${index + 1} is not a case: ${z.prettifyError(parsed.error)}`);
      return parsed.data;
    });
}

export const isRefusal = (answer: Answer): boolean =>
  'error' in answer && (answer.error.class ?? '').startsWith('UNSUPPORTED_');

/** JSON of an answer with `-0.0` kept and floats told from integers by their column's type. */
export function answerJson(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value);
  if (Array.isArray(value)) return `[${value.map(answerJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${answerJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
