import { CollabMessage } from '@boathouse/contracts';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import WebSocket from 'ws';
import * as Y from 'yjs';
import type { Client } from './harness.ts';

/** An open notebook in one person's browser. */
export interface Room {
  doc: Y.Doc;
  provider: HocuspocusProvider;
  messages: CollabMessage[];
  close: () => void;
}

export async function join(
  origin: string,
  client: Client,
  name: string,
  headers: Record<string, string> = {},
): Promise<Room> {
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { origin, cookie: client.cookie(), ...headers } });
    }
  }
  const websocketProvider = new HocuspocusProviderWebsocket({
    url: `${origin.replace('http', 'ws')}/collab`,
    WebSocketPolyfill: Socket,
    maxAttempts: 1,
  });
  const doc = new Y.Doc();
  const messages: CollabMessage[] = [];
  let provider!: HocuspocusProvider;
  const close = () => {
    provider.destroy();
    websocketProvider.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    provider = new HocuspocusProvider({
      websocketProvider,
      name,
      document: doc,
      onSynced: () => resolve(),
      onAuthenticationFailed: ({ reason }) => reject(new Error(reason)),
      onStateless: ({ payload }) => messages.push(CollabMessage.parse(JSON.parse(payload))),
    });
    websocketProvider.on('close', () => reject(new Error('closed')));
    provider.attach();
  }).catch((error: unknown) => {
    close();
    throw error;
  });
  return { doc, provider, messages, close };
}

export async function until(condition: () => boolean, what: string, timeoutMs = 3_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
