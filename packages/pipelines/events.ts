import type { ErrorInfo, FlowPlan, FlowStatus, PipelineEvent, PipelinePlan, UpdateState } from '@boathouse/contracts';
import type { Quality } from './expectations.ts';

/** What an event says beyond who and when. */
type Saying = Pick<PipelineEvent, 'message' | 'event_type' | 'details'> &
  Partial<Pick<PipelineEvent, 'level' | 'error'>> & { origin?: Partial<PipelineEvent['origin']> };

export interface EventMaker {
  createUpdate(): PipelineEvent;
  userAction(): PipelineEvent;
  updateProgress(state: UpdateState, error?: ErrorInfo): PipelineEvent;
  flowDefinition(flow: FlowPlan): PipelineEvent;
  datasetDefinition(flow: FlowPlan): PipelineEvent;
  flowProgress(flow: FlowPlan, status: FlowStatus, more?: FlowMore): PipelineEvent;
  /** Files that changed after they were read. */
  changedFiles(flow: FlowPlan, names: readonly string[]): PipelineEvent;
  /** Files that were removed before they were read. */
  missingFiles(flow: FlowPlan, names: readonly string[]): PipelineEvent;
}

export interface FlowMore {
  message?: string;
  quality?: Quality;
  outputBytes?: number;
  backlog?: { files: number; bytes: number };
  flowId?: string;
  batchId?: number;
  error?: ErrorInfo;
}

/** Makes the events of one update in the schema of Databricks' event log, numbered in their order. */
export function eventMaker(plan: PipelinePlan, options: { clock: () => number; ids: () => string }): EventMaker {
  let seq = 0;
  const instance = plan.updateId;
  const make = ({ origin, ...saying }: Saying): PipelineEvent => ({
    id: options.ids(),
    sequence: { data_plane_id: { instance, seq_no: ++seq }, control_plane_seq_no: null },
    origin: {
      pipeline_id: plan.pipelineId,
      pipeline_type: 'WORKSPACE',
      pipeline_name: plan.pipelineName,
      update_id: plan.updateId,
      ...origin,
    },
    timestamp: new Date(options.clock()).toISOString(),
    level: 'INFO',
    maturity_level: 'STABLE',
    error: null,
    ...saying,
  });
  const short = plan.updateId.slice(0, 6);
  const originOf = (flow: FlowPlan) => ({
    dataset_name: flow.dataset,
    flow_name: flow.name,
    table_id: flow.target.tableId,
  });

  return {
    createUpdate: () =>
      make({
        event_type: 'create_update',
        message: `Update ${short} started by ${plan.cause}.`,
        details: {
          create_update: {
            cause: plan.cause,
            run_as: plan.runAs,
            full_refresh: plan.fullRefresh,
            full_refresh_selection: names(plan, 'full'),
            refresh_selection: plan.flows.some((flow) => flow.refresh === 'exclude') ? names(plan, 'refresh') : [],
            config: plan.config,
          },
        },
      }),
    userAction: () =>
      make({
        event_type: 'user_action',
        message: `${plan.runAs} started update ${short}.`,
        details: { user_action: { action: 'START', user_name: plan.runAs } },
      }),
    updateProgress: (state, error) =>
      make({
        event_type: 'update_progress',
        message: `Update ${short} is ${state}.`,
        level: state === 'FAILED' ? 'ERROR' : 'INFO',
        error: error ? exceptionOf(error) : null,
        details: {
          update_progress: { state, ...(state === 'CANCELED' ? { cancellation_cause: 'USER_ACTION' } : {}) },
        },
      }),
    flowDefinition: (flow) =>
      make({
        event_type: 'flow_definition',
        message: `Flow '${flow.name}' defined as ${flowType(flow)}.`,
        origin: originOf(flow),
        details: {
          flow_definition: {
            input_datasets: flow.inputs,
            output_dataset: flow.dataset,
            schema: flow.target.columns.map(({ name, type, nullable }) => ({ name, data_type: type, nullable })),
            flow_type: flowType(flow),
            ...(flow.comment === undefined ? {} : { comment: flow.comment }),
            language: 'SQL',
            once: false,
          },
        },
      }),
    datasetDefinition: (flow) =>
      make({
        event_type: 'dataset_definition',
        message: `Dataset '${flow.dataset}' defined as ${datasetType(flow)}.`,
        origin: originOf(flow),
        details: {
          dataset_definition: {
            dataset_type: datasetType(flow),
            num_flows: 1,
            expectations: flow.expectations.map(({ name, expression, action }) => ({ name, expression, action })),
          },
        },
      }),
    flowProgress: (flow, status, more = {}) =>
      make({
        event_type: 'flow_progress',
        message: more.message ?? `Flow '${flow.name}' is ${status}.`,
        level: status === 'FAILED' ? 'ERROR' : status === 'SKIPPED' ? 'WARN' : 'INFO',
        error: more.error ? exceptionOf(more.error) : null,
        origin: {
          ...originOf(flow),
          ...(more.flowId === undefined ? {} : { flow_id: more.flowId }),
          ...(more.batchId === undefined ? {} : { batch_id: more.batchId }),
        },
        details: { flow_progress: { status, ...metricsOf(more) } },
      }),
    changedFiles: (flow, files) =>
      make({
        ...aboutFiles(files, 'num_files_changed'),
        message: `${files.length === 1 ? 'A file has' : `${files.length} files have`} changed after '${flow.name}' had read ${files.length === 1 ? 'it' : 'them'}; each path is read once: ${listed(files)}. A full refresh reads all files again.`,
        origin: originOf(flow),
      }),
    missingFiles: (flow, files) =>
      make({
        ...aboutFiles(files, 'num_files_missing'),
        message: `${files.length === 1 ? 'A file was' : `${files.length} files were`} removed before '${flow.name}' could read ${files.length === 1 ? 'it' : 'them'}: ${listed(files)}.`,
        origin: originOf(flow),
      }),
  };
}

const listed = (files: readonly string[]): string => `${files.slice(0, 3).join(', ')}${files.length > 3 ? ', …' : ''}`;
const aboutFiles = (files: readonly string[], count: string) => ({
  event_type: 'operation_progress',
  level: 'WARN' as const,
  details: {
    operation_progress: {
      type: 'AUTO_LOADER_LISTING',
      status: 'COMPLETED',
      auto_loader_details: { [count]: files.length },
    },
  },
});
const names = (plan: PipelinePlan, refresh: FlowPlan['refresh']): string[] =>
  plan.flows.filter((flow) => flow.refresh === refresh).map((flow) => flow.dataset);
const flowType = (flow: FlowPlan): string => (flow.kind === 'streaming' ? 'APPEND' : 'COMPLETE');
const datasetType = (flow: FlowPlan): string => (flow.kind === 'streaming' ? 'STREAMING_TABLE' : 'MATERIALIZED_VIEW');

function metricsOf({ quality, outputBytes, backlog }: FlowMore): Record<string, unknown> {
  const metrics = {
    ...(quality ? { num_output_rows: quality.kept } : {}),
    ...(outputBytes === undefined ? {} : { num_output_bytes: outputBytes }),
    ...(backlog ? { backlog_files: backlog.files, backlog_bytes: backlog.bytes } : {}),
  };
  return {
    ...(Object.keys(metrics).length ? { metrics } : {}),
    ...(quality?.expectations.length
      ? { data_quality: { dropped_records: quality.dropped, expectations: quality.expectations } }
      : {}),
  };
}

/** Never a stack: the code names the place well enough, and stacks belong into the log of the process. */
const exceptionOf = ({ code, message }: ErrorInfo): PipelineEvent['error'] => ({
  fatal: true,
  exceptions: [{ class_name: code, message, stack: [] }],
});
