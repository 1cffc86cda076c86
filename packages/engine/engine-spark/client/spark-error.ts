import { BoathouseError, type SourceRange } from '@boathouse/contracts';
import type { FetchErrorDetailsResponse } from '../proto/messages.ts';
import type { Failure } from './failure.ts';

/** Where in the text that Spark got an error lies: 0-based offsets, end exclusive, and the text itself. */
export interface ErrorPlace {
  start: number;
  end: number;
  fragment: string;
}

/** An error of Spark itself with what it says of it. */
export class SparkError extends BoathouseError {
  /** In the text that Spark got; `position` (of the statement that a person wrote) is found later. */
  readonly place: ErrorPlace | null;

  constructor(told: {
    condition: string;
    message: string;
    sqlState?: string;
    parameters: Record<string, string>;
    place: ErrorPlace | null;
    detail?: string;
    position?: SourceRange;
  }) {
    const ours = told.condition.startsWith('INTERNAL_ERROR');
    super(told.condition, told.message, ours ? 'system' : 'user', {
      ...(told.sqlState ? { sqlState: told.sqlState } : {}),
      ...(told.detail ? { detail: told.detail } : {}),
      ...(told.position ? { position: told.position } : {}),
      parameters: told.parameters,
    });
    this.name = 'SparkError';
    this.place = told.place;
  }
}

type Details = ReturnType<(typeof FetchErrorDetailsResponse)['decode']>;
type Told = NonNullable<Details['errors']>[number];

/** The error with a condition that lies nearest to the root: Spark wraps some in others that have none. */
function chainOf(details: Details): Told[] {
  const errors = details.errors ?? [];
  const chain: Told[] = [];
  for (let at: number | undefined = details.rootErrorIndex ?? 0; at !== undefined; ) {
    const error: Told | undefined = errors[at];
    if (!error || chain.includes(error)) break;
    chain.push(error);
    at = error.causeIndex;
  }
  return chain;
}

/** Spark's error in our form; null where neither the call nor the details name a condition. */
export function sparkError(failure: Failure, details: Details | null): SparkError | null {
  const chain = details ? chainOf(details) : [];
  const told = chain.find((error) => error.sparkThrowable?.errorClass);
  const throwable = told?.sparkThrowable;
  const condition = throwable?.errorClass ?? failure.condition;
  if (!condition) return null;
  const context = throwable?.queryContexts?.find((one) => one.startIndex !== undefined || one.fragment);
  const parameters = throwable?.messageParameters
    ? Object.fromEntries(throwable.messageParameters.map(({ key = '', value = '' }) => [key, value]))
    : (failure.parameters ?? {});
  const sqlState = throwable?.sqlState || failure.sqlState;
  return new SparkError({
    condition,
    message: messageText(told?.message ?? failure.text) || condition,
    ...(sqlState ? { sqlState } : {}),
    parameters,
    place: context
      ? { start: context.startIndex ?? 0, end: (context.stopIndex ?? 0) + 1, fragment: context.fragment ?? '' }
      : null,
  });
}

/** Spark's message without what stands elsewhere: its condition, its SQLSTATE, its excerpt of the text. */
export const messageText = (message: string): string =>
  message
    .trim()
    .replace(/^[^[\n]*\[[A-Z][A-Z0-9_.]*\] ?/, '')
    .split(/\n?== (?:SQL|DataFrame)/)[0]!
    .split(/;\n(?:'|[A-Z])/)[0]!
    .replace(/\s*SQLSTATE: [0-9A-Z]{5}[;.]?[^\n]*$/m, '')
    .trim();
