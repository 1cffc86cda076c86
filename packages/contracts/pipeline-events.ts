import { z } from 'zod';
import type { Column } from './types.ts';

/** States of an update and of a flow, with Databricks' names. */
export const UpdateState = z.enum([
  'QUEUED',
  'CREATED',
  'INITIALIZING',
  'RESETTING',
  'SETTING_UP_TABLES',
  'RUNNING',
  'STOPPING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
]);
export type UpdateState = z.infer<typeof UpdateState>;
export const isFinalUpdate = (state: UpdateState): boolean =>
  state === 'COMPLETED' || state === 'FAILED' || state === 'CANCELED';

export const FlowStatus = z.enum([
  'QUEUED',
  'STARTING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'SKIPPED',
  'STOPPED',
  'IDLE',
  'EXCLUDED',
]);
export type FlowStatus = z.infer<typeof FlowStatus>;

/** Counts of one expectation over the rows of one batch. NULL counts as failed. */
export const ExpectationCounts = z.object({
  name: z.string(),
  dataset: z.string(),
  passed_records: z.number().int(),
  failed_records: z.number().int(),
});
export type ExpectationCounts = z.infer<typeof ExpectationCounts>;

const stackFrame = z.object({
  declaring_class: z.string(),
  method_name: z.string(),
  file_name: z.string().nullable(),
  line_number: z.number().int().nullable(),
});
const EventError = z.object({
  fatal: z.boolean(),
  exceptions: z.array(z.object({ class_name: z.string(), message: z.string(), stack: z.array(stackFrame) })),
});

/** Whom and what an event is about; every field is absent where it has no meaning. */
export const EventOrigin = z.object({
  org_id: z.string().nullish(),
  pipeline_id: z.string(),
  pipeline_type: z.literal('WORKSPACE'),
  pipeline_name: z.string(),
  update_id: z.string(),
  dataset_name: z.string().nullish(),
  flow_id: z.string().nullish(),
  flow_name: z.string().nullish(),
  batch_id: z.number().int().nullish(),
  table_id: z.string().nullish(),
});

export const FlowProgressDetails = z.object({
  status: FlowStatus,
  metrics: z
    .object({
      num_output_rows: z.number().int().optional(),
      num_output_bytes: z.number().int().optional(),
      backlog_files: z.number().int().optional(),
      backlog_bytes: z.number().int().optional(),
    })
    .optional(),
  data_quality: z
    .object({ dropped_records: z.number().int(), expectations: z.array(ExpectationCounts).optional() })
    .optional(),
});

/** One row of a pipeline's event log, in the schema of Databricks; `details` has one key: the event's type. */
export const PipelineEvent = z.object({
  id: z.string(),
  sequence: z.object({
    data_plane_id: z.object({ instance: z.string(), seq_no: z.number().int() }),
    control_plane_seq_no: z.number().int().nullish(),
  }),
  origin: EventOrigin,
  /** ISO 8601 in UTC. */
  timestamp: z.string(),
  message: z.string(),
  level: z.enum(['INFO', 'WARN', 'ERROR', 'METRICS']),
  maturity_level: z.enum(['STABLE', 'EVOLVING', 'DEPRECATED']),
  error: EventError.nullable(),
  details: z.record(z.string(), z.unknown()),
  event_type: z.string(),
});
export type PipelineEvent = z.infer<typeof PipelineEvent>;

const column = (name: string, type: string): Column => ({ name, type, nullable: true });

/** The event log as a table: `details` is JSON text, so that queries like `details:flow_progress.metrics` work. */
export const EVENT_LOG_COLUMNS: Column[] = [
  column('id', 'string'),
  column('sequence', 'struct<data_plane_id:struct<instance:string,seq_no:bigint>,control_plane_seq_no:bigint>'),
  column(
    'origin',
    'struct<org_id:string,pipeline_id:string,pipeline_type:string,pipeline_name:string,update_id:string,dataset_name:string,flow_id:string,flow_name:string,batch_id:bigint,table_id:string>',
  ),
  column('timestamp', 'timestamp'),
  column('message', 'string'),
  column('level', 'string'),
  column('maturity_level', 'string'),
  column(
    'error',
    'struct<fatal:boolean,exceptions:array<struct<class_name:string,message:string,stack:array<struct<declaring_class:string,method_name:string,file_name:string,line_number:bigint>>>>>',
  ),
  column('details', 'string'),
  column('event_type', 'string'),
];

/** What an update did with one dataset so far: the sums over its batches. */
export const FlowProgress = z.object({
  dataset: z.string(),
  status: FlowStatus,
  rows: z.number().int(),
  dropped: z.number().int(),
  expectations: z.array(z.object({ name: z.string(), passed: z.number().int(), failed: z.number().int() })),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
});
export type FlowProgress = z.infer<typeof FlowProgress>;

const ended: readonly FlowStatus[] = ['COMPLETED', 'FAILED', 'SKIPPED', 'STOPPED', 'IDLE', 'EXCLUDED'];

/** The flows of an update after one more event. Pure: server and browser fold the same log. */
export function foldFlows(flows: readonly FlowProgress[], event: PipelineEvent): FlowProgress[] {
  const parsed = FlowProgressDetails.safeParse(event.details.flow_progress);
  const dataset = event.origin.dataset_name;
  if (!parsed.success || !dataset) return [...flows];
  const { status, metrics, data_quality: quality } = parsed.data;
  const atMs = Date.parse(event.timestamp);
  const before = flows.find((flow) => flow.dataset === dataset) ?? {
    dataset,
    status: 'QUEUED' as const,
    rows: 0,
    dropped: 0,
    expectations: [],
    error: null,
    startedAtMs: null,
    endedAtMs: null,
  };
  const counts = new Map(before.expectations.map((it) => [it.name, it]));
  for (const { name, passed_records: passed, failed_records: failed } of quality?.expectations ?? []) {
    const sum = counts.get(name) ?? { name, passed: 0, failed: 0 };
    counts.set(name, { name, passed: sum.passed + passed, failed: sum.failed + failed });
  }
  const exception = event.error?.exceptions[0];
  const after: FlowProgress = {
    dataset,
    status,
    rows: before.rows + (metrics?.num_output_rows ?? 0),
    dropped: before.dropped + (quality?.dropped_records ?? 0),
    expectations: [...counts.values()],
    error: exception ? { code: exception.class_name, message: exception.message } : before.error,
    startedAtMs: before.startedAtMs ?? (status === 'QUEUED' ? null : atMs),
    endedAtMs: ended.includes(status) ? atMs : null,
  };
  return flows.some((flow) => flow.dataset === dataset)
    ? flows.map((flow) => (flow.dataset === dataset ? after : flow))
    : [...flows, after];
}

/** The state that an `update_progress` event tells, else null. */
export function updateStateOf(event: PipelineEvent): UpdateState | null {
  const details = z.object({ state: UpdateState }).safeParse(event.details.update_progress);
  return details.success ? details.data.state : null;
}
