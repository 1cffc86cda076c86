import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { createClient, startServer, type TestServer } from './harness.ts';
import { type ServerProcess, spawnServer } from './process.ts';

const api = '/api/2.2/jobs';
let server: TestServer;
let compute: TestCompute | undefined;
let other: ServerProcess | undefined;
before(async () => {
  server = await startServer();
});
after(async () => {
  other?.child.kill('SIGKILL');
  await compute?.stop();
  await server.stop();
});

test('a server is killed while it works on a task: another says plainly that the run was lost, and starts it again only where retries say so', async () => {
  const ada = await server.administrator();
  const { body: me } = await ada.get('/api/2.0/boathouse/me');
  const who = { userId: me.userId, name: me.name, admin: true };
  await server.app.services.objects.create(who, me.workspace.id, {
    kind: 'notebook',
    path: '/Shared/Quick',
    cells: [
      { id: 'a', kind: 'sql', source: 'SELECT 1 AS one' },
      { id: 'b', kind: 'sql', source: 'SELECT 2 AS two' },
    ],
  });
  const { token } = (await ada.send('POST', '/api/2.0/boathouse/tokens', { comment: 'second server' })).body;
  other = await spawnServer(server.config);
  const there = createClient(other.origin, token);
  const task = (task_key: string, max_retries: number) => ({
    task_key,
    max_retries,
    notebook_task: { notebook_path: '/Shared/Quick' },
  });
  // Without compute the first cell waits at the server that began it; only the other one may claim.
  await server.app.services.jobs.stop();
  const { job_id } = (
    await there.send('POST', `${api}/create`, { name: 'Taken over', tasks: [task('once', 0), task('again', 1)] })
  ).body;
  const { run_id } = (await there.send('POST', `${api}/run-now`, { job_id })).body;
  const begun = async () =>
    (await server.app.services.pool.query(`SELECT id FROM run WHERE kind = 'task'`)).rowCount === 2;
  await until(begun, 5000);
  other.child.kill('SIGKILL');
  await other.exited;

  // What a second server does with what the first one left; leases are shortened here, so that the test is.
  await server.app.services.pool.query(`UPDATE task_attempt SET "leaseUntil" = now() WHERE state = 'running'`);
  await server.app.services.pool.query(`UPDATE run SET "leaseUntil" = now() - interval '1 second' WHERE kind = 'task'`);
  compute = await startCompute(server);
  const heir = await spawnServer(server.config);
  other = heir;
  const client = createClient(heir.origin, token);
  const read = async () => (await client.get(`${api}/runs/get?run_id=${run_id}`)).body;
  await until(async () => (await read()).tasks[0].status.state === 'TERMINATED', 8000);
  const lost = (await client.get(`/api/2.0/boathouse/jobs/${job_id}/runs/${run_id}`)).body.tasks[0];
  assert.equal(lost.state, 'failed');
  assert.equal(lost.attempts.length, 1);
  assert.equal(lost.attempts[0].cells[0].run.state, 'lost');
  assert.equal(lost.attempts[0].cells[1].run, null);
  await until(async () => (await read()).tasks[1].attempt_number === 1, 8000);
  const { tasks } = (await client.get(`/api/2.0/boathouse/jobs/${job_id}/runs/${run_id}`)).body;
  assert.equal(tasks[1].attempts[0].cells[0].run.state, 'lost');
  assert.equal(tasks[1].attempts[1].number, 2);
});
