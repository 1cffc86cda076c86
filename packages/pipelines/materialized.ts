import type { FlowPlan } from '@boathouse/contracts';
import type { Delta, Snapshot } from '@boathouse/delta';
import { sameColumns, tableWrite } from '@boathouse/engine';
import { writeChecked } from './expectations.ts';
import { checkTargetOf, definitionOf, type FlowContext, flowRows, provenanceOf } from './flow.ts';

/** A materialized view: its whole answer anew, in one commit that replaces the rows before. */
export async function runMaterialized(context: FlowContext, flow: FlowPlan): Promise<void> {
  const { delta, plan } = context;
  const { location } = flow.target;
  const before = (await delta.exists(location)) ? await delta.snapshot(location) : null;
  const { files, quality } = await writeChecked(
    context,
    checkTargetOf(flow),
    flow.expectations,
    await flowRows(context, flow),
  );
  const provenance = { ...provenanceOf(plan), txnId: `${plan.updateId}-${flow.target.tableId}` };
  const version = await commit(delta, flow, before, { ...provenance, files }).catch(async (error: unknown) => {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('DELTA_'))
      await delta.discardFiles(location, files);
    throw error;
  });
  context.committed(await tableWrite(delta, flow.target, version, 'REFRESH', quality.kept));
  context.progress({
    quality,
    outputBytes: files.reduce((sum, file) => sum + file.size, 0),
    flowId: flow.target.tableId,
    message: `Flow '${flow.name}' wrote ${quality.kept.toLocaleString('en-US')} rows.`,
  });
}

type Files = Parameters<Delta['commit']>[1]['adds'];

async function commit(
  delta: Delta,
  flow: FlowPlan,
  before: Snapshot | null,
  { files, ...provenance }: { files: Files; userName: string; runId: string; txnId: string },
): Promise<number> {
  const { location } = flow.target;
  if (!before) {
    const operation = 'CREATE MATERIALIZED VIEW';
    return (await delta.create(location, { ...definitionOf(flow), ...provenance, operation, files })).version;
  }
  // The log's schema moves only where the definition has: whoever reads by version sees no change where there is none.
  const mode = sameDefinition(flow, before) ? 'overwrite' : 'replace';
  const done = await delta.commit(location, {
    ...provenance,
    operation: 'REFRESH MATERIALIZED VIEW',
    mode,
    adds: files,
    readVersion: before.version,
    ...(mode === 'replace' ? { definition: definitionOf(flow) } : {}),
  });
  return done.version;
}

function sameDefinition(flow: FlowPlan, { columns, metadata }: Snapshot): boolean {
  const properties = Object.entries(flow.properties);
  return (
    sameColumns(flow.target.columns, columns) &&
    flow.target.columns.every((column, i) => column.nullable === columns[i]!.nullable) &&
    flow.target.partitionColumns.join('\0') === metadata.partitionColumns.join('\0') &&
    properties.every(([name, value]) => metadata.configuration[name] === value)
  );
}
