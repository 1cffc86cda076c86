import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkJob, taskParameters, taskSpec } from '../spec.ts';

const task = (base_parameters: Record<string, string>) => ({ task_key: 'load', notebook_task: { base_parameters } });
const context = {
  jobId: 7,
  jobName: 'Nightly',
  jobRunId: 12,
  startedAtMs: Date.parse('2026-11-22T23:30:00Z'),
  taskKey: 'load',
  jobParameters: { region: 'EU' },
};

test('references in the parameters of a task are filled in, and parameters of the job win', () => {
  assert.deepEqual(
    taskParameters(
      { day: '{{job.start_time.iso_date}}', where: '{{ job.parameters.region }}/{{task.name}}', region: 'US' },
      context,
    ),
    { day: '2026-11-22', where: 'EU/load', region: 'EU' },
  );
});

test('an unknown reference is refused when the job is saved, with the ones there are', () =>
  assert.throws(
    () => checkJob({ tasks: [task({ day: '{{tasks.a.values.k}}' })], parameters: [{ name: 'region' }] }),
    /\{\{tasks.a.values.k\}\}, which is not known.*\{\{job.parameters.region\}\}/,
  ));

test('two parameters of one name are refused', () =>
  assert.throws(() => checkJob({ tasks: [task({})], parameters: [{ name: 'a' }, { name: 'a' }] }), /name "a"/));

test('-1 retries are retries without end', () => {
  assert.equal(taskSpec({ task_key: 'a', max_retries: -1 }).maxRetries, Number.POSITIVE_INFINITY);
  assert.equal(taskSpec({ task_key: 'a' }).maxRetries, 0);
});
