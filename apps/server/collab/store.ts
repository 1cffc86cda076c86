import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import * as Y from 'yjs';
import { type Tx, transaction } from '../db.ts';
import { documentName } from './name.ts';
import { COLLAB_CHANNEL, storedMessage } from './peers.ts';

export interface StoredDocument {
  epoch: string;
  state: Uint8Array;
  /** Counts stores. */
  version: string;
}

export type StoreOutcome =
  | { stored: true; version: string }
  /** Somebody else (another server) stored since: merge `current` and store again. */
  | { stored: false; current: StoredDocument }
  /** The document was replaced or its notebook is gone: there is nothing to store into. */
  | { stored: false; current: null };

/** Notebook documents in PostgreSQL. A store is durable when it returns, and other servers are told of it. */
export function createDocumentStore(pool: Pool, serverId: string) {
  const load = async (db: Pick<Tx, 'query'>, notebookId: string): Promise<StoredDocument | null> => {
    const { rows } = await db.query<{ epoch: string; state: Buffer; version: string }>(
      'select epoch, state, version from notebook_document where "notebookId" = $1',
      [notebookId],
    );
    return rows[0] ?? null;
  };
  return {
    load: (notebookId: string) => load(pool, notebookId),

    /** Stores over `version`, which the caller's document contains. */
    async store(notebookId: string, epoch: string, version: string, state: Uint8Array): Promise<StoreOutcome> {
      const { rows } = await pool.query<{ version: string }>(
        `with stored as (update notebook_document set state = $4, version = version + 1, "updatedAt" = now()
            where "notebookId" = $1 and epoch = $2 and version = $3 returning version),
          touched as (update workspace_object set "updatedAt" = now() where id = $1 and exists (select 1 from stored))
        select version, pg_notify($5, $6) from stored`,
        [notebookId, epoch, version, state, COLLAB_CHANNEL, storedMessage(serverId, documentName(notebookId, epoch))],
      );
      if (rows[0]) return { stored: true, version: rows[0].version };
      const current = await load(pool, notebookId);
      return { stored: false, current: current?.epoch === epoch ? current : null };
    },

    /** A new document in the place of the old one, under a new epoch. */
    async replace(notebookId: string, doc: Y.Doc): Promise<string> {
      const epoch = randomUUID();
      await transaction(pool, async (tx) => {
        await tx.query(
          'update notebook_document set epoch = $2, state = $3, version = version + 1, "updatedAt" = now() where "notebookId" = $1',
          [notebookId, epoch, Y.encodeStateAsUpdate(doc)],
        );
        await tx.query('update workspace_object set "updatedAt" = now() where id = $1', [notebookId]);
      });
      return epoch;
    },
  };
}
export type DocumentStore = ReturnType<typeof createDocumentStore>;
