import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ComputeToServer,
  type RunEvent,
  ServerToCompute,
  type StatementOutcome,
  type WorkOrder,
} from '@boathouse/contracts';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeFrame } from '../frame.ts';

/**
 * The far end of the compute link for tests of the server's end: it speaks the protocol over a real WebSocket and leaves
 * what an order gives to the test.
 */
export class ComputeClient {
  readonly id: string;
  readonly orders: WorkOrder[] = [];
  readonly received: ServerToCompute[] = [];
  private readonly url: string;
  private readonly token: string;
  private socket!: WebSocket;
  private beat!: NodeJS.Timeout;
  private readonly seqs = new Map<string, number>();
  private readonly held = new Set<string>();
  onMessage: (message: ServerToCompute) => void = () => {};
  onOrder: (order: WorkOrder) => void = () => {};

  constructor(url: string, id: string, token = '') {
    this.url = url;
    this.id = id;
    this.token = token;
  }

  async connect(): Promise<this> {
    this.socket = new WebSocket(this.url, { headers: { authorization: `Bearer ${this.token}` } });
    this.socket.on('message', (data) => {
      const message = ServerToCompute.parse(JSON.parse(String(data)));
      this.received.push(message);
      if (message.type === 'order') {
        this.orders.push(message.order);
        this.held.add(message.order.runId);
        this.onOrder(message.order);
      }
      this.onMessage(message);
    });
    await once(this.socket, 'open');
    this.send({
      type: 'register',
      computeId: this.id,
      pid: process.pid,
      engine: 'duckdb',
      memoryLimitBytes: 1e9,
      token: this.token,
    });
    this.beat = setInterval(() => this.send({ type: 'heartbeat', runs: [...this.held], memoryBytes: 1 }), 200);
    return this;
  }

  send(message: ComputeToServer): void {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  event(runId: string, event: RunEvent): void {
    const seq = (this.seqs.get(runId) ?? 0) + 1;
    this.seqs.set(runId, seq);
    this.send({ type: 'event', runId, seq, event });
  }

  started(runId: string): void {
    this.event(runId, { type: 'started', computeId: this.id, engine: 'duckdb' });
  }

  accepted(runId: string): void {
    this.send({ type: 'accepted', runId });
  }

  page(runId: string, bytes: Uint8Array): void {
    this.socket.send(encodeFrame({ type: 'page', runId, rows: 1, more: false }, bytes));
  }

  outcome(runId: string, outcome: Partial<StatementOutcome> = {}): void {
    this.held.delete(runId);
    this.send({ type: 'outcome', runId, outcome: { reads: [], engineMs: 1, totalMs: 2, ...outcome } });
  }

  /** Forgets an order without a word, as a bug would. */
  forget(runId: string): void {
    this.held.delete(runId);
  }

  /** As by kill -9: no word of good-bye. */
  die(): void {
    clearInterval(this.beat);
    this.socket.terminate();
  }

  /** Silence without a closed socket: the process hangs. */
  hang(): void {
    clearInterval(this.beat);
  }
}

/** An HTTP server with one WebSocket door, on a port of its own. */
export async function socketServer(
  open: (socket: WebSocket) => void,
): Promise<{ url: string; close: () => Promise<void> }> {
  const http: Server = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', open);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      http.close();
      await once(http, 'close');
    },
  };
}

export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await condition()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
