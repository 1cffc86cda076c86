import { z } from 'zod';

/** Query parameters arrive as text: these read them, and refuse what is not a value of the kind. */
export const QueryBoolean = z.enum(['true', 'false']).transform((text) => text === 'true');

export const QueryInteger = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(minimum).max(maximum));

/** `max_results` of list routes: 0 and absent mean the largest page. */
export const PageQuery = {
  max_results: QueryInteger(0, 10_000).optional(),
  page_token: z.string().max(2_000).optional(),
};
