import { randomUUID } from 'node:crypto';
import {
  type AccessLevel,
  EVENT_LOG_COLUMNS,
  type FlowPlan,
  isFinal,
  type PipelineGraph,
  PipelineSpec,
  type PipelineUpdateDetail,
  type PipelineUpdateView,
  type PipelineView,
  type Principal,
  type UpdateCause,
  updateStateOf,
  userError,
} from '@boathouse/contracts';
import type { PipelinePiece, PlannedPipeline } from '@boathouse/sql';
import { transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { Live } from '../live/index.ts';
import { checkpointLocation, type Planning } from '../planning/index.ts';
import type { NotebookReader, RunLogNews, RunService, Sessions } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { type Access, includes } from '../workspace/index.ts';
import { detailOf, eventOf } from './detail.ts';
import { piecesOf, piecesOfPipeline } from './pieces.ts';
import { withSchemaErrors } from './schema-change.ts';
import { createPipelineStore, type PipelineRow, type UpdateRow, updateView } from './store.ts';

export interface PipelineCaller {
  principal: Principal;
  workspaceId: string;
}

export interface StartUpdate {
  /** Chosen by the client; also the id of the run. */
  id: string;
  cause: UpdateCause;
  fullRefresh?: boolean;
  /** Datasets by full name, or by the name alone within the pipeline's schema. */
  refreshSelection?: string[];
  fullRefreshSelection?: string[];
  /** Only looks for errors: nothing runs. */
  validateOnly?: boolean;
  documentVersion?: string;
  taskAttemptId?: string;
}

export interface NewPipeline {
  name: string;
  catalog: string;
  schema: string;
  notebookPaths: string[];
  development?: boolean;
}

/** Declarative pipelines: what there is, their updates, and who may run them. A pipeline of a notebook goes with its sharing. */
export interface Pipelines {
  list(caller: PipelineCaller): Promise<PipelineView[]>;
  get(caller: PipelineCaller, id: string): Promise<PipelineView>;
  ofNotebook(caller: PipelineCaller, notebookId: string): Promise<PipelineView | null>;
  /** The notebook's pipeline, made where there is none. */
  forNotebook(
    caller: PipelineCaller,
    notebookId: string,
    facts?: { name?: string; catalog?: string; schema?: string },
  ): Promise<PipelineView>;
  create(caller: PipelineCaller, facts: NewPipeline): Promise<PipelineView>;
  change(caller: PipelineCaller, id: string, change: Partial<NewPipeline>): Promise<PipelineView>;
  remove(caller: PipelineCaller, id: string): Promise<void>;
  /** Throws UPDATE_ALREADY_ACTIVE, PIPELINE_IS_EMPTY, PERMISSION_DENIED; a text with errors is an update that has failed. */
  start(caller: PipelineCaller, id: string, request: StartUpdate): Promise<PipelineUpdateView>;
  validate(caller: PipelineCaller, id: string): Promise<PipelineGraph>;
  validateNotebook(caller: PipelineCaller, notebookId: string, documentVersion?: string): Promise<PipelineGraph>;
  stop(caller: PipelineCaller, id: string): Promise<PipelineView>;
  updates(caller: PipelineCaller, id: string, limit: number, beforeMs?: number): Promise<PipelineUpdateView[]>;
  update(caller: PipelineCaller, id: string, updateId: string): Promise<PipelineUpdateDetail>;
}

export interface PipelineDoors {
  base: BaseServices;
  access: Access;
  documents: NotebookReader;
  planning: Planning;
  sessions: Sessions;
  runs: RunService;
  live: Pick<Live, 'addTopic'>;
}

const missing = (id: string) =>
  userError('RESOURCE_DOES_NOT_EXIST', `There is no pipeline ${id}, or you may not see it.`, { status: 404 });

export function createPipelines(doors: PipelineDoors): Pipelines {
  const { base, access, documents, planning, sessions, runs } = doors;
  const store = createPipelineStore(base.pool);
  const changed = (workspaceId: string, id: string) => ({ workspaceId, kind: 'pipeline', id });

  /** What the person may do: all for owner and administrators, else as much as with its notebook. */
  async function levelOf(principal: Principal, row: PipelineRow): Promise<AccessLevel | null> {
    if (principal.admin || row.ownerId === principal.userId) return 'manage';
    return row.notebookId && row.notebookPath !== null ? access.level(principal, row.notebookId) : null;
  }

  async function require(
    { principal, workspaceId }: PipelineCaller,
    id: string,
    needed: AccessLevel,
  ): Promise<{ row: PipelineRow; level: AccessLevel }> {
    const row = await store.get(workspaceId, id);
    const level = row && (await levelOf(principal, row));
    if (!row || !level) throw missing(id);
    if (!includes(level, needed))
      throw userError(
        'PERMISSION_DENIED',
        `You need "${needed}" on the pipeline ${row.name} and have "${level}". Ask ${row.ownerName || 'its owner'} to share its notebook with you.`,
        { status: 403 },
      );
    return { row, level };
  }

  const view = (row: PipelineRow, level: AccessLevel, latest: UpdateRow | undefined): PipelineView => ({
    id: row.id,
    name: row.name,
    spec: withPath(row),
    notebookId: row.notebookName === null ? null : row.notebookId,
    notebookName: row.notebookName,
    ownerId: row.ownerId,
    ownerName: row.ownerName,
    level,
    eventLog: row.eventLog,
    latestUpdate: latest ? updateView(latest) : null,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
  });

  async function views(rows: { row: PipelineRow; level: AccessLevel }[]): Promise<PipelineView[]> {
    const latest = await store.latestOf(rows.map(({ row }) => row.id));
    return rows.map(({ row, level }) => view(row, level, latest.get(row.id)));
  }

  const get = async (caller: PipelineCaller, id: string): Promise<PipelineView> =>
    (await views([await require(caller, id, 'view')]))[0]!;

  async function forNotebook(
    { principal, workspaceId }: PipelineCaller,
    notebookId: string,
    facts: { name?: string; catalog?: string; schema?: string } = {},
  ): Promise<PipelineRow> {
    const notebook = await access.require(principal, notebookId, 'run');
    if (notebook.kind !== 'notebook' || notebook.workspaceId !== workspaceId) throw missing(notebookId);
    const known = await store.ofNotebook(workspaceId, notebookId);
    if (known) return known;
    const { state } = await sessions.ofNotebook(workspaceId, notebookId, principal);
    const id = randomUUID();
    const name = facts.name ?? notebook.name;
    const spec = PipelineSpec.parse({
      id,
      name,
      catalog: facts.catalog ?? state.catalog,
      schema: facts.schema ?? state.schema,
      libraries: [{ notebook: { path: notebook.path } }],
    });
    await transaction(base.pool, async (tx) => {
      await store.insertForNotebook(tx, { id, workspaceId, name, spec, notebookId, ownerId: principal.userId });
      await enqueue(tx, 'changed', changed(workspaceId, id));
    });
    return (await store.ofNotebook(workspaceId, notebookId))!;
  }

  /** Plans the texts for the pipeline; errors of the text and of a streaming table's columns are in the graph. */
  async function plan(
    { principal, workspaceId }: PipelineCaller,
    target: { catalog: string; schema: string },
    pieces: PipelinePiece[],
    refreshOf: (dataset: string) => FlowPlan['refresh'] = () => 'refresh',
  ): Promise<PlannedPipeline> {
    const { catalog, schema } = target;
    const planned = await planning.planPipeline({ workspaceId, principal, pieces, catalog, schema });
    return withSchemaErrors(planned, refreshOf);
  }

  async function start(caller: PipelineCaller, id: string, request: StartUpdate): Promise<PipelineUpdateView> {
    const { principal, workspaceId } = caller;
    const { row } = await require(caller, id, 'run');
    const { pool } = base;
    const earlier = await store.pipelineOfUpdate(request.id);
    if (earlier !== null) return repeated(earlier, row.id, request.id);
    const pieces = await piecesOfPipeline(doors, principal, row, request.documentVersion);
    const refreshOf = selection(row, request);
    const planned = await plan(caller, row.spec, pieces, refreshOf.mode);
    refreshOf.check(planned);
    const facts = {
      id: request.id,
      pipelineId: row.id,
      cause: request.cause,
      fullRefresh: request.fullRefresh ?? false,
      config: {
        validateOnly: request.validateOnly ?? false,
        refreshSelection: request.refreshSelection ?? [],
        fullRefreshSelection: request.fullRefreshSelection ?? [],
        spec: withPath(row),
      },
      graph: planned.graph,
      createdBy: principal.userId,
    };
    const failed = planned.graph.errors.length > 0;
    const begun = await transaction(pool, async (tx) => {
      const active = await store.lock(tx, row.id);
      if (active) {
        if (active.id === request.id) return false;
        throw alreadyActive(row, active);
      }
      const ended = failed ? ('FAILED' as const) : request.validateOnly ? ('COMPLETED' as const) : null;
      await store.insertUpdate(tx, { ...facts, runId: ended ? null : request.id, state: ended ?? 'QUEUED' });
      await enqueue(tx, 'changed', changed(workspaceId, row.id));
      return !ended;
    });
    if (begun) {
      try {
        await run(caller, row, request, planned, pieces);
      } catch (error) {
        await store.removeUpdate(request.id);
        throw error;
      }
    }
    return updateView((await store.update(row.id, request.id))!);
  }

  async function repeated(pipelineId: string, wanted: string, updateId: string): Promise<PipelineUpdateView> {
    if (pipelineId !== wanted)
      throw userError('RUN_ID_TAKEN', `Another update has the id ${updateId}. Choose a new random id for each.`, {
        status: 409,
      });
    return updateView((await store.update(pipelineId, updateId))!);
  }

  async function run(
    { principal, workspaceId }: PipelineCaller,
    row: PipelineRow,
    request: StartUpdate,
    planned: PlannedPipeline,
    pieces: PipelinePiece[],
  ): Promise<void> {
    const { catalog, schema } = row.spec;
    const refresh = selection(row, request).mode;
    const { signed, plan: sealed } = await planning.sealPipeline({
      workspaceId,
      principal,
      runId: request.id,
      pipelineId: row.id,
      pipelineName: row.name,
      updateId: request.id,
      fullRefresh: request.fullRefresh ?? false,
      refresh: new Map(planned.flows.map(({ dataset }) => [dataset.toLowerCase(), refresh(dataset)])),
      cause: request.cause,
      config: withPath(row),
      catalog,
      schema,
      eventLogColumns: EVENT_LOG_COLUMNS,
      planned,
    });
    await store.setEventLog(row.id, sealed.eventLog.tableId);
    await runs.start({
      id: request.id,
      kind: 'pipeline',
      workspaceId,
      principal,
      session: sessions.passing(request.id, { catalog, schema }),
      language: 'pipeline',
      text: pieces.map((piece) => piece.text).join('\n\n'),
      pipelineId: row.id,
      ...(row.notebookId ? { notebookId: row.notebookId } : {}),
      ...(request.taskAttemptId === undefined ? {} : { taskAttemptId: request.taskAttemptId }),
      order: { kind: 'pipeline', order: { plan: signed } },
      requires: planned.requires,
      receivedAt: performance.now(),
    });
  }

  /** States of an update, as compute tells them; its end is that of its run. */
  async function follow({ run: record, rows }: RunLogNews): Promise<void> {
    if (record.kind !== 'pipeline' || !record.pipelineId) return;
    const states = rows.flatMap((it) => {
      const event = eventOf(it.event);
      return (event && updateStateOf(event)) ?? [];
    });
    const state = states.at(-1);
    if (state) await store.moved(record.id, state);
    if (isFinal(record.state) && rows.some((it) => it.event.type === 'finished'))
      await enqueue(base.pool, 'changed', changed(record.workspaceId, record.pipelineId));
  }
  runs.onLog(
    (news) =>
      void follow(news).catch((error) => base.log.error({ err: error }, 'the state of an update could not be kept')),
  );
  doors.live.addTopic('pipeline', (principal, workspaceId, id) => require({ principal, workspaceId }, id, 'view'));

  return {
    async list({ principal, workspaceId }) {
      const rows = await store.list(workspaceId);
      const seen = await Promise.all(rows.map(async (row) => ({ row, level: await levelOf(principal, row) })));
      return views(seen.flatMap(({ row, level }) => (level ? [{ row, level }] : [])));
    },
    get,
    async ofNotebook(caller, notebookId) {
      await access.require(caller.principal, notebookId, 'view');
      const row = await store.ofNotebook(caller.workspaceId, notebookId);
      return row ? get(caller, row.id) : null;
    },
    async forNotebook(caller, notebookId, facts) {
      return get(caller, (await forNotebook(caller, notebookId, facts)).id);
    },
    async create(caller, { name, catalog, schema, notebookPaths, development = false }) {
      const { principal, workspaceId } = caller;
      const notebooks = await Promise.all(
        notebookPaths.map((path) => access.requirePath(principal, workspaceId, path, 'run')),
      );
      const id = randomUUID();
      const libraries = notebooks.map(({ path }) => ({ notebook: { path } }));
      const spec = PipelineSpec.parse({ id, name, catalog, schema, libraries, development });
      const notebookId = notebooks[0]?.id ?? null;
      await transaction(base.pool, async (tx) => {
        await store.insert(tx, { id, workspaceId, name, spec, notebookId, ownerId: principal.userId });
        await enqueue(tx, 'changed', changed(workspaceId, id));
      });
      return get(caller, id);
    },
    async change(caller, id, change) {
      const { row } = await require(caller, id, 'edit');
      const { principal, workspaceId } = caller;
      const paths = change.notebookPaths;
      const notebooks =
        paths && (await Promise.all(paths.map((path) => access.requirePath(principal, workspaceId, path, 'run'))));
      const spec: PipelineSpec = {
        ...withPath(row),
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.catalog === undefined ? {} : { catalog: change.catalog }),
        ...(change.schema === undefined ? {} : { schema: change.schema }),
        ...(change.development === undefined ? {} : { development: change.development }),
        ...(notebooks ? { libraries: notebooks.map(({ path }) => ({ notebook: { path } })) } : {}),
      };
      const notebookId = notebooks ? (notebooks[0]?.id ?? null) : row.notebookId;
      await transaction(base.pool, async (tx) => {
        await store.change(tx, id, spec.name, spec, notebookId);
        await enqueue(tx, 'changed', changed(workspaceId, id));
      });
      return get(caller, id);
    },
    async remove(caller, id) {
      const { row } = await require(caller, id, 'manage');
      await transaction(base.pool, async (tx) => {
        const active = await store.lock(tx, id);
        if (active) throw alreadyActive(row, active);
        await store.remove(tx, id);
        await tx.query(
          'INSERT INTO storage_removal (location, reason) VALUES ($1, $2) ON CONFLICT (location) DO NOTHING',
          [`${checkpointLocation(caller.workspaceId, id)}/`, 'checkpoints of a deleted pipeline'],
        );
        await enqueue(tx, 'changed', changed(caller.workspaceId, id));
      });
    },
    start,
    async validate(caller, id) {
      const { row } = await require(caller, id, 'view');
      const pieces = await piecesOfPipeline(doors, caller.principal, row);
      return (await plan(caller, row.spec, pieces)).graph;
    },
    async validateNotebook(caller, notebookId, documentVersion) {
      await access.require(caller.principal, notebookId, 'run');
      const row = await store.ofNotebook(caller.workspaceId, notebookId);
      if (row) {
        const pieces = await piecesOfPipeline(doors, caller.principal, row, documentVersion);
        return (await plan(caller, row.spec, pieces)).graph;
      }
      const { state } = await sessions.ofNotebook(caller.workspaceId, notebookId, caller.principal);
      return (await plan(caller, state, await piecesOf(documents, notebookId, documentVersion))).graph;
    },
    async stop(caller, id) {
      await require(caller, id, 'run');
      const active = await store.activeUpdate(id);
      if (active?.runId) await runs.cancel(active.runId);
      return get(caller, id);
    },
    async updates(caller, id, limit, beforeMs) {
      await require(caller, id, 'view');
      return (await store.updates(id, limit, beforeMs ?? null)).map(updateView);
    },
    async update(caller, id, updateId) {
      await require(caller, id, 'view');
      const row = await store.update(id, updateId);
      if (!row) throw userError('RESOURCE_DOES_NOT_EXIST', `The pipeline has no update ${updateId}.`, { status: 404 });
      return detailOf(runs, caller, row);
    },
  };
}

const alreadyActive = (row: PipelineRow, active: UpdateRow) =>
  userError(
    'UPDATE_ALREADY_ACTIVE',
    `The pipeline ${row.name} is being updated already (update ${active.id}, started by ${active.createdByName || 'somebody'}). Wait for it, or stop it first.`,
    { status: 409 },
  );

/** The specification with the notebook's path of today. */
const withPath = ({ spec, notebookPath }: PipelineRow): PipelineSpec =>
  notebookPath === null
    ? spec
    : { ...spec, libraries: [{ notebook: { path: notebookPath } }, ...spec.libraries.slice(1)] };

/** Which datasets an update refreshes, and how. */
function selection(row: PipelineRow, request: StartUpdate) {
  const fullName = (name: string): string =>
    (name.includes('.') ? name : `${row.spec.catalog}.${row.spec.schema}.${name}`).toLowerCase();
  const full = new Set((request.fullRefreshSelection ?? []).map(fullName));
  const some = new Set((request.refreshSelection ?? []).map(fullName));
  const chosen = full.size + some.size > 0;
  return {
    mode(dataset: string): FlowPlan['refresh'] {
      const key = dataset.toLowerCase();
      if (full.has(key)) return 'full';
      if (chosen) return some.has(key) ? 'refresh' : 'exclude';
      return request.fullRefresh ? 'full' : 'refresh';
    },
    /** Throws INVALID_PARAMETER_VALUE for a name that is no dataset. */
    check({ graph }: PlannedPipeline): void {
      const known = new Set(graph.nodes.map((node) => node.fullName.toLowerCase()));
      const unknown = [...full, ...some].find((name) => !known.has(name));
      if (unknown)
        throw userError('INVALID_PARAMETER_VALUE', `The pipeline has no dataset ${unknown}: it cannot be refreshed.`);
      if (request.fullRefresh && chosen)
        throw userError('INVALID_PARAMETER_VALUE', 'A full refresh is of all datasets: leave out the selections.');
    },
  };
}
