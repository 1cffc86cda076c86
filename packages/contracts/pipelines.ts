import { z } from 'zod';
import { SourceRange } from './errors.ts';
import { PlanQuery, SignedPlan, WriteTarget } from './plan.ts';

/** An expectation of a dataset; the predicate is planned to engine text by the server. NULL counts as failed. */
export const Expectation = z.object({
  name: z.string(),
  expression: z.string(),
  action: z.enum(['warn', 'drop', 'fail']),
});
export type Expectation = z.infer<typeof Expectation>;

export const FlowPlan = z.object({
  name: z.string(),
  dataset: z.string(),
  kind: z.enum(['streaming', 'materialized']),
  /** Full names of datasets and tables that the flow reads. */
  inputs: z.array(z.string()),
  expectations: z.array(Expectation.extend({ engineText: z.string() })),
  target: WriteTarget,
  /** True where version 0 must still be made (reserved by the server, published after). */
  create: z.boolean(),
  /** Table properties and comment of a dataset that is made or replaced. */
  properties: z.record(z.string(), z.string()).default({}),
  comment: z.string().optional(),
  /** `full`: from the beginning; `exclude`: this update leaves the dataset as it is. */
  refresh: z.enum(['refresh', 'full', 'exclude']).default('refresh'),
  query: PlanQuery,
});
export type FlowPlan = z.infer<typeof FlowPlan>;

/** The signed payload of a pipeline update: flows in dependency order, and where checkpoints and the event log lie. */
export const PipelinePlan = z.object({
  pipelineId: z.string(),
  pipelineName: z.string(),
  /** Also the id of the run that it is: compute refuses the plan of another run. */
  updateId: z.string(),
  /** When compute refuses to begin it, because rights may have changed since. */
  expiresAtMs: z.number(),
  fullRefresh: z.boolean(),
  cause: z.string(),
  /** The pipeline's specification, for its event log. */
  config: z.record(z.string(), z.unknown()).default({}),
  runAs: z.string(),
  checkpointLocation: z.string(),
  eventLog: WriteTarget,
  eventLogCreate: z.boolean(),
  flows: z.array(FlowPlan),
});
export type PipelinePlan = z.infer<typeof PipelinePlan>;

export const PipelineOrder = z.object({ plan: SignedPlan });
export type PipelineOrder = z.infer<typeof PipelineOrder>;

/** The graph as the page draws it. */
export const PipelineGraph = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      fullName: z.string(),
      kind: z.enum(['streaming_table', 'materialized_view', 'table', 'files']),
      expectations: z.array(Expectation),
      cellId: z.string().nullable(),
    }),
  ),
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
  errors: z.array(
    z.object({
      dataset: z.string().nullable(),
      cellId: z.string().nullable(),
      code: z.string(),
      message: z.string(),
      position: SourceRange.optional(),
    }),
  ),
});
export type PipelineGraph = z.infer<typeof PipelineGraph>;
