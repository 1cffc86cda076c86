import { type Column, type FlowPlan, type PipelineGraph, parseType, typeText } from '@boathouse/contracts';
import type { PlannedPipeline } from '@boathouse/sql';

/** A streaming table keeps its columns as long as it is not filled anew: another answer of its query is refused by name. */
export function withSchemaErrors(
  planned: PlannedPipeline,
  refreshOf: (dataset: string) => FlowPlan['refresh'],
): PlannedPipeline {
  const errors = planned.flows.flatMap((flow): PipelineGraph['errors'] => {
    const { existing } = flow;
    if (flow.kind !== 'streaming' || !existing || refreshOf(flow.dataset) !== 'refresh') return [];
    if (sameColumns(flow.columns, existing.columns)) return [];
    return [
      {
        dataset: flow.dataset,
        cellId: flow.cellId,
        code: 'STREAMING_TABLE_SCHEMA_CHANGED',
        message: `${flow.dataset} would get other columns: ${difference(existing.columns, flow.columns)}. Run a full refresh, which reads all files again, or change the query so that it gives the columns of before.`,
      },
    ];
  });
  return errors.length
    ? { ...planned, graph: { ...planned.graph, errors: [...planned.graph.errors, ...errors] } }
    : planned;
}

type Named = Pick<Column, 'name' | 'type'>;

const canonical = (type: string): string => typeText(parseType(type));
const sameColumns = (left: readonly Named[], right: readonly Named[]): boolean =>
  left.length === right.length &&
  left.every(({ name, type }, i) => name === right[i]!.name && canonical(type) === canonical(right[i]!.type));

function difference(before: readonly Named[], after: readonly Named[]): string {
  const find = (columns: readonly Named[], name: string) =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const added = after.filter(({ name }) => !find(before, name)).map(({ name, type }) => `${name} (${type}) is new`);
  const gone = before.filter(({ name }) => !find(after, name)).map(({ name }) => `${name} is missing`);
  const moved = after.flatMap(({ name, type }) => {
    const old = find(before, name);
    return old && canonical(old.type) !== canonical(type) ? [`${name} was ${old.type} and is ${type}`] : [];
  });
  return [...added, ...gone, ...moved].join(', ') || 'their order is another';
}
