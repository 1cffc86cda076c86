import { z } from 'zod';
import { RunEventRow, RunSummary } from './runs.ts';

/**
 * The live channel: one WebSocket per browser at `/live` (session cookie, same origin). Text frames are one JSON message;
 * binary frames are u32le header length, JSON header (`LivePage`), Arrow IPC stream.
 *
 * Topics: `notebook:<id>` (runs of a notebook), `run:<id>` (its whole log), `dashboard:<id>` (tiles), `table:<id>`,
 * `pipeline:<id>`, `job:<id>`, `workspace` (lists have changed). The server decides on every subscription.
 */
export const LiveClientMessage = z.discriminatedUnion('type', [
  /** `after`: for `run:<id>`, the last seq that the viewer has; the server first replays what is missing. */
  z.object({ type: z.literal('subscribe'), topic: z.string(), after: z.number().int().optional() }),
  z.object({ type: z.literal('unsubscribe'), topic: z.string() }),
  z.object({ type: z.literal('ping') }),
]);
export type LiveClientMessage = z.infer<typeof LiveClientMessage>;

export const LiveServerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), userId: z.string(), serverId: z.string() }),
  z.object({ type: z.literal('subscribed'), topic: z.string() }),
  z.object({ type: z.literal('refused'), topic: z.string(), message: z.string() }),
  z.object({ type: z.literal('pong') }),
  /** A run began, moved on or ended: the whole summary as this viewer may see it. */
  z.object({ type: z.literal('run'), topic: z.string(), run: RunSummary }),
  z.object({ type: z.literal('event'), topic: z.string(), row: RunEventRow }),
  z.object({
    type: z.literal('table.changed'),
    topic: z.string(),
    tableId: z.string(),
    fullName: z.string(),
    version: z.number().int(),
  }),
  /** A tile has a new answer: `runId` to read it from. */
  z.object({
    type: z.literal('tile'),
    topic: z.string(),
    dashboardId: z.string(),
    tileId: z.string(),
    runId: z.string(),
    state: z.string(),
  }),
  /** Something in a list changed: kinds are `notebook`, `dashboard`, `job`, `jobRun`, `pipeline`, `table`, `schema`, `catalog`, `volume`, `compute`,
   *  `run` (what is running, to those who have the run in their list). */
  z.object({ type: z.literal('changed'), topic: z.string(), kind: z.string(), id: z.string() }),
]);
export type LiveServerMessage = z.infer<typeof LiveServerMessage>;

export const LivePage = z.object({
  type: z.literal('page'),
  topic: z.string(),
  runId: z.string(),
  rows: z.number().int(),
  more: z.boolean(),
});
export type LivePage = z.infer<typeof LivePage>;

/**
 * Why the server ends a live channel. After any of them the browser connects anew, subscribes anew with `after`, and reads
 * again what it shows: it has then missed nothing.
 */
export const LIVE_CLOSE = {
  /** The browser reads slower than news come; what it has not read yet was dropped. */
  tooSlow: 4008,
  /** Not a message of this channel. */
  badMessage: 1008,
  serverStops: 1001,
} as const;
