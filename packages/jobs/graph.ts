import { userError } from '@boathouse/contracts';

/** Checks keys and dependencies of a job's tasks. Throws INVALID_PARAMETER_VALUE naming the task; cycles by their path. */
export function checkTasks(tasks: { key: string; dependsOn: string[] }[]): void {
  const refuse = (message: string): never => {
    throw userError('INVALID_PARAMETER_VALUE', message);
  };
  if (tasks.length === 0) refuse('A job needs at least one task.');
  if (tasks.length > 1000) refuse(`A job may have 1,000 tasks; this one has ${tasks.length}.`);
  const byKey = new Map<string, { key: string; dependsOn: string[] }>();
  for (const task of tasks) {
    if (!/^[\w-]{1,100}$/.test(task.key))
      refuse(`The task key "${task.key}" is not valid: use up to 100 letters, digits, "-" and "_".`);
    if (byKey.has(task.key)) refuse(`Two tasks have the key "${task.key}".`);
    byKey.set(task.key, task);
  }
  for (const task of tasks) {
    for (const key of task.dependsOn) {
      if (!byKey.has(key)) refuse(`Task "${task.key}" depends on "${key}", which is no task of this job.`);
    }
  }
  const done = new Set<string>();
  const visit = (key: string, path: string[]): void => {
    if (done.has(key)) return;
    if (path.includes(key))
      refuse(`The tasks depend on each other in a circle: ${[...path.slice(path.indexOf(key)), key].join(' → ')}.`);
    for (const next of byKey.get(key)!.dependsOn) visit(next, [...path, key]);
    done.add(key);
  };
  for (const task of tasks) visit(task.key, []);
}
