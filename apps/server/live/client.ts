import {
  LIVE_CLOSE,
  type LivePage,
  type LiveServerMessage,
  type Principal,
  type RunEventRow,
} from '@boathouse/contracts';
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { encodeFrame } from '../compute/frame.ts';

/** Bytes that may wait for a slow browser. Above it the channel is closed: the browser reads anew instead of lagging. */
export const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

export interface Subscription {
  topic: string;
  /** For `run:<id>`: the last seq that was sent. */
  sentSeq: number;
  /** When the right to this topic was looked at last. */
  checkedAtMs: number;
}

/** One browser: its socket, its topics, and a line in which everything for it is prepared in order. */
export class LiveClient {
  principal: Principal;
  readonly workspaceId: string;
  readonly subscriptions = new Map<string, Subscription>();
  alive = true;
  private readonly socket: WebSocket;
  private readonly maxBufferedBytes: number;
  private tail: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, who: { principal: Principal; workspaceId: string }, maxBufferedBytes: number) {
    this.socket = socket;
    this.principal = who.principal;
    this.workspaceId = who.workspaceId;
    this.maxBufferedBytes = maxBufferedBytes;
  }

  /** Runs work after all work before it for this browser: news never overtake each other. */
  inOrder(work: () => Promise<void> | void, failed: (error: unknown) => void): void {
    this.tail = this.tail.then(work).catch(failed);
  }

  send(message: z.input<typeof LiveServerMessage>): void {
    this.write(JSON.stringify(message));
  }

  sendRows(topic: string, rows: RunEventRow[]): void {
    for (const row of rows) this.send({ type: 'event', topic, row });
  }

  sendPage(page: z.input<typeof LivePage>, bytes: Uint8Array): void {
    this.write(encodeFrame(page, bytes));
  }

  ping(): boolean {
    if (!this.alive) return false;
    this.alive = false;
    if (this.socket.readyState === 1) this.socket.ping();
    return true;
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private write(data: string | Buffer): void {
    if (this.socket.readyState !== 1) return;
    if (this.socket.bufferedAmount > this.maxBufferedBytes) {
      this.subscriptions.clear();
      this.close(LIVE_CLOSE.tooSlow, 'reads too slowly: connect again');
      // A reader that is stuck does not answer the close either.
      setTimeout(() => this.socket.terminate(), 2000).unref();
      return;
    }
    this.socket.send(data);
  }
}
