import type { Document } from '@hocuspocus/server';
import { Client, type Pool } from 'pg';
import type { Logger } from 'pino';
import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { z } from 'zod';

/** Where servers over one database tell each other of their open documents. */
export const COLLAB_CHANNEL = 'boathouse_collab';

/** Marks what came from another server: it is stored there, and must not be sent back. */
export const FROM_PEER = { source: 'local', skipStoreHooks: true } as const;

const Message = z.object({
  from: z.string(),
  document: z.string(),
  /**
   * `open`: a server has opened the document; whoever has it open too says `here`. `update` and `awareness` (cursors) hold bytes.
   * `stored`: the row in the database is newer.
   */
  kind: z.enum(['open', 'here', 'update', 'awareness', 'stored']),
  bytes: z.string().optional(),
});
type Message = z.infer<typeof Message>;

/** PostgreSQL refuses a notification of 8000 bytes. A larger edit arrives with `stored`, within a second. */
const MOST_BYTES = 7900;
/** Edits of so long go in one message: less than anybody sees. */
const GATHER_MS = 20;
const RECONNECT_MS = 1000;

export interface PeersOptions {
  pool: Pool;
  databaseUrl: string;
  serverId: string;
  log: Logger;
  /** Takes what is stored into the open document. */
  reload(document: Document): Promise<void>;
  /** Stores what is not stored yet. */
  save(document: Document): Promise<void>;
  /** Stores after a while what a peer has sent, unless it was stored by then: the peer may have died. */
  saveLater(document: Document): void;
}

/** A server's documents, in step with the same ones at other servers. */
export interface Peers {
  /** Never rejects: without a connection it goes on trying, and catches up with what was missed. */
  start(): Promise<void>;
  opened(document: Document): void;
  closed(name: string): void;
  changed(document: Document, update: Uint8Array): void;
  moved(document: Document, clients: number[]): void;
  stop(): Promise<void>;
}

export function createPeers(options: PeersOptions): Peers {
  const { pool, serverId, log } = options;
  const open = new Map<string, Document>();
  /** Documents that are open elsewhere too: the others need no messages. */
  const shared = new Set<string>();
  const gathered = new Map<string, Uint8Array[]>();
  let client: Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  function tell(document: string, kind: Message['kind'], bytes?: Uint8Array): void {
    const message: Message = { from: serverId, document, kind };
    if (bytes) message.bytes = Buffer.from(bytes).toString('base64');
    const text = JSON.stringify(message);
    if (stopped || Buffer.byteLength(text) > MOST_BYTES) return;
    // What is missed here comes with the next store.
    pool
      .query('SELECT pg_notify($1, $2)', [COLLAB_CHANNEL, text])
      .catch((error: unknown) => log.debug({ err: error, document }, 'other servers could not be told of an edit'));
  }

  const tellCursors = (document: Document, clients: number[]): void => {
    if (clients.length > 0) tell(document.name, 'awareness', encodeAwarenessUpdate(document.awareness, clients));
  };

  function hear(message: Message): void {
    const document = open.get(message.document);
    if (!document || message.from === serverId) return;
    shared.add(document.name);
    const bytes = Buffer.from(message.bytes ?? '', 'base64');
    switch (message.kind) {
      case 'open':
        tell(document.name, 'here');
        tellCursors(document, [...document.awareness.getStates().keys()]);
        // What was typed here before the other server read the row.
        void options.save(document).catch(failed);
        return;
      case 'here':
        tellCursors(document, [...document.awareness.getStates().keys()]);
        return;
      case 'update':
        Y.applyUpdate(document, bytes, FROM_PEER);
        options.saveLater(document);
        return;
      case 'awareness':
        applyAwarenessUpdate(document.awareness, bytes, FROM_PEER);
        return;
      case 'stored':
        void options.reload(document).catch(failed);
        return;
    }
  }

  const failed = (error: unknown): void => log.warn({ err: error }, 'an open notebook could not be brought up to date');

  function receive(payload: string | undefined): void {
    try {
      hear(Message.parse(JSON.parse(payload ?? '')));
    } catch (error) {
      log.error({ err: error }, 'a message of another server about a notebook was skipped');
    }
  }

  async function connect(): Promise<void> {
    if (stopped) return;
    const next = new Client({ connectionString: options.databaseUrl, application_name: 'boathouse-collab' });
    let over = false;
    const lost = (): void => {
      if (over) return;
      over = true;
      if (client === next) client = null;
      if (!stopped) retry = setTimeout(() => void connect(), RECONNECT_MS);
    };
    next.on('notification', ({ payload }) => receive(payload));
    next.on('error', lost);
    next.on('end', lost);
    try {
      await next.connect();
      await next.query(`LISTEN ${COLLAB_CHANNEL}`);
      client = next;
      for (const document of open.values()) {
        tell(document.name, 'open');
        void options.reload(document).catch(failed);
      }
    } catch (error) {
      log.warn({ err: error }, 'other servers cannot be heard about open notebooks; trying again');
      next.end().catch(() => undefined);
      lost();
    }
  }

  return {
    start: connect,
    opened(document) {
      open.set(document.name, document);
      tell(document.name, 'open');
    },
    closed(name) {
      open.delete(name);
      shared.delete(name);
      gathered.delete(name);
    },
    changed(document, update) {
      if (!shared.has(document.name)) return;
      const waiting = gathered.get(document.name);
      if (waiting) return void waiting.push(update);
      gathered.set(document.name, [update]);
      setTimeout(() => {
        const updates = gathered.get(document.name);
        gathered.delete(document.name);
        if (updates) tell(document.name, 'update', Y.mergeUpdates(updates));
      }, GATHER_MS).unref();
    },
    moved(document, clients) {
      if (shared.has(document.name)) tellCursors(document, clients);
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}

/** What the row's store tells the others, in the same transaction. */
export const storedMessage = (serverId: string, document: string): string =>
  JSON.stringify({ from: serverId, document, kind: 'stored' } satisfies Message);
