import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { createApp } from '../app.ts';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, createClient, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';

const api = '/api/2.0/boathouse';
let one: TestServer;
let two: Awaited<ReturnType<typeof createApp>>;
let compute: TestCompute | undefined;
let atOne: Client;
let atTwo: Client;
let originTwo: string;
before(async () => {
  one = await startServer();
  atOne = await one.administrator();
  compute = await startCompute(one);
  // A second server over the same database and storage.
  two = await createApp({ ...one.config, port: 0 }, pino({ level: 'silent' }));
  originTwo = `http://127.0.0.1:${two.port}`;
  const token = (await atOne.send('POST', `${api}/tokens`, { comment: 'second server' })).body.token;
  atTwo = createClient(originTwo, token);
});
after(async () => {
  await two.close();
  await compute?.stop();
  await one.stop();
});

const slow = 'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3';

test('a run at one server is followed live at the other', async () => {
  const id = randomUUID();
  const browser = await LiveBrowser.open(originTwo, { cookie: atOne.cookie() });
  const started = await atOne.send('POST', `${api}/runs`, { id, text: 'SELECT 1 AS a; SELECT 2 AS b' });
  assert.equal(started.status, 200);
  assert.ok(await browser.follow(`run:${id}`));
  await browser.wait((it) => it.type === 'run' && it.run.state === 'succeeded');
  await until(() => browser.messages.some((it) => it.type === 'event' && it.row.event.type === 'finished'));
  const seqs = browser.messages.flatMap((it) => (it.type === 'event' ? [it.row.seq] : []));
  assert.deepEqual(
    seqs,
    seqs.map((_seq, index) => index + 1),
  );
  browser.close();
});

test('a run at one server is stopped through the other', async () => {
  const id = randomUUID();
  await atOne.send('POST', `${api}/runs`, { id, text: slow });
  await until(async () => (await atTwo.get(`${api}/runs/${id}`)).body.state === 'running');
  assert.equal((await atTwo.send('POST', `${api}/runs/${id}/cancel`, {})).status, 200);
  await until(async () => (await atTwo.get(`${api}/runs/${id}`)).body.state === 'cancelled');
});

test('a request that reaches both servers starts one run', async () => {
  const id = randomUUID();
  const body = { id, text: 'SELECT 3 AS c' };
  const answers = await Promise.all([atOne.send('POST', `${api}/runs`, body), atTwo.send('POST', `${api}/runs`, body)]);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200],
  );
  const { rows } = await one.app.services.pool.query(
    `SELECT count(*)::int AS n FROM run_event WHERE "runId" = $1 AND event->>'type' = 'queued'`,
    [id],
  );
  assert.equal(rows[0].n, 1);
});
