import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '@boathouse/contracts';
import {
  type Cell,
  codeHash,
  compareVersion,
  documentVersion,
  type NewCell,
  newNotebook,
  readCells,
} from '@boathouse/notebook';
import * as Y from 'yjs';
import type { BaseServices } from '../services.ts';
import { documentName } from './name.ts';
import type { Rooms } from './rooms.ts';
import { createDocumentStore } from './store.ts';

export interface NotebookContent {
  cells: (Cell & { codeHash: string })[];
  documentVersion: string;
}

export interface Documents {
  /**
   * The cells as they are now. With `atLeast` (what the browser shows) it waits up to two seconds until that has arrived,
   * so that the code that runs is the code that was seen. Throws RESOURCE_DOES_NOT_EXIST, DOCUMENT_BEHIND, and
   * INVALID_PARAMETER_VALUE for a text that is no version.
   */
  read: (notebookId: string, atLeast?: string) => Promise<NotebookContent>;
  /** A new document in the place of the old one (an import); whoever has it open drops their copy. */
  replace: (notebookId: string, cells: NewCell[]) => Promise<void>;
  /** The name under which the document is opened at `/collab`. */
  name: (notebookId: string) => Promise<{ documentName: string; epoch: string }>;
}

const arrivalMs = 2_000;
// Insertions arrive in order with deletions, so a deletion that still differs after this came from somebody else.
const settleMs = 150;

/** Notebook documents for the rest of the server: from the open room where there is one, else from the store. */
export function createDocuments(base: BaseServices, rooms: () => Rooms | null): Documents {
  const store = createDocumentStore(base.pool, base.serverId);
  const missing = (notebookId: string) =>
    userError('RESOURCE_DOES_NOT_EXIST', `The notebook ${notebookId} does not exist.`, { status: 404 });

  const current = async (notebookId: string): Promise<Y.Doc> => {
    const open = rooms()?.open(notebookId);
    if (open) return open;
    const stored = await store.load(notebookId);
    if (!stored) throw missing(notebookId);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, stored.state);
    return doc;
  };

  const waitFor = async (notebookId: string, version: string): Promise<Y.Doc> => {
    const startedAt = base.clock();
    for (;;) {
      const doc = await current(notebookId);
      const standing = compareVersion(doc, version);
      const waitedMs = base.clock() - startedAt;
      if (standing === 'unknown')
        throw userError('INVALID_PARAMETER_VALUE', 'documentVersion is not a version of a document.');
      if (standing === 'same' || (standing === 'ahead' && waitedMs >= settleMs)) return doc;
      if (waitedMs >= arrivalMs) {
        throw userError(
          'DOCUMENT_BEHIND',
          'Your latest edits have not reached the server yet. Check the connection and run again.',
          { status: 409 },
        );
      }
      await nextChange(doc);
    }
  };

  return {
    async read(notebookId, atLeast) {
      const doc = atLeast === undefined ? await current(notebookId) : await waitFor(notebookId, atLeast);
      return {
        cells: readCells(doc).map((cell) => ({ ...cell, codeHash: codeHash(cell) })),
        documentVersion: documentVersion(doc),
      };
    },
    async replace(notebookId, cells) {
      await store.replace(notebookId, newNotebook(cells));
      rooms()?.dismiss(notebookId);
    },
    async name(notebookId) {
      const stored = await store.load(notebookId);
      if (!stored) throw missing(notebookId);
      return { documentName: documentName(notebookId, stored.epoch), epoch: stored.epoch };
    },
  };
}

/** Resolves at the document's next change, or after a moment: the room may have opened in the meantime. */
async function nextChange(doc: Y.Doc): Promise<void> {
  const stop = new AbortController();
  const wake = (): void => stop.abort();
  doc.on('update', wake);
  await sleep(25, undefined, { signal: stop.signal }).catch(() => {});
  doc.off('update', wake);
}
