import type {
  PlanBody,
  Principal,
  Requirement,
  RunEventRow,
  RunKind,
  RunParameter,
  RunSummary,
  SessionState,
  SignedPlan,
  StatementContext,
  TableRead,
  TableWrite,
  WorkOrder,
} from '@boathouse/contracts';
import type { RunLanguageName, RunRecord } from './record.ts';

export interface PlanRequest {
  text: string;
  session: SessionState;
  principal: Principal;
  workspaceId: string;
  runId: string;
  parameters: RunParameter[];
  /** Where the statement stands inside of another one. */
  statement?: StatementContext;
  /** Id of an attached engine. */
  engine?: string;
}
export interface PlannedRun {
  signed: SignedPlan;
  body: PlanBody;
  requires: Requirement[];
  reads: string[];
  /** The session after the statement (USE, temporary views), where it changed. */
  session?: SessionState;
  /** The attached engine that the plan runs on, as runs name it. */
  engine?: string;
}

type WithoutIds<T> = T extends { kind: 'statement' }
  ? never
  : T extends unknown
    ? Omit<T, 'runId' | 'sessionId'>
    : never;
/** A ready order that is not a planned statement: an import or a pipeline update. */
export type ReadyOrder = WithoutIds<WorkOrder>;

export interface StartRun {
  /** Chosen by the client (UUID). */
  id: string;
  kind: RunKind;
  workspaceId: string;
  principal: Principal;
  /** Where names resolve; kept by the planner where it is a stored session. */
  session: SessionState;
  language: RunLanguageName;
  text: string;
  notebookId?: string;
  cellId?: string;
  documentVersion?: string;
  parameters?: RunParameter[];
  /** Id of an attached engine; absent: the embedded one. Also for what the statements of a TypeScript cell ask. */
  engine?: string;
  dashboardId?: string;
  tileId?: string;
  pipelineId?: string;
  taskAttemptId?: string;
  /** Work that was planned already. */
  order?: ReadyOrder;
  /** With `order`: who may see the output. */
  requires?: Requirement[];
  /** performance.now() of the request, for the server's share of the time. */
  receivedAt?: number;
}

export interface RunPage {
  runId: string;
  rows: number;
  more: boolean;
  bytes: Uint8Array;
}

export interface RunLogNews {
  /** The run as it is after `rows`, which are durable. */
  run: RunRecord;
  rows: RunEventRow[];
}

/** The door of runs. */
export interface Runs {
  /**
   * Starts a run, or answers with the one that has this id. Throws RUN_ID_TAKEN where the id belongs to other code or
   * another person. Planning errors are the run's, not the call's.
   */
  start(request: StartRun): Promise<RunRecord>;
  /** Null where there is none in the workspace. */
  get(workspaceId: string, id: string): Promise<RunRecord | null>;
  /** The run when it has ended, or as it is after `timeoutMs`. */
  waitFor(id: string, timeoutMs: number): Promise<RunRecord>;
  /** Stops a run; one that has ended stays as it is. The caller has checked the right to. */
  cancel(id: string): Promise<void>;
  /** Why the output is not shown to this person, or null where it is. Tiles are shown to whoever sees the dashboard. */
  withheld(principal: Principal, run: RunRecord): Promise<{ message: string } | null>;
  /** Throws RESOURCE_DOES_NOT_EXIST where the person may not know of the run. */
  requireView(principal: Principal, run: RunRecord): Promise<void>;
  summary(principal: Principal, run: RunRecord): Promise<RunSummary>;
  summaries(principal: Principal, runs: RunRecord[]): Promise<RunSummary[]>;
  /** The log after `after`, without the outputs that the person may not see. */
  events(
    principal: Principal,
    run: RunRecord,
    after: number,
    limit: number,
  ): Promise<{ events: RunEventRow[]; withheld: { message: string } | null }>;
  onLog(listener: (news: RunLogNews) => void): () => void;
  onPage(listener: (run: RunRecord, page: RunPage) => void): () => void;
  stop(): Promise<void>;
}

/** What runs need of other rooms. */
export interface RunHooks {
  plan(request: PlanRequest): Promise<PlannedRun>;
  /** Statements of a text with their offsets in it. */
  split(text: string): { text: string; start: number }[];
  /** A commit is durable: the catalog follows, and the event goes out. */
  committed(runId: string, write: TableWrite): Promise<void>;
  /** Versions that a run has read, for lineage. */
  read(runId: string, reads: TableRead[]): Promise<void>;
  authorise(principal: Principal, workspaceId: string, requires: Requirement[]): Promise<void>;
  /** Throws where the object is out of sight. */
  requireObject(principal: Principal, workspaceId: string, objectId: string): Promise<void>;
  principalOf(userId: string, workspaceId: string): Promise<Principal>;
  session(sessionId: string): Promise<SessionState | null>;
}
