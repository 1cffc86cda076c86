import {
  type CatalogCommand,
  type Column,
  type CommitAsk,
  type ComputeQuestion,
  isFinal,
  type Principal,
  type SecurableKind,
  type TableRead,
  type TableWrite,
} from '@boathouse/contracts';
import { listen } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import { type Alteration, alter } from './alter.ts';
import { bootstrapCatalog } from './bootstrap.ts';
import { authoriseCommand, perform } from './commands.ts';
import { answerCommits } from './commits.ts';
import { type Queryable, transaction } from './db.ts';
import { changeGrants, type GrantChange } from './grants.ts';
import { createReader, type WorkspaceReader } from './reader.ts';
import { createRemovals } from './removals.ts';
import { settleRun, settleTable, sweepLeases } from './sweeper.ts';
import {
  applyReads,
  applyWrite,
  type Reservation,
  reserveTable,
  schemaMoved,
  type TableDefinition,
  tableBeingMade,
} from './tables.ts';
import { loadVisible, type Scope, type VisibleCatalog } from './visible.ts';

export type { LoadedChain } from './chains.ts';
export type { Queryable } from './db.ts';
export { noSecurable, type WorkspaceReader } from './reader.ts';
export type { Reservation, TableDefinition } from './tables.ts';
export type { VisibleCatalog, VisibleSchema } from './visible.ts';

/** The catalog of all workspaces of this database. */
export interface CatalogService {
  /** The catalog for one statement or one request; do not keep it. */
  reader(workspaceId: string): WorkspaceReader;
  /** E-mail of a person: the name that grants and current_user() know. Empty where nobody has the id. */
  emailOf(userId: string): Promise<string>;
  /** The tree that the principal may know of. */
  visible(workspaceId: string, who: Principal, scope: Scope): Promise<VisibleCatalog[]>;
  /** Performs commands in one transaction with their events; checks privileges. */
  perform(workspaceId: string, by: Principal, ...commands: CatalogCommand[]): Promise<void>;
  alter(
    workspaceId: string,
    by: Principal,
    kind: Exclude<SecurableKind, 'metastore'>,
    fullName: string,
    change: Alteration,
  ): Promise<string>;
  /** Several grant changes at once, all or none; needs MANAGE on each. */
  changeGrants(workspaceId: string, by: Principal, changes: GrantChange[]): Promise<void>;
  /** Takes a table's name under a lease; the caller has checked privileges. Throws TABLE_OR_VIEW_ALREADY_EXISTS, TABLE_BEING_CREATED. */
  reserveTable(definition: TableDefinition): Promise<Exclude<Reservation, { outcome: 'held' }>>;
  /** A commit is durable (compute's report, or the watcher with `runId` null): see tables.ts. Pass the transaction that notes it. */
  applyWrite(
    tx: Queryable,
    write: TableWrite,
    runId: string | null,
  ): Promise<{ fullName: string; workspaceId: string; isNew: boolean } | null>;
  applyReads(tx: Queryable, reads: TableRead[], runId: string): Promise<void>;
  schemaMoved(moved: { tableId: string; version: number; columns: Column[] }): Promise<void>;
  /** The catalog's word on commits of catalog-managed tables: the answer to compute's question. */
  commits(ask: CommitAsk): Promise<unknown>;
  /** Frees or publishes what a run that has ended had reserved; also done by itself when a run ends. */
  settleRun(runId: string): Promise<void>;
  /** The first catalog of a new workspace, in the transaction that makes the workspace. */
  bootstrap(tx: Queryable, workspaceId: string, ownerId: string): Promise<void>;
  /** Deletes folders of what was dropped; also done by the sweeper. */
  removeDropped(): Promise<number>;
  /** One round of the sweeper. */
  sweep(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface CatalogOptions {
  /** Asks a compute process: the catalog needs it for the schema of files and for deleting table folders. */
  ask: (question: ComputeQuestion) => Promise<unknown>;
  sweepEveryMs?: number;
}

export function createCatalog(
  base: Pick<BaseServices, 'pool' | 'store' | 'clock' | 'log' | 'bus'>,
  options: CatalogOptions,
): CatalogService {
  const { pool, store, clock, log, bus } = base;
  const removals = createRemovals({ pool, store, log, ask: options.ask });
  const sweeping = { pool, store, clock, removals };
  let timer: NodeJS.Timeout | null = null;
  let unlisten: (() => void) | null = null;
  let active: Promise<unknown> = Promise.resolve();

  const inBackground = (what: string, work: () => Promise<unknown>): void => {
    active = active.then(work).catch((error: unknown) => log.warn({ err: error }, what));
  };
  const removeSoon = () => inBackground('dropped folders could not be deleted', () => removals.run());

  const emails = new Map<string, string>();

  const service: CatalogService = {
    async emailOf(userId) {
      // Nothing changes an address, so it is read once.
      const known = emails.get(userId);
      if (known !== undefined) return known;
      const { rows } = await pool.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [userId]);
      if (rows[0]) emails.set(userId, rows[0].email);
      return rows[0]?.email ?? '';
    },
    reader: (workspaceId) => createReader({ db: pool, workspaceId, ask: options.ask }),
    visible: (workspaceId, who, scope) => loadVisible(pool, workspaceId, who, scope),
    async perform(workspaceId, by, ...commands) {
      await transaction(pool, async (tx) => {
        for (const command of commands) await perform({ tx, workspaceId, by, removals }, command);
      });
      if (commands.some((it) => it.command.startsWith('drop'))) removeSoon();
    },
    alter: (workspaceId, by, kind, fullName, change) =>
      transaction(pool, (tx) => alter(tx, workspaceId, by, kind, fullName, change)),
    changeGrants: (workspaceId, by, changes) =>
      transaction(pool, async (tx) => {
        for (const change of changes) {
          const { kind, fullName, principal } = change;
          await authoriseCommand(
            { tx, workspaceId, by, removals },
            { command: 'grant', privileges: [], kind, fullName, principal },
          );
          await changeGrants(tx, workspaceId, by, change);
        }
      }),
    async reserveTable(definition) {
      for (let attempt = 0; ; attempt++) {
        const reservation = await transaction(pool, (tx) => reserveTable(tx, definition));
        if (reservation.outcome !== 'held') return reservation;
        // Left behind by a run that is over: settled here and now, so that nobody waits for a lease.
        if (attempt > 0 || !(await settleTable(sweeping, reservation.tableId)))
          throw tableBeingMade(reservation.fullName);
        removeSoon();
      }
    },
    applyWrite: (tx, write, runId) => applyWrite(tx, removals, write, runId),
    applyReads: (tx, reads, runId) => applyReads(tx, reads, runId),
    schemaMoved: (moved) => schemaMoved(pool, moved),
    commits: (ask) => answerCommits(pool, ask),
    settleRun: (runId) => settleRun(sweeping, runId),
    bootstrap: (tx, workspaceId, ownerId) => bootstrapCatalog(tx, workspaceId, ownerId),
    removeDropped: () => removals.run(),
    async sweep() {
      await sweepLeases(sweeping);
      await removals.run();
    },
    start() {
      timer = setInterval(
        () => inBackground('the sweep of the catalog failed', () => service.sweep()),
        options.sweepEveryMs ?? 10_000,
      );
      timer.unref();
      unlisten = listen(bus, 'run.changed', (run) => {
        if (isFinal(run.state))
          inBackground('reservations of a run could not be settled', () => settleRun(sweeping, run.runId));
      });
    },
    async stop() {
      if (timer) clearInterval(timer);
      unlisten?.();
      await active;
    },
  };
  return service;
}
