import { CollabMessage } from '@boathouse/contracts';
import { compareVersion, readCells, sourceOf } from '@boathouse/notebook';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { type Api, sleep } from './api.ts';

/** A person at a notebook: types words, and remembers which of them were shown as saved. */
export interface Typist {
  /** The laptop is closed at this moment; answers the words shown as saved until now. */
  cut(): string[];
}

export interface Notebook {
  id: string;
  documentName: string;
}

export async function newNotebook(api: Api): Promise<Notebook> {
  const { id } = await api.request<{ id: string }>('POST', '/api/2.0/boathouse/objects', {
    kind: 'notebook',
    name: 'Crash',
    makeUnique: true,
  });
  return api.request<Notebook>('GET', `/api/2.0/boathouse/notebooks/${id}`).then((it) => ({ ...it, id }));
}

/** The text that the server has. */
export const storedText = async (api: Api, { id }: Notebook): Promise<string> =>
  (await api.request<{ cells: { source: string }[] }>('GET', `/api/2.0/boathouse/notebooks/${id}/cells`)).cells
    .map((cell) => cell.source)
    .join('\n');

export async function openTypist(api: Api, notebook: Notebook, round: number): Promise<Typist> {
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { origin: api.url, authorization: `Bearer ${api.token}` } });
      // One that is cut while it opens says so by an error.
      this.on('error', () => undefined);
    }
  }
  const websocketProvider = new HocuspocusProviderWebsocket({
    url: `${api.url.replace('http', 'ws')}/collab`,
    WebSocketPolyfill: Socket,
    maxAttempts: 1,
  });
  const doc = new Y.Doc();
  const typed: string[] = [];
  let saved = 0;
  let open = true;
  const provider = new HocuspocusProvider({
    websocketProvider,
    name: notebook.documentName,
    document: doc,
    onStateless: ({ payload }) => {
      const message = CollabMessage.parse(JSON.parse(payload));
      if (!open || message.type !== 'saved') return;
      // Shown as saved: what is saved is all that was typed.
      if (compareVersion(doc, message.version) === 'same') saved = typed.length;
    },
  });
  provider.attach();
  const cut = (): string[] => {
    open = false;
    provider.destroy();
    websocketProvider.destroy();
    return typed.slice(0, saved);
  };
  const type = async () => {
    while (open && !provider.isSynced) await sleep(10);
    for (let word = 0; open; word++) {
      const cell = readCells(doc)[0];
      const text = cell && sourceOf(doc, cell.id);
      if (text) {
        const written = `r${round}w${word};`;
        text.insert(text.length, written);
        typed.push(written);
      }
      // In bursts: what is typed meanwhile is not what was saved.
      await sleep(word % 8 === 7 ? 350 : 25);
    }
  };
  void type();
  return { cut };
}
