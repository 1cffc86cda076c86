import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PlanEnvelope, type Principal, SessionState } from '@boathouse/contracts';
import { startCatalog } from '../../catalog/test/harness.ts';
import { createPlanning, type Planning } from '../index.ts';

let it: Awaited<ReturnType<typeof startCatalog>>;
let planning: Planning;
before(async () => {
  it = await startCatalog();
  planning = createPlanning({
    pool: it.pool,
    clock: it.clock,
    installationKey: it.privateKey,
    catalog: it.catalog,
    engines: { open: async () => undefined },
  });
});
after(() => it.stop());

const code = (name: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === name;
const session = (id = 's1') => SessionState.parse({ id, catalog: 'main', schema: 'default' });
async function plan(who: Principal, text: string, options: { session?: SessionState; runId?: string } = {}) {
  const runId = options.runId ?? (await it.addRun(who));
  return planning.plan({
    text,
    session: options.session ?? session(),
    principal: who,
    workspaceId: it.workspaceId,
    runId,
    parameters: [],
  });
}

test('a plan is signed by the installation key, names its run and runs out after a minute', async () => {
  await it.addTable('numbers', it.ann);
  const runId = await it.addRun(it.ann);
  const { signed, requires } = await plan(it.ann, 'select id from numbers where id > 3', { runId });
  assert.ok(verify(null, Buffer.from(signed.payload), it.publicKey, Buffer.from(signed.signature, 'base64')));
  const envelope = PlanEnvelope.parse(JSON.parse(signed.payload));
  assert.equal(envelope.runId, runId);
  assert.equal(envelope.expiresAtMs - envelope.issuedAtMs, 60_000);
  assert.ok(envelope.body.kind === 'query' && envelope.body.query.tables[0]?.source === 'delta');
  assert.ok(requires.some((one) => one.privilege === 'SELECT' && one.fullName === 'main.default.numbers'));
});

test('what a person may not know of is not found by their statement, and what they may only see is refused by name', async () => {
  await it.addTable('hidden', it.ann);
  await assert.rejects(plan(it.bob, 'select * from hidden'), code('TABLE_OR_VIEW_NOT_FOUND'));
  await plan(it.ann, 'grant modify on table hidden to `bob@x.org`');
  await assert.rejects(plan(it.bob, 'select * from hidden'), (error: Error) => {
    assert.match(error.message, /SELECT on table main\.default\.hidden.*ann@x\.org/);
    return code('PERMISSION_DENIED')(error);
  });
  await plan(it.ann, 'grant select on table hidden to `bob@x.org`');
  assert.equal((await plan(it.bob, 'select * from hidden')).body.kind, 'query');
  await plan(it.ann, 'revoke select on table hidden from `bob@x.org`');
  await assert.rejects(plan(it.bob, 'select * from hidden'), code('PERMISSION_DENIED'));
});

test('CREATE TABLE reserves its name and becomes visible with its commit; IF NOT EXISTS then does nothing', async () => {
  const runId = await it.addRun(it.ann);
  const { body } = await plan(it.ann, "create table made (id bigint, day date comment 'd') comment 'c'", { runId });
  assert.ok(body.kind === 'createTable' && body.mode === 'create');
  assert.equal(body.target.location, `tables/w1/${body.target.tableId}`);
  await assert.rejects(plan(it.ann, 'select * from made'), code('TABLE_OR_VIEW_NOT_FOUND'));
  await it.catalog.applyWrite(
    it.pool,
    { ...it.write(body.target.tableId, 'made'), columns: body.target.columns },
    runId,
  );
  assert.equal((await plan(it.ann, 'select day from made')).body.kind, 'query');
  assert.equal((await plan(it.ann, 'create table if not exists made (x int)')).body.kind, 'local');
  await assert.rejects(plan(it.ann, 'create table made (x int)'), code('TABLE_OR_VIEW_ALREADY_EXISTS'));
  const replaced = await plan(it.ann, 'create or replace table made as select 1 as one');
  assert.ok(replaced.body.kind === 'createTable' && replaced.body.mode === 'replace');
  assert.equal(replaced.body.target.tableId, body.target.tableId);
});

test('commands are done when their plan is answered, or leave nothing when they are refused', async () => {
  assert.equal((await plan(it.root, 'create schema lab')).body.kind, 'local');
  assert.ok(await it.catalog.reader('w1').schema(it.root, 'main', 'lab'));
  await assert.rejects(plan(it.bob, 'create schema other'), code('PERMISSION_DENIED'));
  await plan(it.root, 'drop schema lab');
  await assert.rejects(plan(it.root, 'drop schema lab'), code('SCHEMA_NOT_FOUND'));
  await it.addTable('gone', it.ann);
  await plan(it.ann, 'drop table gone');
  await assert.rejects(plan(it.ann, 'select * from gone'), code('TABLE_OR_VIEW_NOT_FOUND'));
});

test("a view lets people read its owner's table and no more", async () => {
  await it.addTable('salaries', it.ann);
  await plan(it.ann, 'create view big as select id from salaries where id > 1000');
  await plan(it.ann, 'grant select on table big to `account users`');
  assert.equal((await plan(it.bob, 'select * from big')).body.kind, 'query');
  await assert.rejects(plan(it.bob, 'select * from salaries'), code('TABLE_OR_VIEW_NOT_FOUND'));
  const edges = await it.pool.query(`SELECT 1 FROM lineage_edge WHERE "sourceKind" = 'table'`);
  assert.equal(edges.rows.length, 1);
});

test('USE and temporary views stay with the stored session', async () => {
  const state = session('kept');
  await it.pool.query(
    `INSERT INTO sql_session (id, "workspaceId", "principalId", state) VALUES ('kept', 'w1', $1, $2::jsonb)`,
    [it.root.userId, JSON.stringify(state)],
  );
  await plan(it.root, 'create schema if not exists elsewhere');
  const used = await plan(it.root, 'use schema elsewhere', { session: state });
  assert.equal(used.session?.schema, 'elsewhere');
  await plan(it.root, 'create temporary view v as select 7 as seven', { session: used.session ?? state });
  const { rows } = await it.pool.query<{ state: unknown }>(`SELECT state FROM sql_session WHERE id = 'kept'`);
  const kept = SessionState.parse(rows[0]?.state);
  assert.equal(kept.schema, 'elsewhere');
  assert.equal((await plan(it.root, 'select seven from v', { session: kept })).body.kind, 'query');
});

test('an import reserves its table, and asking again for the same run answers with the same table', async () => {
  const runId = await it.addRun(it.ann);
  const target = {
    workspaceId: 'w1',
    principal: it.ann,
    runId,
    catalog: 'main',
    schema: 'default',
    table: 'loaded',
    columns: [{ name: 'a', type: 'int', nullable: true }],
  };
  const first = await planning.planImport(target);
  const second = await planning.planImport(target);
  assert.equal(second.tableId, first.tableId);
  await plan(it.root, 'create schema if not exists locked');
  await assert.rejects(planning.planImport({ ...target, schema: 'locked', table: 'x' }), code('SCHEMA_NOT_FOUND'));
});

test('planning a simple SELECT takes a few milliseconds', async (t) => {
  await it.addTable('quick', it.ann);
  const times: number[] = [];
  const runId = await it.addRun(it.ann);
  for (let i = 0; i < 220; i++) {
    const from = performance.now();
    await plan(it.ann, 'select id from quick where id > 10 order by id desc limit 5', {
      runId,
    });
    if (i >= 20) times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`p50 ${times[100]!.toFixed(2)} ms, p95 ${times[190]!.toFixed(2)} ms`);
  assert.ok(times[100]! < 20);
});

test('a pipeline is planned as a whole: datasets get their tables before it starts, and only its own tables are written again', async () => {
  await it.addTable('source', it.ann);
  const text = {
    workspaceId: 'w1',
    principal: it.ann,
    catalog: 'main',
    schema: 'default',
    pieces: [
      { cellId: 'b', text: 'create or refresh materialized view second as select id from first where id > 1' },
      { cellId: 'a', text: 'create or refresh materialized view first as select id from source' },
    ],
  };
  const planned = await planning.planPipeline(text);
  assert.deepEqual(planned.graph.errors, []);
  const update = async (pipelineId: string) =>
    planning.sealPipeline({
      workspaceId: 'w1',
      principal: it.ann,
      runId: await it.addRun(it.ann),
      pipelineId,
      pipelineName: 'P',
      updateId: 'u',
      fullRefresh: false,
      cause: 'test',
      catalog: 'main',
      schema: 'default',
      eventLogColumns: [{ name: 'id', type: 'string', nullable: true }],
      planned,
    });
  const { plan, signed } = await update('p-1');
  assert.ok(verify(null, Buffer.from(signed.payload), it.publicKey, Buffer.from(signed.signature, 'base64')));
  assert.deepEqual(
    plan.flows.map((flow) => [flow.name.split('.').at(-1), flow.create]),
    [
      ['first', true],
      ['second', true],
    ],
  );
  const input = plan.flows[1]!.query.tables[0]!;
  assert.ok(
    input.source === 'delta' &&
      input.tableId === plan.flows[0]!.target.tableId &&
      input.location === plan.flows[0]!.target.location,
  );
  for (const one of [...plan.flows.map((flow) => flow.target), plan.eventLog]) {
    await it.catalog.applyWrite(it.pool, { ...it.write(one.tableId, ''), columns: one.columns }, null);
  }
  const again = await update('p-1');
  assert.deepEqual(
    again.plan.flows.map((flow) => [flow.target.tableId, flow.create]),
    plan.flows.map((flow) => [flow.target.tableId, false]),
  );
  await assert.rejects(update('p-2'), code('DATASET_OF_ANOTHER_PIPELINE'));
});

test('what is wrong with a pipeline is said before anything is reserved', async () => {
  const planned = await planning.planPipeline({
    workspaceId: 'w1',
    principal: it.ann,
    catalog: 'main',
    schema: 'default',
    pieces: [{ cellId: 'a', text: 'create or refresh materialized view x as select * from nowhere' }],
  });
  assert.equal(planned.graph.errors[0]?.code, 'TABLE_OR_VIEW_NOT_FOUND');
});
