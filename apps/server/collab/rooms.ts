import { setTimeout as sleep } from 'node:timers/promises';
import type { CollabMessage } from '@boathouse/contracts';
import { documentVersion } from '@boathouse/notebook';
import type { Document, Hocuspocus } from '@hocuspocus/server';
import * as Y from 'yjs';
import type { Identity } from '../http/router.ts';
import type { BaseServices } from '../services.ts';
import { type Access, includes } from '../workspace/index.ts';
import { parseDocumentName } from './name.ts';
import { createPeers, FROM_PEER } from './peers.ts';
import type { DocumentStore, StoredDocument } from './store.ts';

/** What a connection carries: who it is, and how to ask again whether they still are. */
export interface CollabContext {
  who: Identity;
  stillSignedIn: () => Promise<boolean>;
}

/** Why a document cannot be opened: the provider gets the reason. */
class Refused extends Error {
  readonly reason: string;
  constructor(reason: string) {
    // Hocuspocus prints messages of refusals to the console; ours is told to the client instead.
    super('');
    this.reason = reason;
  }
}

export interface Rooms {
  hocuspocus: Hocuspocus<CollabContext>;
  /** The open document of a notebook, if this server holds one. */
  open: (notebookId: string) => Document | null;
  /** Asks anew for every connection what it may do, and closes those that may nothing. */
  recheck: () => Promise<void>;
  /** Tells the people in a document that it is of the past, and lets them go. */
  dismiss: (notebookId: string) => void;
  /** Stores what is not stored yet. */
  flush: () => Promise<void>;
}

/** What another server has sent is stored there; here only where it was not, because that server died. */
const peerStoresWithinMs = 3_000;

const tell = (document: Document, message: CollabMessage): void => document.broadcastStateless(JSON.stringify(message));

/** Rooms in which people edit a notebook together; each change is durable within about a second. */
export async function createRooms(base: BaseServices, access: Access, store: DocumentStore): Promise<Rooms> {
  const { Hocuspocus } = await import('@hocuspocus/server');
  const versions = new WeakMap<Y.Doc, string>();
  /** Document version that is durable. */
  const saved = new WeakMap<Y.Doc, string>();
  const openNames = new Map<string, string>();
  const laterSaves = new Map<string, NodeJS.Timeout>();
  let closing = false;

  /** Takes what is stored into the document; true where the document holds nothing else. */
  const merge = (document: Document, stored: StoredDocument): boolean => {
    const copy = new Y.Doc();
    Y.applyUpdate(copy, stored.state);
    Y.applyUpdate(document, stored.state, FROM_PEER);
    versions.set(document, stored.version);
    const version = documentVersion(copy);
    if (documentVersion(document) !== version) return false;
    saved.set(document, version);
    tell(document, { type: 'saved', version });
    return true;
  };

  /** Stores until it succeeds: the database may be away for a moment, and what was typed must not be lost with it. */
  const save = async (document: Document): Promise<void> => {
    const { notebookId, epoch } = parseDocumentName(document.name) ?? {};
    if (notebookId === undefined || epoch === undefined) return;
    if (saved.get(document) === documentVersion(document)) return;
    for (let tries = 1; ; tries++) {
      const saving = documentVersion(document);
      try {
        const outcome = await store.store(
          notebookId,
          epoch,
          versions.get(document) ?? '0',
          Y.encodeStateAsUpdate(document),
        );
        if (outcome.stored) {
          versions.set(document, outcome.version);
          saved.set(document, saving);
          tell(document, { type: 'saved', version: saving });
          return;
        }
        if (!outcome.current) return;
        if (merge(document, outcome.current)) return;
      } catch (error) {
        base.log.warn({ err: error, notebookId, tries }, 'a notebook could not be stored; trying again');
        if (closing) throw error;
        await sleep(Math.min(250 * tries, 2_000));
      }
    }
  };

  const saveInTurn = (document: Document): Promise<void> => document.saveMutex.runExclusive(() => save(document));
  const peers = createPeers({
    pool: base.pool,
    databaseUrl: base.config.databaseUrl,
    serverId: base.serverId,
    log: base.log,
    save: saveInTurn,
    reload: (document) =>
      document.saveMutex.runExclusive(async () => {
        const { notebookId, epoch } = parseDocumentName(document.name) ?? {};
        const stored = notebookId === undefined ? null : await store.load(notebookId);
        if (stored?.epoch === epoch && stored && stored.version !== versions.get(document)) merge(document, stored);
      }),
    saveLater(document) {
      clearTimeout(laterSaves.get(document.name));
      const timer = setTimeout(() => {
        laterSaves.delete(document.name);
        void saveInTurn(document);
      }, peerStoresWithinMs);
      laterSaves.set(document.name, timer.unref());
    },
  });
  await peers.start();

  const hocuspocus = new Hocuspocus<CollabContext>({
    quiet: true,
    debounce: 200,
    maxDebounce: 1_000,
    async onAuthenticate({ documentName, context, connectionConfig }) {
      const name = parseDocumentName(documentName);
      const level = name && (await access.level(context.who.principal, name.notebookId));
      if (!name || !level) throw new Refused('not-found');
      const stored = await store.load(name.notebookId);
      if (stored?.epoch !== name.epoch) throw new Refused('replaced');
      connectionConfig.readOnly = !includes(level, 'edit');
    },
    async onLoadDocument({ documentName, document }) {
      const name = parseDocumentName(documentName);
      const stored = name && (await store.load(name.notebookId));
      if (!stored || stored.epoch !== name.epoch) throw new Refused('replaced');
      Y.applyUpdate(document, stored.state);
      versions.set(document, stored.version);
      saved.set(document, documentVersion(document));
    },
    async connected({ connection }) {
      const version = saved.get(connection.document);
      if (version !== undefined)
        connection.sendStateless(JSON.stringify({ type: 'saved', version } satisfies CollabMessage));
    },
    async afterLoadDocument({ documentName, document }) {
      peers.opened(document);
      const name = parseDocumentName(documentName);
      if (name) openNames.set(name.notebookId, documentName);
    },
    async onChange({ document, update, transactionOrigin }) {
      if (transactionOrigin !== FROM_PEER) peers.changed(document, update);
    },
    async onAwarenessUpdate({ document, added, updated, removed, transactionOrigin }) {
      if (transactionOrigin !== FROM_PEER) peers.moved(document, [...added, ...updated, ...removed]);
    },
    async afterUnloadDocument({ documentName }) {
      peers.closed(documentName);
      clearTimeout(laterSaves.get(documentName));
      const name = parseDocumentName(documentName);
      if (name && openNames.get(name.notebookId) === documentName) openNames.delete(name.notebookId);
    },
    async onStoreDocument({ document }) {
      await save(document);
    },
    async beforeHandleAwareness({ states, context }) {
      for (const [client, state] of states) {
        // Hocuspocus 4.7 reads awareness through a scratch client, which shows up as one more, empty person.
        if (Object.keys(state).length === 0) states.delete(client);
        else if (context)
          state.user = { ...state.user, userId: context.who.principal.userId, name: context.who.principal.name };
      }
    },
  });

  const open: Rooms['open'] = (notebookId) => {
    const name = openNames.get(notebookId);
    return (name === undefined ? undefined : hocuspocus.documents.get(name)) ?? null;
  };

  return {
    hocuspocus,
    open,
    async recheck() {
      for (const document of hocuspocus.documents.values()) {
        const name = parseDocumentName(document.name);
        if (!name) continue;
        for (const connection of document.getConnections()) {
          const context: CollabContext = connection.context;
          const level = (await context.stillSignedIn())
            ? await access.level(context.who.principal, name.notebookId)
            : null;
          if (level === null) connection.close({ code: 4403, reason: 'Forbidden' });
          else connection.readOnly = !includes(level, 'edit');
        }
      }
    },
    dismiss(notebookId) {
      const document = open(notebookId);
      if (!document) return;
      tell(document, { type: 'replaced' });
      for (const connection of document.getConnections()) connection.close({ code: 4205, reason: 'Replaced' });
    },
    async flush() {
      closing = true;
      // One store at a time for each document: what Hocuspocus has begun ends first.
      const documents = [...hocuspocus.documents.values()];
      await Promise.allSettled(documents.map(saveInTurn));
      for (const timer of laterSaves.values()) clearTimeout(timer);
      await peers.stop();
    },
  };
}
