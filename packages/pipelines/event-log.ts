import {
  EVENT_LOG_COLUMNS,
  type PipelineEvent,
  type PipelinePlan,
  parseType,
  type TableWrite,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { quoteName, tableWrite, valuesText } from '@boathouse/engine';

export interface EventLogOptions {
  delta: Delta;
  plan: PipelinePlan;
  /** Each event the moment it happens. */
  onEvent(event: PipelineEvent): void;
  onCommit(write: TableWrite): void;
}

/** The event log of a pipeline: told live, and kept as rows of a Delta table. */
export interface EventLog {
  add(event: PipelineEvent): void;
  /** Writes what is not in the table yet, in one commit; makes the table at first. */
  flush(): Promise<void>;
}

const types = EVENT_LOG_COLUMNS.map((column) => parseType(column.type));

export function openEventLog(options: EventLogOptions): EventLog {
  const { delta, plan } = options;
  const { eventLog } = plan;
  let waiting: PipelineEvent[] = [];
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const rows = waiting;
    if (!rows.length) return;
    waiting = [];
    const definition = { columns: EVENT_LOG_COLUMNS, comment: `Event log of ${plan.pipelineName}` };
    const target = { location: eventLog.location, columns: EVENT_LOG_COLUMNS, partitionColumns: [] };
    const names = EVENT_LOG_COLUMNS.map(({ name }, i) => `c${i} AS ${quoteName(name)}`).join(', ');
    const files = await delta.writeFiles(
      target,
      `SELECT ${names} FROM (${valuesText(types, rows.map(rowOf))}) AS r(${EVENT_LOG_COLUMNS.map((_, i) => `c${i}`).join(', ')})`,
    );
    const provenance = { userName: plan.runAs, runId: plan.updateId };
    const exists = await delta.exists(eventLog.location);
    const done = exists
      ? await delta.commit(eventLog.location, { ...provenance, operation: 'WRITE', mode: 'append', adds: files })
      : await delta.create(eventLog.location, { ...provenance, ...definition, files });
    options.onCommit(await tableWrite(delta, eventLog, done.version, 'EVENT LOG', rows.length));
  }

  return {
    add(event) {
      waiting.push(event);
      options.onEvent(event);
    },
    flush() {
      writing = writing.then(write);
      return writing;
    },
  };
}

/** An event as wire values of the table's columns: structs are lists of their fields in order. */
export function rowOf(event: PipelineEvent): unknown[] {
  const { sequence, origin, error } = event;
  return [
    event.id,
    [[sequence.data_plane_id.instance, sequence.data_plane_id.seq_no], sequence.control_plane_seq_no ?? null],
    [
      origin.org_id,
      origin.pipeline_id,
      origin.pipeline_type,
      origin.pipeline_name,
      origin.update_id,
      origin.dataset_name,
      origin.flow_id,
      origin.flow_name,
      origin.batch_id,
      origin.table_id,
    ],
    event.timestamp,
    event.message,
    event.level,
    event.maturity_level,
    error && [error.fatal, error.exceptions.map((it) => [it.class_name, it.message, it.stack.map(Object.values)])],
    JSON.stringify(event.details),
    event.event_type,
  ];
}
