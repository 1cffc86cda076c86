import type { FlowPlan, FlowStatus } from '@boathouse/contracts';

/** A flow as the order of an update sees it. */
export interface FlowNode {
  dataset: string;
  /** Datasets of the same update that must be done before. */
  needs: readonly string[];
  excluded: boolean;
}

export interface UpdateRun {
  readonly flows: ReadonlyMap<string, FlowStatus>;
  readonly cancelled: boolean;
}

export type UpdateOperation =
  | { type: 'begin' }
  | { type: 'ended'; dataset: string; status: 'COMPLETED' | 'FAILED' | 'STOPPED' }
  | { type: 'cancel' };

export type UpdateEffect =
  | { type: 'start'; dataset: string }
  /** A flow that will not run. */
  | { type: 'skip'; dataset: string; status: 'SKIPPED' | 'STOPPED' | 'EXCLUDED'; because: string | null }
  | { type: 'finish'; state: 'COMPLETED' | 'FAILED' | 'CANCELED' };

const key = (name: string): string => name.toLowerCase();

/** The flows of a plan by what they need of each other. Inputs that are no dataset of the update need nothing. */
export function flowNodes(flows: readonly Pick<FlowPlan, 'dataset' | 'inputs' | 'refresh'>[]): FlowNode[] {
  const own = new Map(flows.map((flow) => [key(flow.dataset), flow.dataset]));
  return flows.map((flow) => ({
    dataset: flow.dataset,
    needs: flow.inputs.flatMap((input) => own.get(key(input)) ?? []),
    excluded: flow.refresh === 'exclude',
  }));
}

export const newUpdate = (nodes: readonly FlowNode[]): UpdateRun => ({
  flows: new Map(nodes.map((node) => [node.dataset, 'QUEUED'])),
  cancelled: false,
});

/**
 * Moves an update on. A flow starts when all that it needs is done, at most `atOnce` together; after a failure whatever
 * needs it is skipped and the rest goes on. `finish` comes once, when nothing runs and nothing can start.
 */
export function step(
  nodes: readonly FlowNode[],
  run: UpdateRun,
  operation: UpdateOperation,
  atOnce: number,
): { run: UpdateRun; effects: UpdateEffect[] } {
  const flows = new Map(run.flows);
  const effects: UpdateEffect[] = [];
  const cancelled = run.cancelled || operation.type === 'cancel';
  if (operation.type === 'ended') flows.set(operation.dataset, operation.status);
  if (operation.type === 'begin')
    for (const node of nodes)
      if (node.excluded) {
        flows.set(node.dataset, 'EXCLUDED');
        effects.push({ type: 'skip', dataset: node.dataset, status: 'EXCLUDED', because: null });
      }
  let active = [...flows.values()].filter((status) => status === 'RUNNING').length;
  // Nodes are in the order of their needs, so one pass settles what follows from what.
  for (const node of nodes) {
    if (flows.get(node.dataset) !== 'QUEUED') continue;
    const broken = node.needs.find((need) => failed(flows.get(need)));
    if (cancelled || broken !== undefined) {
      const status = cancelled ? 'STOPPED' : 'SKIPPED';
      flows.set(node.dataset, status);
      effects.push({ type: 'skip', dataset: node.dataset, status, because: cancelled ? null : broken! });
    } else if (active < atOnce && node.needs.every((need) => done(flows.get(need)))) {
      flows.set(node.dataset, 'RUNNING');
      effects.push({ type: 'start', dataset: node.dataset });
      active++;
    }
  }
  const statuses = [...flows.values()];
  if (!statuses.includes('RUNNING') && !statuses.includes('QUEUED')) {
    const state = cancelled ? 'CANCELED' : statuses.some(failed) ? 'FAILED' : 'COMPLETED';
    effects.push({ type: 'finish', state });
  }
  return { run: { flows, cancelled }, effects };
}

const failed = (status: FlowStatus | undefined): boolean =>
  status === 'FAILED' || status === 'SKIPPED' || status === 'STOPPED';
const done = (status: FlowStatus | undefined): boolean => status === 'COMPLETED' || status === 'EXCLUDED';
