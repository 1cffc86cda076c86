import { z } from 'zod';

/** Where in a text an error lies: 1-based line and column, 0-based character offsets (end exclusive). */
export const SourceRange = z.object({
  line: z.number().int(),
  column: z.number().int(),
  start: z.number().int(),
  end: z.number().int(),
});
export type SourceRange = z.infer<typeof SourceRange>;

/** What crosses a process border of an error: never a stack. */
export const ErrorInfo = z.object({
  code: z.string(),
  message: z.string(),
  /** `user`: the request must change; `system`: we must act. */
  fault: z.enum(['user', 'system']),
  status: z.number().int(),
  sqlState: z.string().optional(),
  position: SourceRange.optional(),
  /** Raw text of an engine, shown folded away. */
  detail: z.string().optional(),
  /** What an attached Spark put into its message, by Spark's own names. */
  parameters: z.record(z.string(), z.string()).optional(),
});
export type ErrorInfo = z.infer<typeof ErrorInfo>;

export interface ErrorOptionsOf {
  status?: number;
  sqlState?: string;
  position?: SourceRange;
  detail?: string;
  parameters?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** An expected failure: stable code, a message that a person can act on, whose fault it is. */
export class BoathouseError extends Error {
  readonly code: string;
  readonly fault: 'user' | 'system';
  readonly status: number;
  readonly sqlState?: string;
  position?: SourceRange;
  readonly detail?: string;
  readonly parameters?: Readonly<Record<string, string>>;

  constructor(code: string, message: string, fault: 'user' | 'system', options: ErrorOptionsOf = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BoathouseError';
    this.code = code;
    this.fault = fault;
    this.status = options.status ?? (fault === 'user' ? 400 : 500);
    this.sqlState = options.sqlState;
    this.position = options.position;
    this.detail = options.detail;
    this.parameters = options.parameters;
  }

  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      fault: this.fault,
      status: this.status,
      ...(this.sqlState ? { sqlState: this.sqlState } : {}),
      ...(this.position ? { position: this.position } : {}),
      ...(this.detail ? { detail: this.detail } : {}),
      ...(this.parameters ? { parameters: this.parameters } : {}),
    };
  }

  static fromInfo(info: ErrorInfo): BoathouseError {
    return new BoathouseError(info.code, info.message, info.fault, info);
  }
}

export const userError = (code: string, message: string, options?: ErrorOptionsOf): BoathouseError =>
  new BoathouseError(code, message, 'user', options);

export const systemError = (code: string, message: string, options?: ErrorOptionsOf): BoathouseError =>
  new BoathouseError(code, message, 'system', options);

/** Any thrown value as what may cross a border: a bug becomes INTERNAL_ERROR without its text. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof BoathouseError) return error.toInfo();
  return {
    code: 'INTERNAL_ERROR',
    message: 'The workspace hit an internal error. Try again; the log of the server has the details.',
    fault: 'system',
    status: 500,
  };
}

/** A condition that only a bug can break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}

export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}
