import type { JobSettings } from '@boathouse/contracts';
import { newSchedule, type ScheduleDraft } from './schedule-fields';
import { fromCron } from './schedule-words';
import type { NewJob } from './use-jobs';

/** A job as its form holds it. What the form does not show (parameters, tags) is kept as it is. */
export interface JobDraft {
  name: string;
  tasks: TaskDraft[];
  schedule: ScheduleDraft | null;
  quartz: boolean;
}
export interface TaskDraft {
  /** Of the form only: keys may be edited. */
  id: string;
  key: string;
  path: string;
  after: string[];
  retries: number;
}

export const newTask = (key: string, path = '', after: string[] = []): TaskDraft => ({
  id: crypto.randomUUID(),
  key,
  path,
  after,
  retries: 0,
});

export const newJob = (name: string, path?: string): JobDraft => ({
  name,
  tasks: [newTask(path ? keyOf(path) : 'task_1', path)],
  schedule: path ? newSchedule() : null,
  quartz: false,
});

/** A task key from a notebook's name. */
export const keyOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/[^\w-]+/g, '_')
    .slice(0, 100) || 'task_1';

/** Tasks refer to each other by the form's ids, so that renaming one keeps what depends on it. */
export function draftOf(settings: JobSettings): JobDraft {
  const ids = new Map(settings.tasks.map((task) => [task.task_key, crypto.randomUUID()]));
  const { schedule } = settings;
  return {
    name: settings.name,
    tasks: settings.tasks.map((task) => ({
      id: ids.get(task.task_key)!,
      key: task.task_key,
      path: task.notebook_task.notebook_path,
      after: (task.depends_on ?? []).flatMap((it) => ids.get(it.task_key) ?? []),
      retries: task.max_retries ?? 0,
    })),
    schedule: schedule
      ? {
          cron: schedule.quartz_cron_expression,
          timeZone: schedule.timezone_id,
          paused: schedule.pause_status === 'PAUSED',
        }
      : null,
    quartz: schedule ? fromCron(schedule.quartz_cron_expression) === null : false,
  };
}

export function settingsOf(draft: JobDraft, old?: JobSettings): NewJob {
  const keys = new Map(draft.tasks.map((task) => [task.id, task.key]));
  const { schedule: _schedule, ...kept } = old ?? { queue: { enabled: true } };
  return {
    ...kept,
    name: draft.name,
    tasks: draft.tasks.map((task) => {
      const before = old?.tasks.find((one) => one.task_key === task.key);
      return {
        ...before,
        task_key: task.key,
        notebook_task: { ...before?.notebook_task, notebook_path: task.path },
        depends_on: task.after.flatMap((id) => (keys.has(id) ? { task_key: keys.get(id)! } : [])),
        max_retries: task.retries,
      };
    }),
    ...(draft.schedule
      ? {
          schedule: {
            quartz_cron_expression: draft.schedule.cron,
            timezone_id: draft.schedule.timeZone,
            pause_status: draft.schedule.paused ? ('PAUSED' as const) : ('UNPAUSED' as const),
          },
        }
      : {}),
  };
}
