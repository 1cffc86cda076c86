import type {
  CommitAsk,
  ComputeBinary,
  ComputeQuestion,
  ComputeStatus,
  ErrorInfo,
  RunEvent,
  SignedPlan,
  StatementContext,
  StatementOutcome,
  TableRead,
  TableWrite,
  WorkOrder,
} from '@boathouse/contracts';
import type { z } from 'zod';

/** How an order ended. `lost`: its compute process went away; nobody knows how far it came. */
export type OrderEnd =
  | { end: 'done'; outcome: StatementOutcome | null }
  | { end: 'failed'; error: ErrorInfo }
  | { end: 'cancelled' }
  | { end: 'lost' };

/** Who drives an order. Calls for one order come one after another; a promise that they return is awaited first. */
export interface OrderListener {
  /** Compute's event, with its number there. Resolves when durable: compute may then forget it. */
  event(event: RunEvent, computeSeq: number): Promise<void>;
  /** First rows, ahead of everything else. */
  page(header: z.output<typeof ComputeBinary>, bytes: Buffer): void;
  committed(write: TableWrite): Promise<void>;
  statementDone(planId: string, reads: TableRead[], write: TableWrite | undefined): Promise<void>;
  /** Plans a statement made at run time. Throws BoathouseError, which is compute's answer. */
  plan(text: string, sessionId: string, statement?: StatementContext): Promise<SignedPlan>;
  /** Resolves when what the order gave is durable: until then compute keeps its last words. */
  settled(): Promise<void>;
  /** The order has left for this compute process; again where the first died before it began. */
  sent(computeId: string, engine: string): void;
  /** The compute process died before the order began: it waits for the next one. */
  requeued(): void;
}

export interface RunOptions {
  /** The order changes nothing, so it may begin at once: begun twice, it does no harm. Others wait for the server's word. */
  readOnly: boolean;
}

/** A driver for an order that compute has from an earlier server process. */
export interface Adopted {
  kind: WorkOrder['kind'];
  sessionId: string;
  listener: OrderListener;
  end: (end: OrderEnd) => void;
}

/** What the link tells of that belongs to no order. */
export interface LinkHooks {
  schemaMoved(message: {
    tableId: string;
    version: number;
    columns: { name: string; type: string; nullable: boolean; comment?: string }[];
  }): Promise<void>;
  sessionLost(sessionId: string, reason: string): Promise<void>;
  /** An order of before this server's start, still running at a compute process: who drives it from here, or null. */
  adopt(runId: string, computeId: string): Promise<Adopted | null>;
  /** A commit of a run that has ended here meanwhile (lost, stopped): it happened all the same. */
  strayCommit(runId: string, write: TableWrite): Promise<void>;
  /** A question about commits of a catalog-managed table. Throws BoathouseError, which is compute's answer. */
  commits(ask: CommitAsk): Promise<unknown>;
  /** Compute processes came or went. */
  changed(): void;
}

/** The server's end of the links to all compute processes. */
export interface Compute {
  /**
   * Performs an order: waits for a compute process up to 10 s (else `failed` with COMPUTE_UNAVAILABLE). An order that its process
   * had not begun when it died goes to the next one; one that had is `lost`. Never throws.
   */
  run(order: WorkOrder, listener: OrderListener, options: RunOptions): Promise<OrderEnd>;
  /** Asks the order's compute to stop; an order that was not sent yet ends at once. */
  cancel(runId: string): void;
  /** Throws what compute answered, COMPUTE_UNAVAILABLE or COMPUTE_TIMEOUT. The value is the question's: parse it. */
  ask(question: ComputeQuestion, options?: { timeoutMs?: number }): Promise<unknown>;
  /** Ends the session's kernel wherever it lives. */
  closeSession(sessionId: string): void;
  status(): { computes: ComputeStatus[]; waitingRuns: number };
  stop(): void;
}
