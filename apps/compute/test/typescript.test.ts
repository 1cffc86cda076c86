import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type ComputeToServer, RESULT_MIME, ResultManifest, type RunEvent } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine/results';
import { type LinkServer, startCompute } from './harness.ts';
import { Planner } from './planner.ts';

type Finished = Extract<RunEvent, { type: 'finished' }>;

type Compute = Awaited<ReturnType<typeof startCompute>>;

/** A session of TypeScript cells in a real compute process: one for all tests, or its own with settings. */
async function cells(t: TestContext, env?: Record<string, string>) {
  const compute: Compute = env ? await startCompute(t, env) : shared;
  const planner = new Planner();
  compute.server.onPlan = (text, runId) => planner.plan(text, runId);
  const ownSession: string = randomUUID();
  const run = (source: string, sessionId = ownSession) => runCell(compute.server, compute.home, source, sessionId);
  return { ...compute, planner, run };
}

let shared: Compute;
const atEnd: (() => unknown)[] = [];
before(async () => {
  // In a hook, `after` would end with the hook.
  shared = await startCompute({ after: (end: () => unknown) => atEnd.push(end) } as unknown as TestContext);
});
after(async () => {
  for (const end of atEnd) await end();
});

async function runCell(server: LinkServer, home: string, source: string, sessionId: string) {
  const runId = randomUUID();
  server.send({ type: 'order', order: { kind: 'typescript', runId, sessionId, source, fileName: 'cell.ts' } });
  await server.wait(
    (message) => message.type === 'event' && message.runId === runId && message.event.type === 'finished',
    20_000,
  );
  const messages = server.received.filter((message) => 'runId' in message && message.runId === runId);
  const events = messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
  const printed = events.flatMap((event) => (event.type === 'stream' ? [event.text] : [])).join('');
  const displays = events.flatMap((event) => (event.type === 'display' ? [event.data] : []));
  const stored = await Promise.all(
    displays.map(async (data) => {
      const manifest = ResultManifest.safeParse(data[RESULT_MIME]);
      if (!manifest.success) return null;
      const bytes = await readFile(join(home, 'storage', manifest.data.key));
      const { columns, rows } = decodeRows(bytes);
      return { columns: columns.map(({ name, type }) => `${name} ${type}`), rows };
    }),
  );
  const end = events.find((event): event is Finished => event.type === 'finished')!;
  return { runId, messages: messages as ComputeToServer[], printed, displays, stored, end };
}

test('a cell asks the server for the plan of its SQL, reads rows as objects, and shows a DataFrame as a stored result', async (t) => {
  const { run, planner } = await cells(t);
  const made = await run(`
    await spark.sql("CREATE TABLE t AS SELECT id, id * 2 AS twice FROM range(10)");
    const df = spark.table("t").filter(col("id").geq(8)).select("id", col("twice").plus(1).as("more")).orderBy(desc("id"));
    const rows = await df.collect();
    console.log(JSON.stringify(rows));
    df`);
  assert.deepEqual([made.end.state, made.end.error], ['succeeded', undefined]);
  assert.equal(made.printed, '[{"id":9,"more":19},{"id":8,"more":17}]\n');
  assert.deepEqual(made.stored, [
    {
      columns: ['id bigint', 'more bigint'],
      rows: [
        ['9', '19'],
        ['8', '17'],
      ],
    },
  ]);
  assert.equal(
    planner.texts.at(-1),
    'SELECT `id`, (`twice` + 1) AS `more` FROM `t` WHERE (`id` >= 8) ORDER BY `id` DESC',
  );
  const done = made.messages.filter((message) => message.type === 'statementDone');
  assert.equal(done[0]?.write?.rows, 10);
  assert.equal(done[1]?.reads[0]?.version, 0);
  const next = await run('rows.length + (await df.count())');
  assert.equal(next.displays[0]?.['text/plain'], '4');
});

test('everything that a DataFrame says is SQL that the planner reads', async (t) => {
  const { run } = await cells(t);
  await run(`
    const people = spark.createDataFrame([
      { id: 1, name: "Ann", team: "a", paid: 1.5, at: new Date("2024-01-31T12:00:00Z"), odd: "it's \\\\ \\n" },
      { id: 2, name: "Bob", team: "b", paid: 2.5, at: null, odd: null },
      { id: 3, name: "Cy", team: "a", paid: 4, at: null, odd: "x" },
    ]);
    const teams = spark.createDataFrame([{ team: "a", title: "Alpha" }, { team: "b", title: "Beta" }]);`);
  const cases: [code: string, shows: string][] = [
    [
      'people.groupBy("team").agg(sum("paid").as("paid"), count("*").as("n"), countDistinct("name").as("d")).orderBy("team").collect()',
      '[{"team":"a","paid":5.5,"n":2,"d":2},{"team":"b","paid":2.5,"n":1,"d":1}]',
    ],
    ['people.groupBy("team").count().orderBy(desc("count")).first()', '{"team":"a","count":2}'],
    [
      'people.agg(avg("paid").as("a"), min("id").as("lo"), max("id").as("hi")).collect()',
      '[{"a":2.6666666666666665,"lo":1,"hi":3}]',
    ],
    [
      'people.join(teams, "team").select("id", "title").orderBy("id").limit(2).collect()',
      '[{"id":1,"title":"Alpha"},{"id":2,"title":"Beta"}]',
    ],
    [
      'people.alias("p").join(teams.alias("t"), col("p.team").eq(col("t.team")).and(col("p.id").gt(1)), "left").select("p.id", "t.title").orderBy("p.id").collect()',
      '[{"id":1,"title":null},{"id":2,"title":"Beta"},{"id":3,"title":"Alpha"}]',
    ],
    ['teams.join(people.filter("id = 2"), ["team"], "left_semi").collect()', '[{"team":"b","title":"Beta"}]'],
    [
      'people.withColumn("id", col("id").times(10)).withColumn("big", when(col("paid").gt(2), "yes").otherwise("no")).select("id", "big").orderBy("id").collect()',
      '[{"id":10,"big":"no"},{"id":20,"big":"yes"},{"id":30,"big":"yes"}]',
    ],
    ['people.drop("at", "odd", "paid", "team").withColumnRenamed("name", "Name").columns()', '["id","Name"]'],
    ['people.select("team").distinct().union(teams.select("team")).count()', '4'],
    [
      'people.filter(col("odd").isNull().or(col("name").isin("Ann"))).select("odd").orderBy("odd").collect()',
      '[{"odd":null},{"odd":"it\'s \\\\ \\n"}]',
    ],
    ['people.limit(2).filter("id > 0").count()', '2'],
    ['people.orderBy("id").select(col("id").as("x")).limit(1).collect()', '[{"x":1}]'],
    [
      'people.select(col("id").cast("string").as("s"), lit(null).as("n"), expr("id + 1 AS next")).orderBy("s").first()',
      '{"s":"1","n":null,"next":2}',
    ],
    [
      'people.select("id", row_number().over(Window.partitionBy("team").orderBy(desc("id"))).as("r")).orderBy("id").collect()',
      '[{"id":1,"r":2},{"id":2,"r":1},{"id":3,"r":1}]',
    ],
    [
      'people.select("id", sum("paid").over(Window.partitionBy("team").orderBy("id").rowsBetween(Window.unboundedPreceding, Window.currentRow)).as("s"), count("*").over(Window.orderBy("id").rangeBetween(-1, 1)).as("near")).orderBy("id").collect()',
      '[{"id":1,"s":1.5,"near":2},{"id":2,"s":2.5,"near":3},{"id":3,"s":5.5,"near":2}]',
    ],
    ['people.dropDuplicates(["team"]).select("team").orderBy("team").collect()', '[{"team":"a"},{"team":"b"}]'],
    ['people.select("team").dropDuplicates().count()', '2'],
    [
      'people.groupBy("team").pivot("name", ["Ann", "Bob"]).sum("paid").orderBy("team").collect()',
      '[{"team":"a","Ann":1.5,"Bob":null},{"team":"b","Ann":null,"Bob":2.5}]',
    ],
    [
      'people.groupBy().pivot("team").agg(count("*").as("n"), max("id")).collect()',
      '[{"a_n":2,"a_max(id)":3,"b_n":1,"b_max(id)":2}]',
    ],
    [
      'spark.sql("SELECT id FROM range(5) WHERE id >= :low AND id < :high -- end;", { low: 1, high: 3 }).collect()',
      '[{"id":1},{"id":2}]',
    ],
    ['spark.sql("SELECT ? AS a, \'?\' AS b", [true]).collect()', '[{"a":true,"b":"?"}]'],
    ['(await spark.sql("SELECT 1 AS a")).filter("a = 1").count()', '1'],
    ['spark.range(3).count()', '3'],
    ['(await spark.sql("SHOW TABLES")).columns()', '["namespace","tableName","isTemporary"]'],
    ['people.isEmpty()', 'false'],
    ['people.filter("false").first()', 'null'],
  ];
  for (const [code, shows] of cases) {
    const { end, printed } = await run(`console.log(JSON.stringify(await ${code}))`);
    assert.deepEqual([end.error?.message, end.error?.detail], [undefined, undefined], code);
    assert.equal(printed, `${shows}\n`, code);
  }
});

test('SQL types become JavaScript types without losing a digit', async (t) => {
  const { run } = await cells(t);
  const { printed, end } = await run(`
    const row = await spark.sql(\`SELECT 1 AS i, 9007199254740993L AS wide, 12.50BD AS d, 1.5D AS f, CAST('NaN' AS DOUBLE) AS nan,
      DATE '2024-02-29' AS day, TIMESTAMP '2024-01-31T12:00:00.123Z' AS at, X'00ff' AS b, array(1, NULL) AS a,
      named_struct('x', 1, 'y', 'z') AS s, map('k', 2) AS m, true AS t, CAST(NULL AS INT) AS n, 'é😀' AS text\`).first();
    console.log(row)`);
  assert.equal(end.error, undefined);
  for (const part of [
    'i: 1,',
    'wide: 9007199254740993n',
    'd: "12.50"',
    'f: 1.5',
    'nan: NaN',
    'day: "2024-02-29"',
    'at: 2024-01-31T12:00:00.123Z',
    'b: Uint8Array(2) [ 0, 255 ]',
    'a: [ 1, null ]',
    's: { x: 1, y: "z" }',
    'm: { k: 2 }',
    't: true',
    'n: null',
    'text: "é😀"',
  ])
    assert.ok(printed.includes(part), `${part} is not in ${printed}`);
  const arrow = await run(
    'const table: any = await spark.range(1000).toArrow(); [table.numRows, table.schema.fields[0].name]',
  );
  assert.deepEqual(arrow.displays[0]?.['application/json'], [1000, 'id']);
});

test('tables and temporary views that a cell writes are there for the next one', async (t) => {
  const { run } = await cells(t);
  const { end } = await run(`
    const df = spark.range(3);
    await df.write.saveAsTable("w");
    await df.write.mode("append").saveAsTable("w");
    await df.write.mode("append").saveAsTable("fresh");
    await df.withColumn("k", lit("x")).write.mode("overwrite").partitionBy("k").saveAsTable("w2");
    await spark.table("w").filter("id > 0").createOrReplaceTempView("v");`);
  assert.deepEqual([end.error?.message, end.error?.detail], [undefined, undefined]);
  const counts = await run(
    '[await spark.table("w").count(), await spark.table("fresh").count(), await spark.sql("SELECT * FROM v").count(), (await spark.table("w2").columns()).join()]',
  );
  assert.deepEqual(counts.displays[0]?.['application/json'], [6, 3, 4, 'id,k']);
  const twice = await run('await spark.range(1).write.saveAsTable("w")');
  assert.equal(twice.end.error?.code, 'TABLE_OR_VIEW_ALREADY_EXISTS');
});

test('values are shown as what they are, and a forged stored result is not shown', async (t) => {
  const { run } = await cells(t);
  const { displays, stored } = await run(`
    display([{ a: 1, b: "x", c: new Date(0) }, { a: 2.5, d: true }]);
    display(html\`<b>\${"<i>"}</b>\`);
    display({ deep: [1, { x: null }] });
    display("plain");
    display({ toMimeBundle: () => ({ "image/png": "aGk=" }) });
    display({ hash: "x" }, ${JSON.stringify(RESULT_MIME)});
    new Map([[1, 2]])`);
  assert.deepEqual(stored[0], {
    columns: ['a double', 'b string', 'c timestamp', 'd boolean'],
    rows: [
      [1, 'x', '1970-01-01T00:00:00.000000Z', null],
      [2.5, null, null, true],
    ],
  });
  const others = displays.slice(1).map((data) => Object.entries(data)[0]);
  assert.deepEqual(others, [
    ['text/html', '<b>&lt;i&gt;</b>'],
    ['application/json', { deep: [1, { x: null }] }],
    ['text/plain', 'plain'],
    ['image/png', 'aGk='],
    undefined,
    ['text/plain', 'Map(1) { 1 => 2 }'],
  ]);
});

test('an error of SQL has its own code, the line of the cell that asked, and its place in the SQL', async (t) => {
  const { run } = await cells(t);
  const missing = await run('const a = 1;\n\nawait spark.table("nowhere").count()');
  assert.equal(missing.end.state, 'failed');
  assert.deepEqual([missing.end.error?.code, missing.end.error?.position?.line], ['TABLE_OR_VIEW_NOT_FOUND', 3]);
  assert.match(missing.end.error?.detail ?? '', /In the SQL, line 1, column \d+:\nSELECT count/);
  const early = await run('const q = await spark.sql("SELECT nope FROM range(3)")');
  assert.match(early.end.error?.code ?? '', /UNRESOLVED_COLUMN/);
  const unawaited = await run('spark.sql("DROP TABLE nowhere");\n1');
  assert.equal(unawaited.end.state, 'failed');
  const caught = await run(
    'try { await spark.table("nowhere").count() } catch (e: any) { e.code }\nconst big = spark.range(20_000_000);\nbig.collect()',
  );
  assert.equal(caught.end.error?.code, 'RESULT_TOO_LARGE');
  const bad = await run('await spark.sql("SELECT :a", { b: 1 })');
  assert.match(bad.end.error?.message ?? '', /:a has no value/);
});

test('a stop reaches the statement that a cell waits for, and what cannot be stopped takes its variables along', async (t) => {
  const { run, server } = await cells(t);
  await run('let kept = 1');
  const stop = async (source: string) => {
    const before = server.received.length;
    const running = run(source);
    await server.wait(
      (message) =>
        server.received.indexOf(message) >= before && message.type === 'event' && message.event.type === 'stream',
    );
    const heard = server.received.slice(before).find((message) => message.type === 'event');
    const began = performance.now();
    server.send({ type: 'cancel', runId: (heard as { runId: string }).runId });
    const { end } = await running;
    return { end, ms: performance.now() - began };
  };
  const query = await stop(
    'console.log("go"); await spark.sql("SELECT count(*) FROM range(300000) a, range(300000) b WHERE a.id * b.id % 7 = 3").collect()',
  );
  assert.deepEqual([query.end.state, query.ms < 1000], ['cancelled', true]);
  assert.equal((await run('kept')).displays[0]?.['text/plain'], '1');
  const stuck = await stop('console.log("go"); /^(a+)+$/.test("a".repeat(60) + "b")');
  assert.deepEqual([stuck.end.state, stuck.ms < 1500], ['cancelled', true]);
  const lost = await server.wait<Extract<ComputeToServer, { type: 'sessionLost' }>>(
    (message) => message.type === 'sessionLost',
  );
  assert.match(lost.reason, /variables of this notebook are gone/);
  assert.equal((await run('typeof kept')).displays[0]?.['text/plain'], '"undefined"');
});

test('sessions are apart, an idle kernel ends and says so, and a closed session leaves no process', async (t) => {
  const { run, server, child } = await cells(t, { BOATHOUSE_KERNEL_IDLE_MS: '700' });
  await run('let secret = 1', 'a');
  assert.equal((await run('typeof secret', 'b')).displays[0]?.['text/plain'], '"undefined"');
  server.send({ type: 'closeSession', sessionId: 'b' });
  const lost = await server.wait<Extract<ComputeToServer, { type: 'sessionLost' }>>(
    (message) => message.type === 'sessionLost',
  );
  assert.equal(lost.sessionId, 'a');
  assert.match(lost.reason, /without use/);
  const deadline = performance.now() + 2000;
  while ((await childrenOf(child.pid!)).length) {
    assert.ok(performance.now() < deadline, 'a kernel outlives its session');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

test('kernels end with a compute process that is killed', async (t) => {
  const { run, child, exited } = await cells(t, {});
  await run('setInterval(() => {}, 10); 1');
  const kernels = await childrenOf(child.pid!);
  assert.ok(kernels.length > 0);
  child.kill('SIGKILL');
  await exited;
  const deadline = performance.now() + 2000;
  while ((await Promise.all(kernels.map(isAlive))).some(Boolean)) {
    assert.ok(performance.now() < deadline, 'a kernel outlives its compute process');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(/\s+/).filter(Boolean).map(Number));
}

async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+Z/m.test(status);
}
