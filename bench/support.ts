import { readdirSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** One figure of the table: ours beside the baseline measured in the same run, and the goal. */
export interface Figure {
  benchmark: string;
  what: string;
  ours: string;
  baseline: string;
  goal: string;
  met: boolean | null;
  values: Record<string, number>;
}

export const percentile = (values: number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
};
export const median = (values: number[]): number => percentile(values, 0.5);
export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** The process and all its descendants, by /proc. */
export function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // ended meanwhile
    }
  }
  const all: number[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    all.push(next);
    queue.push(...(children.get(next) ?? []));
  }
  return all;
}

/** Proportional set size of a process in bytes: shared pages are divided among those who share them. */
export function pss(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** A client of the workspace API that signs in as an administrator made with a token. */
export class Client {
  readonly url: string;
  readonly token: string;
  private live: Promise<WebSocket> | null = null;
  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }
  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const raw = body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Runs a statement through the SQL API; throws its error. */
  async sql(statement: string): Promise<(string | null)[][]> {
    interface Answer {
      statement_id: string;
      status: { state: string; error?: { error_code: string; message: string } };
      result?: { data_array?: (string | null)[][] };
    }
    let answer = await this.request<Answer>('POST', '/api/2.0/sql/statements', { statement, wait_timeout: '50s' });
    while (answer.status.state === 'PENDING' || answer.status.state === 'RUNNING') {
      answer = await this.request<Answer>('GET', `/api/2.0/sql/statements/${answer.statement_id}`);
    }
    if (answer.status.state !== 'SUCCEEDED')
      throw new Error(`${statement.slice(0, 80)}: ${answer.status.error?.message ?? answer.status.state}`);
    return answer.result?.data_array ?? [];
  }

  /** Waits until a run ended, as a browser does: told over the live channel. Asking again and again would take the cores from it. */
  async waitFor(runId: string): Promise<Run> {
    this.live ??= this.openLive();
    const socket = await this.live;
    const topic = `run:${runId}`;
    const run = await new Promise<Run>((resolve, reject) => {
      const gone = () => reject(new Error('the live channel was closed'));
      const listen = (data: unknown, binary: boolean) => {
        if (binary) return;
        const message = JSON.parse(String(data)) as { type: string; topic?: string; run?: Run };
        if (message.type !== 'run' || message.topic !== topic || !message.run) return;
        if (message.run.state === 'queued' || message.run.state === 'running') return;
        socket.off('message', listen).off('close', gone);
        resolve(message.run);
      };
      socket.on('message', listen).once('close', gone);
      socket.send(JSON.stringify({ type: 'subscribe', topic }));
    });
    socket.send(JSON.stringify({ type: 'unsubscribe', topic }));
    return run;
  }

  /** Ends what keeps the process alive. */
  async close(): Promise<void> {
    (await this.live)?.close();
    this.live = null;
  }

  private async openLive(): Promise<WebSocket> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/live`, {
      headers: { authorization: `Bearer ${this.token}`, origin: this.url },
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return socket;
  }
}

interface Run {
  state: string;
  totalMs: number | null;
  engineMs: number | null;
  error: { message: string } | null;
  startedAtMs: number;
  endedAtMs: number;
}
