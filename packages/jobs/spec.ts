import { userError } from '@boathouse/contracts';
import { checkTasks } from './graph.ts';
import type { TaskSpec } from './machine.ts';

/** What of a task's settings decides when it runs. */
export interface TaskOrder {
  task_key: string;
  depends_on?: { task_key: string }[] | undefined;
  max_retries?: number | undefined;
}

export const taskSpec = (task: TaskOrder): TaskSpec => ({
  key: task.task_key,
  dependsOn: [...new Set((task.depends_on ?? []).map((it) => it.task_key))],
  // -1 is Databricks' "without end".
  maxRetries: task.max_retries === -1 ? Number.POSITIVE_INFINITY : (task.max_retries ?? 0),
});

/** Throws INVALID_PARAMETER_VALUE naming the task or parameter that is not right. */
export function checkJob(settings: {
  tasks: (TaskOrder & { notebook_task: { base_parameters?: Record<string, string> | undefined } })[];
  parameters?: { name: string }[] | undefined;
}): void {
  checkTasks(settings.tasks.map(taskSpec));
  const names = (settings.parameters ?? []).map((it) => it.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw userError('INVALID_PARAMETER_VALUE', `Two parameters have the name "${twice}".`);
  const known = new Set(contextNames(names));
  for (const task of settings.tasks) {
    for (const [name, text] of Object.entries(task.notebook_task.base_parameters ?? {})) {
      for (const reference of referencesIn(text)) {
        if (!known.has(reference))
          throw userError(
            'INVALID_PARAMETER_VALUE',
            `The parameter "${name}" of task "${task.task_key}" refers to {{${reference}}}, which is not known. Known are ${[...known].map((it) => `{{${it}}}`).join(', ')}.`,
          );
      }
    }
  }
}

const reference = /\{\{\s*([^{}]*?)\s*\}\}/g;
const referencesIn = (text: string): string[] => [...text.matchAll(reference)].map(([, name = '']) => name);
const contextNames = (parameters: string[]): string[] => [
  'job.id',
  'job.name',
  'job.run_id',
  'job.start_time.iso_date',
  'task.name',
  ...parameters.map((name) => `job.parameters.${name}`),
];

export interface TaskContext {
  jobId: number;
  jobName: string;
  jobRunId: number;
  startedAtMs: number;
  taskKey: string;
  /** Values of the job's parameters in this run. */
  jobParameters: Record<string, string>;
}

/** Parameters as a notebook sees them: its own with references filled in, under those of the job. */
export function taskParameters(own: Record<string, string>, context: TaskContext): Record<string, string> {
  const values: Record<string, string> = {
    'job.id': String(context.jobId),
    'job.name': context.jobName,
    'job.run_id': String(context.jobRunId),
    'job.start_time.iso_date': new Date(context.startedAtMs).toISOString().slice(0, 10),
    'task.name': context.taskKey,
  };
  for (const [name, value] of Object.entries(context.jobParameters)) values[`job.parameters.${name}`] = value;
  const filled = Object.entries(own).map(([name, text]) => [
    name,
    text.replace(reference, (all, key: string) => (Object.hasOwn(values, key) ? values[key]! : all)),
  ]);
  return { ...Object.fromEntries(filled), ...context.jobParameters };
}
