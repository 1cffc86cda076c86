import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { ObjectView } from './objects.ts';

/**
 * Notebooks. The document itself is a Yjs document on the WebSocket `/collab` (Hocuspocus), of the shape of
 * `@boathouse/notebook`. After each durable store the server broadcasts the stateless message `SavedMessage` as JSON.
 */
const area = 'Notebooks';
const base = '/api/2.0/boathouse';

export const CellKind = z.enum(['sql', 'typescript', 'pipeline', 'markdown']);
export type CellKind = z.infer<typeof CellKind>;

export const NotebookView = ObjectView.extend({
  /** Name to open at `/collab`: `notebook:<id>:<epoch>`. A new epoch means a new document: drop the local copy. */
  documentName: z.string(),
  epoch: z.string(),
});
export type NotebookView = z.infer<typeof NotebookView>;

/** The text is durable up to `version`: compare with `documentVersion(doc)` of `@boathouse/notebook`. */
export const SavedMessage = z.object({ type: z.literal('saved'), version: z.string() });
export type SavedMessage = z.infer<typeof SavedMessage>;

/** Sent before the server closes a document that was replaced or deleted. */
export const ReplacedMessage = z.object({ type: z.literal('replaced') });
export const CollabMessage = z.discriminatedUnion('type', [SavedMessage, ReplacedMessage]);
export type CollabMessage = z.infer<typeof CollabMessage>;

const params = z.object({ notebookId: z.string().min(1) });

export const getNotebook = defineRoute({
  method: 'GET',
  path: `${base}/notebooks/{notebookId}`,
  summary: 'A notebook and the name of its document',
  area,
  needs: 'view',
  params,
  response: NotebookView,
});

export const CellView = z.object({
  id: z.string(),
  kind: CellKind,
  title: z.string(),
  source: z.string(),
  codeHash: z.string(),
  chart: z.unknown(),
});

export const getNotebookCells = defineRoute({
  method: 'GET',
  path: `${base}/notebooks/{notebookId}/cells`,
  summary: 'The cells as they are now, in order',
  area,
  needs: 'view',
  params,
  response: z.object({ documentVersion: z.string(), cells: z.array(CellView) }),
});

export const exportNotebook = defineRoute({
  method: 'GET',
  path: `${base}/notebooks/{notebookId}/source`,
  summary: 'Download as a SOURCE file (Databricks form of SQL notebooks)',
  area,
  needs: 'view',
  params,
  raw: 'response',
});

export const duplicateNotebook = defineRoute({
  method: 'POST',
  path: `${base}/notebooks/{notebookId}/duplicate`,
  summary: 'A copy in the same folder, or in the own home where the folder cannot be written',
  area,
  needs: 'view',
  params,
  response: ObjectView,
  status: 201,
});
