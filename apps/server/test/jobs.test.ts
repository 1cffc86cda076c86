import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Answer, type Client, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';

const api = '/api/2.2/jobs';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let ids: { userId: string; workspaceId: string };
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  compute = await startCompute(server);
  const { body } = await ada.get('/api/2.0/boathouse/me');
  ids = { userId: body.userId, workspaceId: body.workspace.id };
  await notebook('Load', [
    'CREATE OR REPLACE TABLE main.default.loaded AS SELECT id FROM range(3)',
    'SELECT count(*) AS n, :region AS region FROM main.default.loaded',
  ]);
  await notebook('Report', ['SELECT sum(id) AS total FROM main.default.loaded']);
  await notebook('Broken', ['SELECT 1 AS fine', 'SELECT * FROM main.default.nowhere', 'SELECT 3 AS never']);
  await notebook('Slow', [
    'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3',
  ]);
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function notebook(name: string, sources: string[]): Promise<void> {
  const ada = { userId: ids.userId, name: 'Ada Lovelace', admin: true };
  await server.app.services.objects.create(ada, ids.workspaceId, {
    kind: 'notebook',
    path: `/Shared/${name}`,
    cells: sources.map((source, index) => ({ id: `c${index}`, kind: 'sql' as const, source })),
  });
}
const task = (task_key: string, name: string, more: object = {}) => ({
  task_key,
  notebook_task: { notebook_path: `/Shared/${name}`, base_parameters: { region: 'EU' } },
  ...more,
});
const after_ = (...keys: string[]) => ({ depends_on: keys.map((task_key) => ({ task_key })) });

async function ok(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body, text } = await answer;
  assert.equal(status, 200, text);
  return body;
}
const createJob = async (settings: object): Promise<number> =>
  (await ok(ada.send('POST', `${api}/create`, { name: 'Test job', ...settings }))).job_id;
const runNow = async (job_id: number, more: object = {}): Promise<number> =>
  (await ok(ada.send('POST', `${api}/run-now`, { job_id, ...more }))).run_id;
const getRun = (id: number) => ok(ada.get(`${api}/runs/get?run_id=${id}`));
async function ended(id: number): Promise<Answer['body']> {
  await until(async () => (await getRun(id)).status.state === 'TERMINATED', 8000);
  return getRun(id);
}
const stateOf = (run: Answer['body'], key: string) =>
  run.tasks.find((it: { task_key: string }) => it.task_key === key).state;

test('two tasks run one after the other, in the order of their dependency, and give their outputs', async () => {
  const job = await createJob({ tasks: [task('report', 'Report', after_('load')), task('load', 'Load')] });
  const run = await ended(await runNow(job));
  assert.equal(run.state.result_state, 'SUCCESS', JSON.stringify(run));
  assert.equal(run.status.termination_details.code, 'SUCCESS');
  assert.match(run.run_page_url, new RegExp(`/jobs/${job}/runs/${run.run_id}$`));
  const [report, load] = ['report', 'load'].map((key) =>
    run.tasks.find((it: { task_key: string }) => it.task_key === key),
  );
  assert.ok(report.start_time >= load.end_time);
  const loaded = await ok(ada.get(`${api}/runs/get-output?run_id=${load.run_id}`));
  assert.deepEqual(JSON.parse(loaded.notebook_output.result), [{ n: '3', region: 'EU' }]);
  const reported = await ok(ada.get(`/api/2.1/jobs/runs/get-output?run_id=${report.run_id}`));
  assert.deepEqual(JSON.parse(reported.notebook_output.result), [{ total: '3' }]);
  assert.equal((await ada.get(`${api}/runs/get-output?run_id=${run.run_id}`)).status, 400);
});

test('a cell that fails ends its task with its error; what depends on it does not start, and later cells do not run', async () => {
  const job = await createJob({ tasks: [task('load', 'Broken'), task('report', 'Report', after_('load'))] });
  const id = await runNow(job);
  const run = await ended(id);
  assert.equal(run.state.result_state, 'FAILED');
  assert.match(run.state.state_message, /load failed/);
  assert.equal(stateOf(run, 'report').result_state, 'UPSTREAM_FAILED');
  const output = await ok(ada.get(`${api}/runs/get-output?run_id=${run.tasks[0].run_id}`));
  assert.match(output.error, /nowhere/);
  const page = await ok(ada.get(`/api/2.0/boathouse/jobs/${job}/runs/${id}`));
  const { cells, error } = page.tasks[0].attempts[0];
  assert.equal(error.code, 'TABLE_OR_VIEW_NOT_FOUND');
  assert.deepEqual(
    cells.map((cell: { run: { state: string } | null }) => cell.run?.state ?? null),
    ['succeeded', 'failed', null],
  );
});

test('a failed task is tried again as often as it says, and the page shows each attempt', async () => {
  const job = await createJob({ tasks: [task('load', 'Broken', { max_retries: 2 })] });
  const id = await runNow(job);
  const run = await ended(id);
  assert.equal(run.tasks[0].attempt_number, 2);
  const page = await ok(ada.get(`/api/2.0/boathouse/jobs/${job}/runs/${id}`));
  assert.deepEqual(
    page.tasks[0].attempts.map((it: { number: number; state: string }) => [it.number, it.state]),
    [1, 2, 3].map((number) => [number, 'failed']),
  );
});

test('cancel stops the query that runs, and what waits for it never starts', async () => {
  const job = await createJob({ tasks: [task('slow', 'Slow'), task('report', 'Report', after_('slow'))] });
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  assert.ok(await browser.follow(`job:${job}`));
  const id = await runNow(job);
  await until(async () => (await ok(ada.get('/api/2.0/boathouse/running'))).runs.length === 1, 5000);
  const askedAt = performance.now();
  await ok(ada.send('POST', `${api}/runs/cancel`, { run_id: id }));
  const run = await ended(id);
  assert.ok(performance.now() - askedAt < 2500, `${performance.now() - askedAt} ms`);
  assert.equal(run.state.result_state, 'CANCELED');
  assert.match(run.state.state_message, /Stopped by Ada/);
  assert.equal(stateOf(run, 'slow').result_state, 'CANCELED');
  assert.equal(stateOf(run, 'report').result_state, 'CANCELED');
  assert.ok(browser.messages.filter((it) => it.type === 'changed' && it.id === String(job)).length >= 3);
  browser.close();
});

test('what a notebook was when it ran stays on the page of the run', async () => {
  await notebook('Edited', ["SELECT 'before' AS word"]);
  const job = await createJob({ tasks: [task('only', 'Edited')] });
  const id = await runNow(job);
  await ended(id);
  const { documents, access } = server.app.services;
  const object = await access.findPath({ ...ids, name: 'Ada', admin: true }, ids.workspaceId, '/Shared/Edited');
  await documents.replace(object!.id, [{ id: 'other', kind: 'sql', source: "SELECT 'after' AS word" }]);
  const page = await ok(ada.get(`/api/2.0/boathouse/jobs/${job}/runs/${id}`));
  const [cell] = page.tasks[0].attempts[0].cells;
  assert.equal(cell.source, "SELECT 'before' AS word");
  assert.equal(cell.run.result.rowCount, 1);
});

test('a repeated run-now with one token starts one run; a second run is skipped, or waits where the job queues', async () => {
  const job = await createJob({ tasks: [task('slow', 'Slow')], queue: { enabled: true } });
  const ids = await Promise.all([1, 2].map(() => runNow(job, { idempotency_token: 'once' })));
  assert.equal(ids[0], ids[1]);
  const waiting = await runNow(job);
  assert.equal((await getRun(waiting)).state.life_cycle_state, 'QUEUED');
  const skipped = await runNow(job, { queue: { enabled: false } });
  const run = await getRun(skipped);
  assert.equal(run.state.life_cycle_state, 'SKIPPED');
  assert.equal(run.state.result_state, 'MAXIMUM_CONCURRENT_RUNS_REACHED');
  await ok(ada.send('POST', `${api}/runs/cancel`, { run_id: ids[0] }));
  await until(async () => (await getRun(waiting)).state.life_cycle_state === 'RUNNING', 5000);
  await ok(ada.send('POST', `${api}/delete`, { job_id: job }));
  assert.equal((await ended(waiting)).state.result_state, 'CANCELED');
  assert.equal((await ada.get(`${api}/get?job_id=${job}`)).status, 404);
});

test('update changes tasks by their key, reset replaces everything, and lists page through what there is', async () => {
  const job = await createJob({ name: 'Listed', tasks: [task('a', 'Load'), task('b', 'Report')], tags: { team: 'x' } });
  const other = await createJob({ name: 'Listed', tasks: [task('a', 'Load')] });
  await ok(
    ada.send('POST', `${api}/update`, {
      job_id: job,
      new_settings: { tasks: [task('b', 'Load', after_('a'))], max_concurrent_runs: 3 },
      fields_to_remove: ['tags'],
    }),
  );
  const { settings } = await ok(ada.get(`/api/2.1/jobs/get?job_id=${job}`));
  assert.equal(settings.max_concurrent_runs, 3);
  assert.equal(settings.tags, undefined);
  assert.deepEqual(settings.tasks[1].depends_on, [{ task_key: 'a' }]);
  const first = await ok(ada.get(`${api}/list?limit=1&name=listed`));
  assert.equal(first.jobs[0].job_id, other);
  assert.equal(first.jobs[0].settings.tasks, undefined);
  const second = await ok(ada.get(`${api}/list?limit=1&name=listed&page_token=${first.next_page_token}`));
  assert.equal(second.jobs[0].job_id, job);
  assert.equal(second.has_more, false);
  await ok(
    ada.send('POST', `${api}/reset`, { job_id: job, new_settings: { name: 'New', tasks: [task('z', 'Load')] } }),
  );
  assert.equal((await ok(ada.get(`${api}/get?job_id=${job}`))).settings.max_concurrent_runs, undefined);
});

test('to a colleague the job of another does not exist', async () => {
  const job = await createJob({ tasks: [task('load', 'Load')] });
  const bob = await server.member(ada, 'bob');
  assert.equal((await bob.get(`${api}/get?job_id=${job}`)).status, 404);
  assert.equal((await bob.send('POST', `${api}/run-now`, { job_id: job })).status, 404);
  assert.equal((await ok(bob.get(`${api}/list`))).jobs, undefined);
  const browser = await LiveBrowser.open(server.origin, { cookie: bob.cookie() });
  assert.equal(await browser.follow(`job:${job}`), false);
  browser.close();
});

test('a job runs with the rights of its owner, not with those of the administrator who starts it', async () => {
  const eve = await server.member(ada, 'eve');
  const settings = { name: "Eve's", tasks: [task('report', 'Report')] };
  const { job_id } = await ok(eve.send('POST', `${api}/create`, settings));
  const run = await ended(await runNow(job_id));
  assert.equal(run.state.result_state, 'FAILED');
  assert.match(run.state.state_message, /SELECT|cannot be found/);
});

for (const [what, settings, message] of [
  ['a task without its notebook', { tasks: [{ task_key: 'a' }] }, /tasks.0.notebook_task/],
  ['a SQL task', { tasks: [{ ...task('a', 'Load'), sql_task: { query: { query_id: 'q' } } }] }, /tasks.0.sql_task/],
  ['a timeout', { tasks: [task('a', 'Load', { timeout_seconds: 60 })] }, /tasks.0.timeout_seconds.*not supported/],
  ['another condition', { tasks: [task('a', 'Load', { run_if: 'ALL_DONE' })] }, /tasks.0.run_if.*ALL_SUCCESS/],
  [
    'mails',
    { tasks: [task('a', 'Load')], email_notifications: { on_failure: ['a@b.c'] } },
    /on_failure.*not supported/,
  ],
  ['a circle', { tasks: [task('a', 'Load', after_('b')), task('b', 'Load', after_('a'))] }, /circle: a → b → a/],
  [
    'a schedule that is none',
    { tasks: [task('a', 'Load')], schedule: { quartz_cron_expression: '* * *', timezone_id: 'UTC' } },
    /Quartz/,
  ],
  ["another's rights", { tasks: [task('a', 'Load')], run_as: { user_name: 'bob@example.com' } }, /rights of its owner/],
] as const) {
  test(`${what} is refused by name`, async () => {
    const { status, body } = await ada.send('POST', `${api}/create`, { name: 'Refused', ...settings });
    assert.equal(status, 400);
    assert.equal(body.error_code, 'INVALID_PARAMETER_VALUE');
    assert.match(body.message, message);
  });
}

test('a notebook with pipeline cells runs its pipeline as a task, and the cells after it see the result', async () => {
  const person = { userId: ids.userId, name: 'Ada Lovelace', admin: true };
  await server.app.services.objects.create(person, ids.workspaceId, {
    kind: 'notebook',
    path: '/Shared/Flow',
    cells: [
      {
        id: 'p0',
        kind: 'pipeline',
        source: 'CREATE OR REFRESH MATERIALIZED VIEW evens AS SELECT id FROM range(10) WHERE id % 2 = 0',
      },
      {
        id: 'p1',
        kind: 'pipeline',
        source: 'CREATE OR REFRESH MATERIALIZED VIEW evens_count AS SELECT count(*) AS n FROM evens',
      },
      { id: 's0', kind: 'sql', source: 'SELECT n FROM main.default.evens_count' },
    ],
  });
  const id = await runNow(await createJob({ tasks: [task('flow', 'Flow')] }));
  await until(async () => (await getRun(id)).status.state === 'TERMINATED', 30_000);
  const run = await getRun(id);
  assert.equal(run.state.result_state, 'SUCCESS', run.state.state_message);
  const output = await ok(ada.get(`${api}/runs/get-output?run_id=${run.tasks[0].run_id}`));
  assert.match(output.notebook_output.result, /5/);
});
