import { z } from 'zod';

/** A script of a cell, ready to run. */
export interface CellScripts {
  /** Function declarations: a script of its own, so that they are hoisted and live on. Empty where there are none. */
  functions: string;
  /** Everything else, as an async function that is called at once. */
  body: string;
  /** Top-level names of the cell, functions excluded: they become properties of the global object. */
  names: string[];
  /** Those of them that may not be assigned once the cell has run. */
  constants: string[];
}

/** Host → kernel. Bulk answers of calls and the request to stop have frames of their own. */
export type ToKernel =
  | ({ t: 'run'; id: number } & CellScripts)
  | { t: 'reply'; id: number; value: unknown }
  | { t: 'refused'; id: number; error: CallError };

/** Why a call of the kernel failed: an ErrorInfo without what only the host needs. */
export interface CallError {
  code: string;
  message: string;
  fault: 'user' | 'system';
  status: number;
  detail?: string;
}

const CallErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  fault: z.enum(['user', 'system']),
  status: z.number().int(),
  detail: z.string().optional(),
});

/** Kernel → host; what is printed has frames of its own. Everything here may have been forged by a cell: it is checked and concerns this session alone. */
export const FromKernel = z.discriminatedUnion('t', [
  z.object({ t: z.literal('ready') }),
  z.object({ t: z.literal('display'), data: z.record(z.string(), z.unknown()) }),
  z.object({ t: z.literal('call'), id: z.number().int().nonnegative(), method: z.string(), params: z.unknown() }),
  z.object({ t: z.literal('cancel'), id: z.number().int().nonnegative() }),
  z.object({ t: z.literal('done'), id: z.number().int(), ok: z.literal(true) }),
  z.object({
    t: z.literal('failed'),
    id: z.number().int(),
    interrupted: z.boolean(),
    name: z.string(),
    message: z.string(),
    stack: z.string(),
    /** Set where the error is the answer of a call. */
    call: CallErrorSchema.optional(),
  }),
]);
export type FromKernel = z.infer<typeof FromKernel>;
