import { BoathouseError, ErrorInfo, type RouteContract } from '@boathouse/contracts';
import type { z } from 'zod';

type In<T> = T extends z.ZodType ? z.input<T> : undefined;
type Out<T> = T extends z.ZodType ? z.output<T> : unknown;

export interface CallInput<C> {
  params?: C extends { params?: infer P } ? In<NonNullable<P>> : never;
  query?: C extends { query?: infer Q } ? In<NonNullable<Q>> : never;
  body?: C extends { body?: infer B } ? In<NonNullable<B>> : never;
  signal?: AbortSignal;
}

/** The URL of a route: `{name}` from params, the query appended; empty values are left out. */
export function urlOf(route: RouteContract, params?: Record<string, unknown>, query?: Record<string, unknown>): string {
  const path = route.path.replace(/\{(\w+)(\+?)\}/g, (_all, name: string, rest: string) => {
    const value = String(params?.[name] ?? '');
    return rest ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** An answer of the API that is not a success, as a typed error. */
export async function errorOf(response: Response): Promise<BoathouseError> {
  const body: unknown = await response.json().catch(() => null);
  if (body && typeof body === 'object' && 'error_code' in body) {
    const given = body as { error_code: string; message?: string; details?: unknown };
    const details = ErrorInfo.partial().safeParse(given.details);
    return new BoathouseError(
      given.error_code,
      given.message ?? given.error_code,
      response.status < 500 ? 'user' : 'system',
      {
        status: response.status,
        ...(details.success ? { position: details.data.position, detail: details.data.detail } : {}),
      },
    );
  }
  return new BoathouseError(
    'HTTP_ERROR',
    `The server answered ${response.status}. Try again in a moment.`,
    response.status < 500 ? 'user' : 'system',
    { status: response.status },
  );
}

/** Calls a route by its contract. Throws BoathouseError; `OFFLINE` where the server cannot be reached. */
export async function call<C extends RouteContract>(
  route: C,
  input: CallInput<C> = {},
): Promise<Out<NonNullable<C['response']>>> {
  let response: Response;
  try {
    response = await fetch(
      urlOf(route, input.params as Record<string, unknown>, input.query as Record<string, unknown>),
      {
        method: route.method,
        headers: input.body === undefined ? {} : { 'content-type': 'application/json' },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
        ...(input.signal ? { signal: input.signal } : {}),
        credentials: 'same-origin',
      },
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new BoathouseError(
      'OFFLINE',
      'The workspace cannot be reached. Check that it is running; this page tries again by itself.',
      'system',
      { status: 0 },
    );
  }
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as Out<NonNullable<C['response']>>;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Out<NonNullable<C['response']>>;
}
