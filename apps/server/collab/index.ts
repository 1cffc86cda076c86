import { listen } from '../events/index.ts';
import type { Identity, RouterOptions } from '../http/router.ts';
import type { SocketRoute } from '../http/sockets.ts';
import type { BaseServices } from '../services.ts';
import type { Access } from '../workspace/index.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createRooms, type Rooms } from './rooms.ts';
import { createDocumentStore } from './store.ts';

export type { Documents, NotebookContent } from './documents.ts';

export interface Collab {
  documents: Documents;
  socket: SocketRoute;
  /** Loads the collaboration server ahead of the first person. */
  warm: () => Promise<void>;
  /** Stores what is open. */
  close: () => Promise<void>;
}

const maxUpdateBytes = 32 * 1024 * 1024;
const recheckMs = 30_000;
/** Changes that may take a person's access away. */
const accessKinds = new Set(['notebook', 'directory', 'member']);

/** Notebooks edited together, at `/collab`. */
export function createCollab(base: BaseServices, access: Access, authenticate: RouterOptions['authenticate']): Collab {
  let rooms: Rooms | null = null;
  let loading: Promise<Rooms> | null = null;
  const load = (): Promise<Rooms> => {
    loading ??= createRooms(base, access, createDocumentStore(base.pool, base.serverId)).then((made) => {
      rooms = made;
      return made;
    });
    return loading;
  };
  const recheck = (): void => {
    rooms
      ?.recheck()
      .catch((error: unknown) => base.log.warn({ err: error }, 'rights in open notebooks could not be checked'));
  };
  const endListening = listen(base.bus, 'changed', ({ kind, id }) => {
    if (!accessKinds.has(kind)) return;
    recheck();
    // Another server may have replaced the document.
    if (kind === 'notebook') void dismissReplaced(id);
  });
  const timer = setInterval(recheck, recheckMs);
  timer.unref();

  const documents = createDocuments(base, () => rooms);
  const dismissReplaced = async (notebookId: string): Promise<void> => {
    const open = rooms?.open(notebookId);
    if (!open) return;
    const name = await documents.name(notebookId).catch(() => null);
    if (name?.documentName !== open.name) rooms?.dismiss(notebookId);
  };

  return {
    documents,
    socket: {
      path: '/collab',
      auth: 'session',
      maxPayloadBytes: maxUpdateBytes,
      open(socket, who, req) {
        // Frames that arrive before the room is there must wait in the socket.
        socket.pause();
        void load().then(({ hocuspocus }) => {
          const stillSignedIn = () =>
            authenticate(req).then(
              (now) => samePerson(now, who),
              () => false,
            );
          const connection = hocuspocus.handleConnection(socket, new Request('http://localhost/collab'), {
            who,
            stillSignedIn,
          });
          socket.on('message', (data: Buffer) => connection.handleMessage(new Uint8Array(data)));
          socket.on('close', (code, reason) => connection.handleClose({ code, reason: reason.toString() }));
          socket.resume();
        });
      },
    },
    async warm() {
      await load();
    },
    async close() {
      endListening();
      clearInterval(timer);
      await rooms?.flush();
    },
  };
}

const samePerson = (now: Identity | null, then: Identity): boolean => now?.principal.userId === then.principal.userId;
