import { type JobSettings, type PartialJobSettings, userError } from '@boathouse/contracts';
import { checkJob, nextFire } from '@boathouse/jobs';
import { ENGINE_WAREHOUSE } from '../statements/warehouses.ts';

const refuse = (message: string): never => {
  throw userError('INVALID_PARAMETER_VALUE', message);
};

/**
 * What the schema cannot say. Throws INVALID_PARAMETER_VALUE. `owner`: e-mail of the person whose rights the job has; `engines`: ids of
 * the engines that are attached to the workspace.
 */
export function checkSettings(settings: JobSettings, owner: string, engines: ReadonlySet<string>): void {
  checkJob(settings);
  if (settings.run_as && settings.run_as.user_name.toLowerCase() !== owner.toLowerCase())
    refuse(`A job runs with the rights of its owner, ${owner}: leave "run_as" out.`);
  for (const task of settings.tasks) {
    const warehouse = task.notebook_task.warehouse_id;
    if (warehouse !== undefined && warehouse !== ENGINE_WAREHOUSE && !engines.has(warehouse))
      refuse(
        `There is no warehouse "${warehouse}": use "${ENGINE_WAREHOUSE}" or an attached engine, or leave "warehouse_id" out.`,
      );
  }
  const { schedule } = settings;
  if (schedule && nextFire(schedule.quartz_cron_expression, schedule.timezone_id, Date.now()) === null)
    refuse(`"${schedule.quartz_cron_expression}" never fires again.`);
}

const removable = new Set(['description', 'tags', 'parameters', 'schedule', 'queue', 'run_as', 'max_concurrent_runs']);

/** `update` as Databricks does it: fields replace, tasks and parameters by their key; then what is to be removed. */
export function mergeSettings(
  settings: JobSettings,
  change: PartialJobSettings | undefined,
  remove: string[] = [],
): JobSettings {
  const merged: JobSettings = { ...settings, ...change, name: change?.name ?? settings.name };
  if (change?.tasks) merged.tasks = byKey(settings.tasks, change.tasks, (task) => task.task_key);
  if (change?.parameters)
    merged.parameters = byKey(settings.parameters ?? [], change.parameters, (parameter) => parameter.name);
  for (const field of remove) {
    const [, list, key] = /^(tasks|parameters)\/(.+)$/.exec(field) ?? [];
    if (list === 'tasks') merged.tasks = merged.tasks.filter((task) => task.task_key !== key);
    else if (list === 'parameters') merged.parameters = merged.parameters?.filter((it) => it.name !== key);
    else if (removable.has(field)) delete merged[field as 'schedule'];
    else refuse(`"fields_to_remove" cannot remove "${field}".`);
  }
  return merged;
}

function byKey<T>(old: T[], changed: T[], key: (item: T) => string): T[] {
  const changes = new Map(changed.map((item) => [key(item), item]));
  const kept = old.map((item) => changes.get(key(item)) ?? item);
  const known = new Set(old.map(key));
  return [...kept, ...changed.filter((item) => !known.has(key(item)))];
}
