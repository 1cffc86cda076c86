'use client';
import { CollabMessage, type NotebookView } from '@boathouse/contracts';
import { type Cell, compareVersion, readCells } from '@boathouse/notebook';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';

/** `saving`: edits that are not durable yet; `saved` is said only after the server has stored them. */
export type SaveState = 'loading' | 'saved' | 'saving' | 'offline';

export interface Person {
  clientId: number;
  userId: string;
  name: string;
  colour: string;
}

export interface OpenDocument {
  doc: Y.Doc;
  awareness: Awareness;
  /** Undo of this person's own edits. */
  undo: Y.UndoManager;
  cells: CellStore;
  presence: PresenceStore;
  save: SaveStore;
  destroy: () => void;
}

/** A value that React follows without the document going through React's state. */
class Store<Value> {
  private value: Value;
  private readonly listeners = new Set<() => void>();
  constructor(value: Value) {
    this.value = value;
  }
  get = (): Value => this.value;
  set(value: Value): void {
    this.value = value;
    for (const listener of this.listeners) listener();
  }
  follow = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
export type CellStore = Store<Cell[]>;
export type PresenceStore = Store<Person[]>;
export type SaveStore = Store<SaveState>;

export const useStore = <Value>(store: { get: () => Value; follow: (listener: () => void) => () => void }): Value =>
  useSyncExternalStore(store.follow, store.get, store.get);

function open(
  notebook: NotebookView,
  me: { userId: string; name: string; colour: string },
  onReplaced: () => void,
): OpenDocument {
  const doc = new Y.Doc();
  const cells: CellStore = new Store<Cell[]>([]);
  const presence: PresenceStore = new Store<Person[]>([]);
  const save: SaveStore = new Store<SaveState>('loading');
  const socket = new HocuspocusProviderWebsocket({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/collab`,
    delay: 300,
    minDelay: 300,
    maxDelay: 5000,
  });
  let synced = false;
  let durableVersion: string | null = null;
  // Only the very version that is shown: what the server has received and not stored yet would be lost with it.
  const noteSaved = (): void => {
    if (synced && durableVersion !== null && compareVersion(doc, durableVersion) === 'same') save.set('saved');
  };
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name: notebook.documentName,
    document: doc,
    onSynced: () => {
      synced = true;
      cells.set(readCells(doc));
      if (save.get() === 'loading') save.set('saving');
      noteSaved();
    },
    onStatus: ({ status }) => {
      if (status !== 'connected' && synced) save.set('offline');
      else if (status === 'connected' && save.get() === 'offline') save.set('saving');
    },
    onStateless: ({ payload }) => {
      const message = CollabMessage.safeParse(JSON.parse(payload));
      if (!message.success) return;
      if (message.data.type === 'replaced') onReplaced();
      else {
        durableVersion = message.data.version;
        noteSaved();
      }
    },
    onAuthenticationFailed: () => onReplaced(),
  });
  provider.attach();
  const awareness = provider.awareness!;
  awareness.setLocalStateField('user', me);

  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin !== provider && synced) save.set(save.get() === 'offline' ? 'offline' : 'saving');
  });
  // Cells are read again once per frame, however many updates a frame brings.
  let scheduled = false;
  doc.on('update', () => {
    if (scheduled || !synced) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      cells.set(readCells(doc));
    });
  });
  awareness.on('change', () => {
    const people = new Map<string, Person>();
    for (const [clientId, state] of awareness.getStates()) {
      const user = (state as { user?: { userId?: string; name?: string; colour?: string } }).user;
      if (user?.userId && user.name)
        people.set(user.userId, { clientId, userId: user.userId, name: user.name, colour: user.colour ?? '' });
    }
    presence.set([...people.values()]);
  });
  const undo = new Y.UndoManager(doc.getMap('cells'), {
    trackedOrigins: new Set([null, 'local']),
    captureTimeout: 600,
  });
  return {
    doc,
    awareness,
    undo,
    cells,
    presence,
    save,
    destroy: () => {
      undo.destroy();
      provider.destroy();
      socket.destroy();
      doc.destroy();
    },
  };
}

/** Opens the shared document while the page stands. A replaced document (another epoch) is fetched anew. */
export function useDocument(
  notebook: NotebookView | undefined,
  me: { userId: string; name: string; colour: string } | undefined,
): OpenDocument | null {
  const cache = useQueryClient();
  const [opened, setOpened] = useState<OpenDocument | null>(null);
  const documentName = notebook?.documentName;
  const userId = me?.userId;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names stand for the objects
  useEffect(() => {
    if (!notebook || !me) return;
    const made = open(notebook, me, () => void cache.invalidateQueries({ queryKey: ['notebook', notebook.id] }));
    setOpened(made);
    return () => {
      setOpened(null);
      made.destroy();
    };
  }, [documentName, userId, cache]);
  return opened;
}
