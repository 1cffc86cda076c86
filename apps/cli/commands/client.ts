import { BoathouseError, userError } from '@boathouse/contracts';

export interface ClientOptions {
  url?: string | undefined;
  token?: string | undefined;
  env: NodeJS.ProcessEnv;
}

export interface Client {
  url: string;
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Sends a file as the raw body. */
  send: <T>(path: string, body: Blob) => Promise<T>;
}

/** A client of a running server: `--url`/`BOATHOUSE_URL` and `--token`/`BOATHOUSE_TOKEN`. Throws NOT_REACHABLE, TOKEN_MISSING and the server's own errors. */
export function connect(options: ClientOptions): Client {
  const url = (options.url ?? options.env.BOATHOUSE_URL ?? `http://127.0.0.1:${options.env.PORT || 8080}`).replace(
    /\/$/,
    '',
  );
  const token = options.token ?? options.env.BOATHOUSE_TOKEN;
  if (!token) {
    throw userError(
      'TOKEN_MISSING',
      'No access token: set BOATHOUSE_TOKEN or pass --token. "boathouse token create" makes one on the machine that runs the workspace.',
    );
  }
  const fetchFrom = async <T>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Blob | string,
  ): Promise<T> => {
    let response: Response;
    try {
      response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      } as RequestInit);
    } catch (error) {
      throw userError(
        'NOT_REACHABLE',
        `No workspace answers at ${url}. Start it with "boathouse start", or pass --url.`,
        { cause: error },
      );
    }
    const text = await response.text();
    const answer: unknown = text ? parse(text) : undefined;
    if (response.ok) return answer as T;
    const given = (answer ?? {}) as { error_code?: string; message?: string };
    if (response.status === 401)
      throw userError(
        'UNAUTHENTICATED',
        `${url} does not accept the token. Make a new one with "boathouse token create" or in Settings.`,
        { status: 401 },
      );
    throw new BoathouseError(
      given.error_code ?? 'HTTP_ERROR',
      given.message ?? `${url} answered ${response.status}.`,
      response.status < 500 ? 'user' : 'system',
      { status: response.status },
    );
  };
  return {
    url,
    request: (method, path, body) =>
      fetchFrom(
        method,
        path,
        body === undefined ? {} : { 'content-type': 'application/json' },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    send: (path, body) => fetchFrom('POST', path, { 'content-type': 'application/octet-stream' }, body),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw userError('NOT_A_WORKSPACE', 'What answers there is not a Boathouse workspace. Check --url.');
  }
}
