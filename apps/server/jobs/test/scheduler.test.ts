import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { JobSettings } from '@boathouse/contracts';
import { Pool } from 'pg';
import { pino } from 'pino';
import { startPostgres } from '../../../../scripts/test/postgres.ts';
import { createBus } from '../../bus.ts';
import { until } from '../../compute/test/stand-in.ts';
import { transaction } from '../../db.ts';
import { type Claim, createClaims } from '../claims.ts';
import { addRun } from '../moves.ts';
import { createScheduler, type Scheduler } from '../scheduler.ts';
import { createJobService, type JobService } from '../service.ts';
import { createWorker } from '../worker.ts';

const log = pino({ level: 'silent' });
const workspaceId = randomUUID();
const caller = { workspaceId, principal: { userId: 'ada', name: 'Ada', admin: true } };
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let pool: Pool;
let jobs: JobService;
before(async () => {
  postgres = await startPostgres();
  pool = new Pool({ connectionString: postgres.url });
  jobs = createJobService({ pool, clock: Date.now });
  await pool.query('INSERT INTO workspace (id, name) VALUES ($1, $2)', [workspaceId, 'Test']);
});
beforeEach(() => pool.query('DELETE FROM job'));
after(async () => {
  await pool.end();
  await postgres.stop();
});

const settings = (more: object = {}) =>
  JobSettings.parse({ name: 'Test', tasks: [{ task_key: 'a', notebook_task: { notebook_path: '/a' } }], ...more });
const everySecond = { quartz_cron_expression: '* * * * * ?', timezone_id: 'UTC' };
const scheduler = (): Scheduler => createScheduler({ pool, log, tick: () => {}, pollMs: 200 });
const runsOf = async (jobId: number) =>
  (
    await pool.query<{ id: string; state: string; at: Date; lateMs: number }>(
      `SELECT id, state, "scheduledAt" AS at, (extract(epoch FROM "createdAt" - "scheduledAt") * 1000)::float8 AS "lateMs" FROM job_run WHERE "jobId" = $1 ORDER BY id`,
      [jobId],
    )
  ).rows;

test('two schedulers over one database fire each time once, within a quarter of a second', async () => {
  const jobId = await jobs.create(caller, settings({ schedule: everySecond, max_concurrent_runs: 100 }));
  const both = [scheduler(), scheduler()];
  for (const one of both) one.start();
  await until(async () => (await runsOf(jobId)).length >= 3, 8000);
  await Promise.all(both.map((one) => one.stop()));
  await jobs.update(caller, jobId, { schedule: { ...everySecond, pause_status: 'PAUSED' } });
  const runs = await runsOf(jobId);
  const times = runs.map((run) => run.at.getTime());
  assert.equal(new Set(times).size, runs.length);
  assert.ok(
    runs.slice(1).every((run) => run.lateMs < 250),
    `late by ${runs.map((run) => Math.round(run.lateMs))} ms`,
  );
});

test('after a time without any server a trigger fires once, and then at its next time', async () => {
  const jobId = await jobs.create(
    caller,
    settings({ schedule: { ...everySecond, quartz_cron_expression: '0 0 * * * ?' } }),
  );
  await pool.query(`UPDATE job_trigger SET "nextFireAt" = now() - interval '10 hours' WHERE "jobId" = $1`, [jobId]);
  const one = scheduler();
  await one.look();
  await one.look();
  await one.stop();
  assert.equal((await runsOf(jobId)).length, 1);
  const { nextRunAtMs } = await jobs.get(caller, jobId);
  assert.ok(nextRunAtMs! > Date.now());
});

test('a paused schedule does not fire, and its next time counts from when it goes on', async () => {
  const jobId = await jobs.create(caller, settings({ schedule: { ...everySecond, pause_status: 'PAUSED' } }));
  await pool.query(`UPDATE job_trigger SET "nextFireAt" = now() - interval '1 hour' WHERE "jobId" = $1`, [jobId]);
  const one = scheduler();
  await one.look();
  await one.stop();
  assert.equal((await runsOf(jobId)).length, 0);
  await jobs.update(caller, jobId, {
    schedule: { ...everySecond, quartz_cron_expression: '0 0 3 * * ?', pause_status: 'UNPAUSED' },
  });
  assert.ok((await jobs.get(caller, jobId)).nextRunAtMs! > Date.now());
});

async function readyRun(more: object = {}): Promise<number> {
  const jobId = await jobs.create(caller, settings(more));
  return (await jobs.runNow(caller, jobId, {})).id;
}
const stateOf = async (runId: number) => (await jobs.run(caller, runId)).state;

test('many workers that look at once claim each task once', async () => {
  const tasks = Array.from({ length: 30 }, (_, index) => ({
    task_key: `t${index}`,
    notebook_task: { notebook_path: '/a' },
  }));
  const runId = await readyRun({ tasks });
  const taken: Claim[] = [];
  const work = async () => {
    const claims = createClaims(pool, 15_000);
    // Whoever finds the run locked by another looks again a moment later, as the poll does.
    while (taken.length < tasks.length) taken.push(...(await claims.take(3)));
  };
  await Promise.all(Array.from({ length: 6 }, work));
  await Promise.all(taken.map((claim) => createClaims(pool, 15_000).finish(claim, { state: 'succeeded' })));
  assert.equal(await stateOf(runId), 'succeeded');
  assert.deepEqual(taken.map((claim) => claim.taskKey).sort(), tasks.map((task) => task.task_key).sort());
});

test('an attempt whose server is gone goes on elsewhere with what was done, and the old server can write nothing more', async () => {
  const runId = await readyRun();
  const dead = createClaims(pool, 400);
  const [lost] = (await dead.take(1)).filter((claim) => claim.jobRunId === runId);
  const snapshot = { notebookId: 'n', path: '/a', documentVersion: 'v', sessionId: 's', cells: [] };
  assert.ok(await dead.keep(lost!, snapshot));
  await new Promise((resolve) => setTimeout(resolve, 410));
  const heir = createClaims(pool, 15_000);
  const [taken] = (await heir.take(1)).filter((claim) => claim.jobRunId === runId);
  assert.equal(taken!.attemptId, lost!.attemptId);
  assert.deepEqual(taken!.snapshot, snapshot);
  assert.equal(await dead.keep(lost!, snapshot), false);
  assert.equal(await dead.finish(lost!, { state: 'succeeded' }), false);
  assert.ok((await dead.hold([lost!])).gone.has(lost!.attemptId));
  assert.equal(await stateOf(runId), 'running');
  assert.ok(await heir.finish(taken!, { state: 'succeeded' }));
  assert.equal(await stateOf(runId), 'succeeded');
});

test('a run that is cancelled while its server is gone still comes to its end', async () => {
  const runId = await readyRun();
  assert.equal((await createClaims(pool, 300).take(1)).length, 1);
  await jobs.cancel(caller, runId);
  assert.equal(await stateOf(runId), 'cancelling');
  const heir = createClaims(pool, 15_000);
  await until(async () => {
    for (const claim of await heir.take(10)) {
      assert.ok(claim.cancelling);
      await heir.finish(claim, { state: 'cancelled' });
    }
    return (await stateOf(runId)) === 'cancelled';
  });
});

test('a server that stops hands its attempts over at once', async () => {
  const runId = await readyRun();
  let begun: Claim | undefined;
  const bus = createBus(log);
  const first = createWorker({
    base: { log, bus },
    claims: createClaims(pool, 60_000),
    capacity: 4,
    heartbeatMs: 20_000,
    run: ({ claim, leave }) => {
      begun = claim;
      return new Promise((resolve) => leave.addEventListener('abort', () => resolve({ state: 'succeeded' })));
    },
  });
  first.start();
  await until(() => begun?.jobRunId === runId);
  await first.stop();
  assert.equal(await stateOf(runId), 'running');
  const heir = createClaims(pool, 60_000);
  const [taken] = await heir.take(4);
  assert.equal(taken!.attemptId, begun!.attemptId);
  await heir.finish(taken!, { state: 'succeeded' });
  assert.equal(await stateOf(runId), 'succeeded');
});

test('a retry waits as long as its settings say', async () => {
  const task = {
    task_key: 'a',
    notebook_task: { notebook_path: '/a' },
    max_retries: 1,
    min_retry_interval_millis: 400,
  };
  const runId = await readyRun({ tasks: [task] });
  const claims = createClaims(pool, 15_000);
  const [first] = await claims.take(4);
  const error = { code: 'X', message: 'no', fault: 'user' as const, status: 400 };
  await claims.finish(first!, { state: 'failed', error });
  const failedAt = Date.now();
  assert.equal((await claims.take(4)).length, 0);
  let second: Claim | undefined;
  await until(async () => {
    second = (await claims.take(4))[0];
    return second !== undefined;
  });
  assert.ok(Date.now() - failedAt >= 390);
  await claims.finish(second!, { state: 'failed', error });
  assert.equal(await stateOf(runId), 'failed');
});

test('the unique (trigger, time) refuses a second run of one firing', async () => {
  const jobId = await jobs.create(caller, settings());
  const job = { id: jobId, workspaceId, ownerId: 'ada', settings: settings() };
  const fire = () =>
    transaction(pool, (tx) =>
      addRun(tx, job, {
        trigger: 'PERIODIC',
        triggerId: 'job-x',
        scheduledAtMs: 1_800_000_000_000,
        creatorId: 'ada',
        parameters: {},
      }),
    );
  assert.ok(await fire());
  assert.equal(await fire(), null);
  assert.equal((await runsOf(jobId)).length, 1);
});
