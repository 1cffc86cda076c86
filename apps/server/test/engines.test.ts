import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PlanEnvelope, SessionState } from '@boathouse/contracts';
import { engineAddress } from '../engines/address.ts';
import { createSeal } from '../engines/seal.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const path = '/api/2.0/boathouse/engines';
const secret = 'a-token-of-spark';
let server: TestServer;
let ada: Client;
let bo: Client;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bo = await server.member(ada, 'bo');
});
after(() => server.stop());

const attach = async (name: string, more: object = {}) => {
  const { status, body } = await ada.send('POST', path, { name, url: 'sc://spark.example:15002', tls: false, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const warehouses = async (person: Client) =>
  (await person.get('/api/2.0/sql/warehouses')).body.warehouses.map((it: { name: string }) => it.name);

test('an administrator attaches Spark; its token is kept sealed and never shown again', async () => {
  const engine = await attach('analytics', { token: secret, tls: true });
  assert.equal(engine.hasToken, true);
  assert.equal(engine.url, 'sc://spark.example:15002');
  assert.ok(!(await ada.get(path)).text.includes(secret));
  const { rows } = await server.app.services.pool.query('SELECT * FROM engine');
  assert.ok(!JSON.stringify(rows).includes(secret));
  assert.equal(
    (await bo.send('POST', path, { name: 'mine', url: 'h', tls: false })).body.error_code,
    'PERMISSION_DENIED',
  );
  assert.equal((await ada.send('POST', path, { name: 'Analytics', url: 'h', tls: false })).status, 409);
  assert.equal((await ada.send('DELETE', `${path}/${engine.id}`)).status, 200);
  assert.deepEqual((await ada.get(path)).body.engines, []);
});

test('who may use an engine sees it, also as a SQL warehouse; for others there is none', async () => {
  const all = await attach('for all');
  const some = await attach('for some', { everybody: false, users: [] });
  assert.deepEqual(await warehouses(bo), ['Boathouse engine', 'for all']);
  assert.deepEqual(await warehouses(ada), ['Boathouse engine', 'for all', 'for some']);
  const statement = { statement: 'select 1', warehouse_id: some.id };
  assert.equal(
    (await bo.send('POST', '/api/2.0/sql/statements', statement)).body.error_code,
    'RESOURCE_DOES_NOT_EXIST',
  );
  assert.equal((await bo.send('POST', `${path}/${some.id}/check`)).body.error_code, 'ENGINE_NOT_FOUND');
  const shared = await ada.send('PATCH', `${path}/${some.id}`, { users: ['bo@example.com'] });
  assert.deepEqual(shared.body.users, ['bo@example.com']);
  assert.deepEqual(await warehouses(bo), ['Boathouse engine', 'for all', 'for some']);
  // To whom it is shared besides is the administrators' affair.
  assert.deepEqual(
    (await bo.get(path)).body.engines.map((it: { users: string[] }) => it.users),
    [[], []],
  );
  const stranger = await ada.send('PATCH', `${path}/${some.id}`, { users: ['nobody@example.com'] });
  assert.equal(stranger.body.error_code, 'INVALID_PARAMETER_VALUE');
  for (const { id } of [all, some]) await ada.send('DELETE', `${path}/${id}`);
});

test('who is removed from the workspace does not find their engines when they come again', async () => {
  const carl = await server.member(ada, 'carl');
  const { id } = await attach('team', { everybody: false, users: ['carl@example.com'] });
  assert.deepEqual(await warehouses(carl), ['Boathouse engine', 'team']);
  const { members } = (await ada.get('/api/2.0/boathouse/members')).body;
  const { userId } = members.find((it: { email: string }) => it.email === 'carl@example.com');
  await ada.send('DELETE', `/api/2.0/boathouse/members/${userId}`);
  const shown = (await ada.get(path)).body.engines.find((it: { id: string }) => it.id === id);
  assert.deepEqual(shown.users, []);
  await ada.send('DELETE', `${path}/${id}`);
});

test('a new address forgets the token: it goes to no other server', async () => {
  const { id } = await attach('moving', { token: secret });
  assert.equal((await ada.send('PATCH', `${path}/${id}`, { name: 'moved' })).body.hasToken, true);
  assert.equal((await ada.send('PATCH', `${path}/${id}`, { url: 'sc://other.example' })).body.hasToken, false);
  assert.equal((await ada.send('PATCH', `${path}/${id}`, { token: secret })).body.hasToken, true);
  assert.equal((await ada.send('PATCH', `${path}/${id}`, { token: null })).body.hasToken, false);
  await ada.send('DELETE', `${path}/${id}`);
});

test('a plan for an attached engine carries its query in the words of Spark, and where it runs', async () => {
  const { id } = await attach('planner', { token: secret, storageUrl: 's3a://lake/tables' });
  const { rows } = await server.app.services.pool.query('SELECT "userId", "workspaceId" FROM member WHERE role = $1', [
    'admin',
  ]);
  const { userId, workspaceId } = rows[0];
  const plan = async (text: string) => {
    const planned = await server.app.services.planning.plan({
      text,
      session: SessionState.parse({
        id: 's',
        catalog: 'main',
        schema: 'default',
        settings: { 'spark.sql.shuffle.partitions': '7', 'spark.sql.variable.substitute': 'true' },
      }),
      principal: { userId, name: 'Ada', admin: true },
      workspaceId,
      runId: 'r',
      parameters: [],
      engine: id,
    });
    return { ...planned, envelope: PlanEnvelope.parse(JSON.parse(planned.signed.payload)) };
  };
  const query = await plan('SELECT current_user() AS me, 1 AS one');
  assert.equal(query.engine, 'Spark: planner');
  assert.deepEqual(query.envelope.engine, {
    engineId: id,
    name: 'planner',
    url: 'sc://spark.example:15002',
    tls: false,
    token: secret,
    storageUrl: 's3a://lake/tables',
    settings: { 'spark.sql.shuffle.partitions': '7' },
  });
  assert.ok(query.body.kind === 'query');
  assert.deepEqual(query.body.query.sparkText, ["SELECT  'ada@example.com' AS me, 1 AS one"]);
  // What asks no engine for rows needs none.
  const shown = await plan('SHOW SCHEMAS');
  assert.equal(shown.engine, undefined);
  assert.equal(shown.envelope.engine, undefined);
  await ada.send('DELETE', `${path}/${id}`);
  await assert.rejects(plan('SELECT 1'), { code: 'ENGINE_NOT_FOUND' });
});

test('an address is read as Spark writes it', () => {
  assert.deepEqual(engineAddress('sc://Spark.example'), { url: 'sc://spark.example:15002' });
  assert.deepEqual(engineAddress('localhost:9/'), { url: 'sc://localhost:9' });
  assert.deepEqual(engineAddress('sc://[::1]:15002/;use_ssl=true;token=a%3Db'), {
    url: 'sc://[::1]:15002',
    tls: true,
    token: 'a=b',
  });
  for (const text of ['http://spark.example', 'a b', 'h:99999', 'h;user_id=ada', ''])
    assert.throws(() => engineAddress(text), { code: 'INVALID_PARAMETER_VALUE' }, text);
});

test('a sealed token opens for its own engine and installation only', () => {
  const { seal, open } = createSeal(server.app.services.installationKey);
  const sealed = seal(secret, 'a');
  assert.equal(open(sealed, 'a'), secret);
  assert.notEqual(seal(secret, 'a'), sealed);
  assert.throws(() => open(sealed, 'b'), { code: 'ENGINE_TOKEN_UNREADABLE' });
});
