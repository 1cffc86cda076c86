import type {
  ComputeToServer,
  RunEvent,
  SignedPlan,
  StatementContext,
  TableWrite,
  WorkOrder,
} from '@boathouse/contracts';
import type { ResultPage } from '@boathouse/engine';
import type { Runtime } from '../runtime.ts';

/** How a handler talks while its order runs. */
export interface OrderContext {
  runtime: Runtime;
  runId: string;
  sessionId: string;
  /** Aborted by a cancel. */
  signal: AbortSignal;
  /** Adds to the run's log; survives a break of the link. */
  event(event: RunEvent): void;
  /** Sends a message of the run that must arrive. */
  deliver(message: ComputeToServer): void;
  /** Sends a message that is worth nothing after a break. */
  send(message: ComputeToServer): void;
  page(page: ResultPage): void;
  committed(write: TableWrite): void;
  /** Asks the server to plan a statement with the rights of this run. */
  plan(text: string, statement?: StatementContext): Promise<SignedPlan>;
}

/** Milliseconds for the `finished` event. */
export interface OrderEnd {
  engineMs?: number;
  totalMs?: number;
}

export type OrderKind = WorkOrder['kind'];
export type OrderOf<K extends OrderKind> = Extract<WorkOrder, { kind: K }>;
/** Performs one kind of order. Throws BoathouseError; CANCELLED where the signal stopped it. */
export type OrderHandler<K extends OrderKind> = (order: OrderOf<K>, context: OrderContext) => Promise<OrderEnd>;

/** A row for each kind that this compute performs; a kind without a row is answered UNSUPPORTED_ORDER. */
export type OrderHandlers = { [K in OrderKind]?: OrderHandler<K> };

/** Rooms with processes of their own (kernels) hear of the end of a session and of this process. */
export interface OrderRoom {
  handlers: OrderHandlers;
  closeSession?(sessionId: string): void;
  close?(): Promise<void>;
}
