import { RunState } from '@boathouse/contracts';
import { z } from 'zod';
import type { EventBus } from '../bus.ts';

/** What travels through the outbox, by kind. A listener is told once per server, after the change is durable. */
export const eventSchemas = {
  /** A version of a table exists, whoever committed it. Once per table and version. */
  'table.changed': z.object({
    workspaceId: z.string(),
    tableId: z.string(),
    fullName: z.string(),
    version: z.number().int(),
    runId: z.string().nullable().default(null),
  }),
  /** A run's log grew up to `seq`. `serverId` wrote it and has told its own listeners already. */
  'run.changed': z.object({
    runId: z.string(),
    seq: z.number().int(),
    state: RunState,
    workspaceId: z.string(),
    notebookId: z.string().nullable(),
    dashboardId: z.string().nullable(),
    tileId: z.string().nullable(),
    serverId: z.string(),
  }),
  /** Somebody asked to stop a run that another server drives. */
  'run.cancel': z.object({ runId: z.string() }),
  /** Tasks of jobs became ready, or a place for a queued run became free. */
  'job.work': z.object({ jobId: z.number() }),
  /** Running attempts of a job run must stop. */
  'job.stop': z.object({ jobRunId: z.number() }),
  /** Something in a list changed: kinds as in contracts/live.ts. */
  changed: z.object({ workspaceId: z.string(), kind: z.string(), id: z.string() }),
} as const;

export type EventKind = keyof typeof eventSchemas;
export type EventPayload<K extends EventKind> = z.output<(typeof eventSchemas)[K]>;
export type EventInput<K extends EventKind> = z.input<(typeof eventSchemas)[K]>;

export const isEventKind = (kind: string): kind is EventKind => Object.hasOwn(eventSchemas, kind);

/** Listens to one kind; the payload has been parsed. Returns the function that ends the subscription. */
export function listen<K extends EventKind>(
  bus: EventBus,
  kind: K,
  listener: (payload: EventPayload<K>) => void,
): () => void {
  return bus.on(kind, (payload) => listener(eventSchemas[kind].parse(payload) as EventPayload<K>));
}
