import { type FlowPlan, type PlanTable, systemError, userError } from '@boathouse/contracts';
import { listFiles, sameColumns, tableWrite } from '@boathouse/engine';
import {
  type Checkpoint,
  deltaSink,
  latestGeneration,
  openCheckpoint,
  openFileSource,
  runAvailable,
} from '@boathouse/streaming';
import { type Quality, writeChecked } from './expectations.ts';
import { checkTargetOf, definitionOf, type FlowContext, flowRows, provenanceOf } from './flow.ts';

type FilesTable = Extract<PlanTable, { source: 'files' }>;

/** A streaming table: appends what is new in its one stream, batch by batch, each file exactly once. */
export async function runStreaming(context: FlowContext, flow: FlowPlan): Promise<void> {
  const { delta, store, plan, signal } = context;
  const table = streamOf(flow);
  const checkpoint = await openGeneration(context, flow);
  await ensureTable(context, flow, checkpoint);
  const source = await openFileSource({
    store,
    checkpoint: checkpoint.folder,
    list: () => listStream(context, table),
  });
  let quality: Quality | null = null;
  const sink = deltaSink({
    delta,
    location: flow.target.location,
    provenance: provenanceOf(plan),
    async write(batch) {
      const { after, end } = batch.ranges.get(source.id) ?? { after: 0, end: 0 };
      const there: string[] = [];
      const gone: string[] = [];
      // A batch that is not in the table yet may lose a file: somebody took the one away that broke it.
      for (const { key } of source.files(after, end)) ((await store.head(key)) ? there : gone).push(key);
      if (gone.length) context.missingFiles(gone.map((key) => shown(table, key)));
      const rows = await flowRows(context, flow, there);
      const checked = await writeChecked(context, checkTargetOf(flow), flow.expectations, rows);
      quality = checked.quality;
      return checked.files;
    },
    async committed(batch, version, files) {
      const { after, end } = batch.ranges.get(source.id) ?? { after: 0, end: 0 };
      const rows = quality?.kept ?? 0;
      context.committed(await tableWrite(delta, flow.target, version, 'STREAMING UPDATE', rows));
      context.progress({
        ...(quality ? { quality } : {}),
        outputBytes: files.reduce((sum, file) => sum + file.size, 0),
        backlog: source.backlog(end),
        flowId: checkpoint.queryId,
        batchId: batch.batchId,
        message: `Flow '${flow.name}' read ${end - after === 1 ? '1 file' : `${(end - after).toLocaleString('en-US')} files`} and wrote ${rows.toLocaleString('en-US')} rows.`,
      });
    },
  });
  await runAvailable({
    checkpoint,
    sources: [source],
    sink,
    clock: context.clock,
    ...(signal ? { signal } : {}),
    ...(context.at ? { at: context.at } : {}),
  });
  if (source.changed.length) context.changedFiles(source.changed.map((file) => shown(table, file.key)));
}

function streamOf(flow: FlowPlan): FilesTable {
  const stream = flow.query.tables.find((table) => table.stream);
  if (stream?.source === 'files') return stream;
  throw systemError(
    'UNSUPPORTED_STREAM_SOURCE',
    `The stream of ${flow.dataset} is not one of files, which this compute cannot read. Update compute to the version of the server.`,
  );
}

/** The checkpoint lies under the table's id, so that a table that was dropped and made again begins anew. */
async function openGeneration({ store, plan, ids }: FlowContext, flow: FlowPlan): Promise<Checkpoint> {
  const root = `${plan.checkpointLocation}/${flow.target.tableId}`;
  const latest = await latestGeneration(store, root);
  const generation = latest === null ? 0 : flow.refresh === 'full' ? latest + 1 : latest;
  return openCheckpoint(store, `${root}/${generation}`, ids);
}

/**
 * Makes the table, or empties it where it was filled by an earlier generation of the checkpoint. The emptying commit carries
 * a mark of the generation: a full refresh that died between checkpoint and table is finished by the next update.
 */
async function ensureTable(context: FlowContext, flow: FlowPlan, checkpoint: Checkpoint): Promise<void> {
  const { delta, plan } = context;
  const told = async (version: number, operation: string) =>
    context.committed(await tableWrite(delta, flow.target, version, operation, 0));
  const { location, fullName, columns } = flow.target;
  const txn = { appId: `${checkpoint.queryId}-begin`, version: 0 };
  const provenance = { ...provenanceOf(plan), txnId: txn.appId };
  if (!(await delta.exists(location))) {
    const operation = 'CREATE STREAMING TABLE';
    const { version } = await delta.create(location, { ...definitionOf(flow), ...provenance, operation, txn });
    return told(version, operation);
  }
  const snapshot = await delta.snapshot(location);
  if (snapshot.txnVersion(txn.appId) === null) {
    const { version } = await delta.commit(location, {
      ...provenance,
      operation: 'FULL REFRESH',
      mode: 'replace',
      adds: [],
      definition: definitionOf(flow),
      txn,
    });
    return told(version, 'FULL REFRESH');
  }
  if (sameColumns(columns, snapshot.columns)) return;
  throw userError(
    'STREAMING_TABLE_SCHEMA_CHANGED',
    `The columns of ${fullName} have changed since it was made. Run a full refresh of it.`,
    { status: 409 },
  );
}

async function listStream({ store }: FlowContext, table: FilesTable) {
  try {
    return await listFiles(store, table.location, table.path);
  } catch (error) {
    // A stream may wait for its first file, or find that all it has read is gone.
    if (error instanceof Error && 'code' in error && error.code === 'PATH_NOT_FOUND') return [];
    throw error;
  }
}

/** A file as the person knows it: the path that they wrote, and the file's own name. */
function shown(table: FilesTable, key: string): string {
  const folder = table.path.replace(/[^/]*$/, '');
  return `${folder}${key.slice(key.lastIndexOf('/') + 1)}`;
}
