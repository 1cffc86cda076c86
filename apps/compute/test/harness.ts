import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  ComputeBinary,
  ComputeToServer,
  errorInfo,
  type PlanBody,
  type PlanEnvelope,
  type ServerToCompute,
  type SignedPlan,
} from '@boathouse/contracts';
import { type WebSocket, WebSocketServer } from 'ws';

const TOKEN = 'token-of-the-supervisor';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');

export type Received = ComputeToServer | (ComputeBinary & { bytes: Uint8Array });

/** The server's end of the link, by the contracts only: it records what compute says and sends what a test says. */
export class LinkServer {
  readonly received: Received[] = [];
  acknowledging = true;
  private readonly http: Server = createServer();
  private readonly sockets = new WebSocketServer({ server: this.http, path: '/internal/compute' });
  private socket: WebSocket | null = null;
  private readonly waiting: { matches: (message: Received) => boolean; resolve: (message: Received) => void }[] = [];
  /** Answers a request for a plan. */
  onPlan: ((text: string, runId: string) => SignedPlan | Promise<SignedPlan>) | undefined;

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.http.listen(port, '127.0.0.1', resolve));
    this.sockets.on('connection', (socket, request) => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return socket.close(4401);
      this.socket = socket;
      socket.on('message', (data: Buffer, binary) =>
        this.hear(binary ? page(data) : ComputeToServer.parse(JSON.parse(String(data)))),
      );
    });
    return (this.http.address() as AddressInfo).port;
  }

  send(message: ServerToCompute): void {
    this.socket?.send(JSON.stringify(message));
  }

  /** Breaks the link as a network does. */
  drop(): void {
    this.socket?.terminate();
  }

  /** The next message (or one already heard) for which `matches` holds. */
  async wait<T extends Received>(matches: (message: Received) => boolean, timeoutMs = 10_000): Promise<T> {
    const heard = this.received.find(matches);
    if (heard) return heard as T;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`nothing came; heard: ${JSON.stringify(this.received.map(short)).slice(0, 2000)}`)),
        timeoutMs,
      );
      this.waiting.push({
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message as T);
        },
      });
    });
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.sockets.close();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private async plan(message: Extract<ComputeToServer, { type: 'plan' }>): Promise<void> {
    if (!this.onPlan) return;
    const { id, text, runId } = message;
    try {
      this.send({ type: 'planned', id, answer: { ok: true, plan: await this.onPlan(text, runId) } });
    } catch (error) {
      this.send({ type: 'planned', id, answer: { ok: false, error: errorInfo(error) } });
    }
  }

  private hear(message: Received): void {
    this.received.push(message);
    if (message.type === 'event' && this.acknowledging)
      this.send({ type: 'ack', runId: message.runId, seq: message.seq });
    if (message.type === 'plan') void this.plan(message);
    for (const entry of this.waiting.splice(0)) {
      if (entry.matches(message)) entry.resolve(message);
      else this.waiting.push(entry);
    }
  }
}

const short = (message: Received) =>
  message.type === 'event'
    ? { ...message.event, runId: message.runId }
    : message.type === 'page'
      ? { type: 'page' }
      : message;

function page(frame: Buffer): Received {
  const length = frame.readUInt32LE(0);
  return {
    ...ComputeBinary.parse(JSON.parse(frame.toString('utf8', 4, 4 + length))),
    bytes: frame.subarray(4 + length),
  };
}

/** A plan as the server signs it. */
export function signed(
  body: PlanBody,
  runId: string,
  changes: Partial<PlanEnvelope> & { key?: KeyObject } = {},
): SignedPlan {
  const { key = privateKey, ...rest } = changes;
  const envelope: PlanEnvelope = {
    planId: randomUUID(),
    runId,
    workspaceId: 'w1',
    principal: 'ann@example.com',
    statement: 'SELECT …',
    issuedAtMs: Date.now(),
    expiresAtMs: Date.now() + 60_000,
    timeZone: 'UTC',
    body,
    ...rest,
  };
  const payload = JSON.stringify(envelope);
  return { payload, signature: sign(null, Buffer.from(payload), key).toString('base64') };
}

/** A real compute process in a home of its own, linked to a server of the contracts. */
export async function startCompute(t: TestContext, env: Record<string, string> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'boathouse-compute-'));
  const server = new LinkServer();
  const port = await server.listen();
  const child = spawnCompute(home, port, env);
  t.after(async () => {
    child.kill('SIGKILL');
    await server.close();
    await rm(home, { recursive: true, force: true });
  });
  const output: string[] = [];
  child.stdout!.on('data', (data) => output.push(String(data)));
  child.stderr!.on('data', (data) => output.push(String(data)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await Promise.race([
    server.wait((message) => message.type === 'register'),
    exited.then((code) => Promise.reject(new Error(`compute ended with ${code}: ${output.join('')}`))),
  ]);
  return { home, server, child, output, exited, port };
}

export function spawnCompute(home: string, port: number, env: Record<string, string> = {}): ChildProcess {
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '..', 'main.ts')],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        NODE_ENV: 'test',
        PATH: process.env.PATH,
        BOATHOUSE_SERVER_URL: `ws://127.0.0.1:${port}/internal/compute`,
        BOATHOUSE_COMPUTE_TOKEN: TOKEN,
        BOATHOUSE_PUBLIC_KEY: Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })).toString('base64'),
        BOATHOUSE_HOME: home,
        BOATHOUSE_COMPUTE_MEMORY_BYTES: String(512 * 1024 * 1024),
        ...env,
      },
    },
  );
}
