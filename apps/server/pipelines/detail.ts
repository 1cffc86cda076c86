import {
  type FlowProgress,
  foldFlows,
  PipelineEvent,
  type PipelineUpdateDetail,
  type Principal,
  type RunEvent,
} from '@boathouse/contracts';
import type { RunService } from '../runs/index.ts';
import { type UpdateRow, updateView } from './store.ts';

/** The event of the pipeline's log that a run's event carries, else null. */
export function eventOf(event: RunEvent): PipelineEvent | null {
  if (event.type !== 'flow') return null;
  const parsed = PipelineEvent.safeParse(event.details);
  return parsed.success ? parsed.data : null;
}

const PAGE = 5000;

/** An update with what its run's log says so far, as this person may see it. */
export async function detailOf(
  runs: Pick<RunService, 'get' | 'events'>,
  { principal, workspaceId }: { principal: Principal; workspaceId: string },
  row: UpdateRow,
): Promise<PipelineUpdateDetail> {
  const events: PipelineEvent[] = [];
  let flows: FlowProgress[] = [];
  let lastSeq = 0;
  let withheld: PipelineUpdateDetail['withheld'] = null;
  const run = row.runId === null ? null : await runs.get(workspaceId, row.runId);
  while (run) {
    const page = await runs.events(principal, run, lastSeq, PAGE);
    withheld = page.withheld;
    for (const { event } of page.events) {
      const told = eventOf(event);
      if (!told) continue;
      events.push(told);
      flows = foldFlows(flows, told);
    }
    lastSeq = page.events.at(-1)?.seq ?? lastSeq;
    if (page.events.length < PAGE) break;
  }
  const graph = row.graph ?? { nodes: [], edges: [], errors: [] };
  return { ...updateView(row), graph, flows, events, lastSeq, withheld };
}
