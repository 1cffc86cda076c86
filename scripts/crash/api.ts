/** An answer that is not 2xx. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

export type RunStateSeen = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';
export interface RunSeen {
  id: string;
  state: RunStateSeen;
  error: { code: string; message: string } | null;
}

/** A client whose requests end: a server that was killed may leave a connection without an answer. */
export class Api {
  readonly url: string;
  readonly token: string;
  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** Throws Refused, or what fetch throws where nobody answers. */
  async request<T>(method: string, path: string, body?: unknown, timeoutMs = 6000): Promise<T> {
    const raw = typeof body === 'string';
    const response = await fetch(this.url + path, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) {
      const code = /"error_code":"([^"]+)"/.exec(text)?.[1] ?? '';
      throw new Refused(response.status, code, text.slice(0, 300));
    }
    return JSON.parse(text) as T;
  }

  startRun(id: string, text: string): Promise<RunSeen> {
    return this.request('POST', '/api/2.0/boathouse/runs', { id, text, language: 'sql' });
  }

  /** Null where the server knows no such run. */
  run(id: string): Promise<RunSeen | null> {
    return this.request<RunSeen>('GET', `/api/2.0/boathouse/runs/${id}`).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    });
  }

  /** A notebook of one cell; a cell of another language than SQL is its `-- MAGIC` lines. */
  async importNotebook(path: string, cell: string): Promise<{ notebookId: string; cellId: string }> {
    await this.request('POST', '/api/2.0/workspace/import', {
      path,
      format: 'SOURCE',
      language: 'SQL',
      content: Buffer.from(`-- Databricks notebook source\n${cell}\n`).toString('base64'),
    });
    const { objects } = await this.request<{ objects: { id: string; path: string }[] }>(
      'GET',
      '/api/2.0/boathouse/objects',
    );
    const notebookId = objects.find((object) => object.path === path)!.id;
    const { cells } = await this.request<{ cells: { id: string }[] }>(
      'GET',
      `/api/2.0/boathouse/notebooks/${notebookId}/cells`,
    );
    return { notebookId, cellId: cells[0]!.id };
  }

  /** Rows of a statement that must succeed. */
  async sql(statement: string): Promise<(string | null)[][]> {
    const answer = await this.request<{
      status: { state: string; error?: { message: string } };
      result?: { data_array?: (string | null)[][] };
    }>('POST', '/api/2.0/sql/statements', { statement, wait_timeout: '5s', on_wait_timeout: 'CANCEL' }, 15_000);
    if (answer.status.state !== 'SUCCEEDED')
      throw new Error(`${statement}: ${answer.status.error?.message ?? answer.status.state}`);
    return answer.result?.data_array ?? [];
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is truthy; throws with the last reason after the time-out. */
export async function until<T>(what: string, timeoutMs: number, ask: () => Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let why = '';
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      why = ` (${String(error)})`;
    }
    if (performance.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}${why}`);
    await sleep(40);
  }
}
