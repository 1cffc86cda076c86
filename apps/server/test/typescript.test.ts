import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { RESULT_MIME, ResultManifest, type RunEvent, type RunSummary } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine/results';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const api = '/api/2.0/boathouse';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let bob: Client;
let notebookId: string;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  compute = await startCompute(server);
  bob = await server.member(ada, 'bob');
  const { body } = await ada.get(`${api}/me`);
  const who = { userId: body.userId ?? body.id, name: 'Ada Lovelace', admin: true };
  const object = await server.app.services.objects.create(who, body.workspace.id, {
    kind: 'notebook',
    path: '/Shared/Cells',
    cells: [
      { id: 'ts', kind: 'typescript', source: '1 + 1' },
      { id: 'sql', kind: 'sql', source: 'SELECT 1' },
    ],
  });
  notebookId = object.id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function start(client: Client, cellId: 'ts' | 'sql', text: string): Promise<string> {
  const id = randomUUID();
  const started = await client.send('POST', `${api}/runs`, { id, text, notebookId, cellId });
  assert.equal(started.status, 200, started.text);
  return id;
}

async function run(client: Client, text: string, cellId: 'ts' | 'sql' = 'ts') {
  const id = await start(client, cellId, text);
  await server.app.services.runs.waitFor(id, 15_000);
  const summary = (await client.get(`${api}/runs/${id}`)).body as RunSummary;
  const answer = await client.get(`${api}/runs/${id}/events`);
  const events = ((answer.body.events ?? []) as { event: RunEvent }[]).map((it) => it.event);
  const displays = events.flatMap((event) => (event.type === 'display' ? [event.data] : []));
  const printed = events.flatMap((event) => (event.type === 'stream' ? [event.text] : [])).join('');
  return { id, summary, events, displays, printed };
}

test('a TypeScript cell writes a table through the server, and its run keeps what it read and wrote', async () => {
  const made = await run(
    ada,
    `const people = spark.createDataFrame([{ id: 1, name: "Ann" }, { id: 2, name: "Bob" }]);
     await people.write.saveAsTable("main.default.people");
     await people.write.mode("append").saveAsTable("main.default.people");
     await people.write.mode("overwrite").saveAsTable("main.default.people");
     const rows = await spark.table("main.default.people").orderBy("id").collect();
     console.log(rows.length, rows[0].name);
     display(spark.sql("SELECT name FROM main.default.people WHERE id = :id", { id: 2 }));`,
  );
  assert.deepEqual([made.summary.state, made.summary.error], ['succeeded', null]);
  assert.equal(made.printed, '2 Ann\n');
  assert.deepEqual(
    made.summary.writes.map(({ fullName, version }) => [fullName, version]),
    [0, 1, 2].map((version) => ['main.default.people', version]),
  );
  assert.ok(made.summary.reads.some(({ fullName }) => fullName === 'main.default.people'));
  const manifest = ResultManifest.parse(made.displays[0]?.[RESULT_MIME]);
  const response = await fetch(`${server.origin}${api}/runs/${made.id}/result?hash=${manifest.hash}`, {
    headers: { cookie: ada.cookie() },
  });
  assert.equal(response.status, 200);
  assert.deepEqual(decodeRows(new Uint8Array(await response.arrayBuffer())).rows, [['Bob']]);
});

test('SQL and TypeScript cells of one person share temporary views and the current schema, and variables live on', async () => {
  await run(
    ada,
    'const threshold = 1; await spark.range(5).filter(col("id").gt(threshold)).createOrReplaceTempView("few")',
  );
  const sql = await run(ada, 'SELECT count(*) AS n FROM few', 'sql');
  assert.deepEqual([sql.summary.state, sql.summary.error], ['succeeded', null]);
  await run(ada, 'CREATE SCHEMA IF NOT EXISTS main.other; USE main.other', 'sql');
  const used = await run(ada, '[threshold, (await spark.sql("SELECT current_schema() AS s").first())?.s]');
  assert.deepEqual(used.displays[0]?.['application/json'], [1, 'other'], JSON.stringify(used.summary.error));
  await run(ada, 'USE main.default', 'sql');
});

test('a person runs cells with the own rights and the own kernel', async () => {
  await run(ada, 'const secret = 42; await spark.range(1).write.mode("overwrite").saveAsTable("main.default.hers")');
  const refused = await run(bob, 'await spark.table("main.default.hers").collect()');
  assert.equal(refused.summary.state, 'failed');
  assert.equal(refused.summary.error?.code, 'TABLE_OR_VIEW_NOT_FOUND', JSON.stringify(refused.summary.error));
  assert.equal((await run(bob, 'typeof secret')).displays[0]?.['text/plain'], '"undefined"');
  const shown = await run(ada, 'spark.table("main.default.hers")');
  const seen = (await bob.get(`${api}/runs/${shown.id}`)).body as RunSummary;
  assert.match(seen.withheld?.message ?? '', /ada@example.com/);
});

test('what a cell has read stays hidden in later cells that show it, until the session is reset', async () => {
  await run(
    ada,
    'await spark.createDataFrame([{ v: "hush" }]).write.mode("overwrite").saveAsTable("main.default.quiet")',
  );
  await ada.send('POST', `${api}/notebooks/${notebookId}/session/reset`, {});
  const quietly = (id: string) => bob.get(`${api}/runs/${id}/events`).then(({ text }) => !text.includes('hush'));
  // Sent at once, as "run all" does: the second is recorded before the first has asked for anything.
  const read = await start(ada, 'ts', 'const kept = await spark.table("main.default.quiet").collect()');
  const shown = await run(ada, 'console.log(kept[0].v)');
  assert.equal((await bob.get(`${api}/runs/${read}`)).status, 200);
  assert.equal(shown.printed, 'hush\n');
  assert.ok(await quietly(shown.id));
  assert.match((await bob.get(`${api}/runs/${shown.id}`)).body.withheld?.message ?? '', /main\.default\.quiet/);
  await run(ada, 'spark.createDataFrame(kept).createOrReplaceTempView("murmur")');
  const viewed = await run(ada, 'SELECT * FROM murmur', 'sql');
  assert.equal(viewed.summary.state, 'succeeded');
  assert.match((await bob.get(`${api}/runs/${viewed.id}`)).body.withheld?.message ?? '', /main\.default\.quiet/);
  assert.equal((await bob.get(`${api}/runs/${(await run(ada, 'SELECT 1', 'sql')).id}`)).body.withheld, null);

  await ada.send('POST', `${api}/notebooks/${notebookId}/session/reset`, {});
  const anew = await run(ada, 'typeof kept');
  assert.equal((await bob.get(`${api}/runs/${anew.id}`)).body.withheld, null);
});

test('a stop ends a cell within a second, and a lost kernel is told at the notebook', async () => {
  await run(ada, 'let kept = 1');
  for (const [source, keeps] of [
    ['while (true) {}', true],
    ['/^(a+)+$/.test("a".repeat(60) + "b")', false],
  ] as const) {
    const id = await start(ada, 'ts', source);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    await ada.send('POST', `${api}/runs/${id}/cancel`, {});
    await server.app.services.runs.waitFor(id, 5000);
    assert.ok(performance.now() - began < 1500, source);
    assert.equal(((await ada.get(`${api}/runs/${id}`)).body as RunSummary).state, 'cancelled');
    const session = (await ada.get(`${api}/notebooks/${notebookId}/session`)).body;
    assert.equal(session.lostReason === null, keeps, JSON.stringify(session));
    assert.equal((await run(ada, 'typeof kept')).displays[0]?.['text/plain'], keeps ? '"number"' : '"undefined"');
  }
});

test('after compute was killed the next cell runs in a new kernel, and the loss of the variables is said', async () => {
  await run(ada, 'let before = 1');
  await ada.send('POST', `${api}/notebooks/${notebookId}/session`, { acknowledgeLoss: true });
  await compute!.kill();
  compute = await startCompute(server);
  const session = (await ada.get(`${api}/notebooks/${notebookId}/session`)).body;
  assert.match(session.lostReason ?? '', /variables/);
  assert.equal((await run(ada, 'typeof before')).displays[0]?.['text/plain'], '"undefined"');
});
