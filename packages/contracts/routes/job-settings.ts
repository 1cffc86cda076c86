import { z } from 'zod';

/**
 * Settings of a job with Databricks' field names (Jobs API 2.2). A field that stands here with a literal is accepted with
 * the value that changes nothing, so that settings written elsewhere can be sent as they are; all else is refused by name.
 */
const unsupported = (what: string) => ({ error: `${what} is not supported. Leave it out.` });
const off = z.literal(false, unsupported('This setting')).optional();
const none = z.array(z.never(), unsupported('This list')).max(0, 'This is not supported. Leave it out.').optional();
const noMails = z
  .strictObject({
    on_start: none,
    on_success: none,
    on_failure: none,
    on_duration_warning_threshold_exceeded: none,
    on_streaming_backlog_exceeded: none,
    no_alert_for_skipped_runs: off,
  })
  .optional();
const noNotifications = z
  .strictObject({ no_alert_for_skipped_runs: off, no_alert_for_canceled_runs: off, alert_on_last_attempt: off })
  .optional();
const noTimeout = z.literal(0, unsupported('A timeout')).optional();

/** Ids are whole numbers; clients of languages without 64-bit numbers send them as text. */
export const JobNumber = z.union([
  z.number().int().positive(),
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number),
]);

export const NotebookTask = z.strictObject({
  notebook_path: z.string().min(1).max(4000).startsWith('/', 'The path of a notebook begins with "/".'),
  /** Named parameters of the SQL cells: `:name`. Job parameters of the same name win. */
  base_parameters: z.record(z.string().min(1).max(255), z.string().max(100_000)).optional(),
  source: z.literal('WORKSPACE', unsupported('A notebook from Git')).optional(),
  warehouse_id: z.string().optional(),
});
export type NotebookTask = z.infer<typeof NotebookTask>;

export const TaskSettings = z.strictObject({
  task_key: z.string(),
  description: z.string().max(1000).optional(),
  depends_on: z
    .array(z.strictObject({ task_key: z.string(), outcome: z.undefined(unsupported('An outcome')).optional() }))
    .optional(),
  run_if: z.literal('ALL_SUCCESS', unsupported('Any other condition than ALL_SUCCESS')).optional(),
  notebook_task: NotebookTask,
  /** Further attempts after a failed one; -1 = without end. */
  max_retries: z.number().int().min(-1).max(1000).optional(),
  min_retry_interval_millis: z.number().int().min(0).max(86_400_000).optional(),
  retry_on_timeout: off,
  timeout_seconds: noTimeout,
  disabled: off,
  libraries: none,
  email_notifications: noMails,
  webhook_notifications: noMails,
  notification_settings: noNotifications,
});
export type TaskSettings = z.infer<typeof TaskSettings>;

export const JobSchedule = z.strictObject({
  quartz_cron_expression: z.string().max(200),
  timezone_id: z.string().max(100),
  pause_status: z.enum(['PAUSED', 'UNPAUSED']).default('UNPAUSED'),
});
export type JobSchedule = z.infer<typeof JobSchedule>;

export const JobParameter = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,100}$/, 'Use up to 100 letters, digits, ".", "-" and "_".'),
  default: z.string().max(10_000),
});
export type JobParameter = z.infer<typeof JobParameter>;

const fields = {
  name: z.string().min(1).max(4096),
  description: z.string().max(27_700).optional(),
  tags: z.record(z.string().max(127), z.string().max(255)).optional(),
  tasks: z.array(TaskSettings).min(1, 'A job needs at least one task.').max(1000),
  parameters: z.array(JobParameter).max(100).optional(),
  schedule: JobSchedule.optional(),
  max_concurrent_runs: z.number().int().min(0).max(1000).optional(),
  /** Runs over that limit wait instead of being skipped. */
  queue: z.strictObject({ enabled: z.boolean() }).optional(),
  /** Only the job's owner: a job runs with the rights of who made it. */
  run_as: z.strictObject({ user_name: z.string() }).optional(),
  format: z.literal('MULTI_TASK').optional(),
  edit_mode: z.literal('EDITABLE', unsupported('A locked job')).optional(),
  timeout_seconds: noTimeout,
  job_clusters: none,
  environments: none,
  health: z.strictObject({ rules: none }).optional(),
  email_notifications: noMails,
  webhook_notifications: noMails,
  notification_settings: noNotifications,
};

export const JobSettings = z.strictObject({ ...fields, name: fields.name.default('Untitled') });
export type JobSettings = z.infer<typeof JobSettings>;

/** What `update` changes: fields given replace those of the job; tasks and parameters by their key, as in Databricks. */
export const PartialJobSettings = z.strictObject(fields).partial();
export type PartialJobSettings = z.infer<typeof PartialJobSettings>;
