import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, password, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let ada: Client;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const api = '/api/2.0/boathouse';

test('of two people who set up at once, one becomes the administrator and the other is told', async () => {
  const before = await server.client().get(`${api}/state`);
  assert.deepEqual(before.body, { setUp: false, signedIn: false, workspaceName: null });
  const clients = [server.client(), server.client()];
  const answers = await Promise.all(
    clients.map((client, index) =>
      client.send('POST', `${api}/setup`, {
        name: 'Ada Lovelace',
        email: `ada${index}@example.com`,
        password,
        workspaceName: 'Engines',
      }),
    ),
  );
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
  assert.equal(answers.find((answer) => answer.status === 409)!.body.error_code, 'ALREADY_SET_UP');
  ada = clients[answers.findIndex((answer) => answer.status === 201)]!;
  const me = await ada.get(`${api}/me`);
  assert.equal(me.body.role, 'admin');
  assert.equal(me.body.workspace.name, 'Engines');
  assert.equal(me.headers.get('x-databricks-org-id'), me.body.workspace.number);
  assert.deepEqual((await ada.get(`${api}/state`)).body, { setUp: true, signedIn: true, workspaceName: 'Engines' });
});

test('nobody is somebody without a session or a token', async () => {
  const answer = await server.client().get(`${api}/me`);
  assert.equal(answer.status, 401);
  assert.equal(answer.body.error_code, 'UNAUTHENTICATED');
  assert.equal((await server.client('bh_wrong').get(`${api}/me`)).status, 401);
});

test('a cookie whose signature was changed signs nobody in', async () => {
  const forged = ada.cookie().replace(/\.[^.]*$/, '.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D');
  const answer = await server.client().send('GET', `${api}/me`, undefined, { cookie: forged });
  assert.equal(answer.status, 401);
});

test('another site cannot use the cookie of a signed-in person', async () => {
  const foreign = await ada.send('POST', `${api}/tokens`, { comment: 'stolen' }, { origin: 'http://evil.example' });
  assert.equal(foreign.status, 403);
  assert.deepEqual((await ada.get(`${api}/tokens`)).body, { tokens: [] });
});

test('a token is shown once, works until it is revoked, and is stored as a hash only', async () => {
  const created = await ada.send('POST', `${api}/tokens`, { comment: 'for the pipeline' });
  assert.equal(created.status, 201);
  assert.match(created.body.token, /^bh_.{40,}/);
  const script = server.client(created.body.token);
  assert.equal((await script.get(`${api}/me`)).body.name, 'Ada Lovelace');
  const { rows } = await server.app.services.pool.query('select * from access_token');
  assert.equal(JSON.stringify(rows).includes(created.body.token), false);
  await ada.send('DELETE', `${api}/tokens/${created.body.view.id}`);
  assert.equal((await script.get(`${api}/me`)).status, 401);
});

test('a token with a lifetime ends with it', async () => {
  const created = await ada.send('POST', '/api/2.0/token/create', { comment: 'short', lifetime_seconds: 1 });
  const script = server.client(created.body.token_value);
  assert.equal((await script.get('/api/2.0/token/list')).body.token_infos.length, 1);
  await server.app.services.pool.query(
    `update access_token set "expiresAt" = now() - interval '1 second' where id = $1`,
    [created.body.token_info.token_id],
  );
  assert.equal((await script.get('/api/2.0/token/list')).status, 401);
});

test('an invitation makes one member, once', async () => {
  const invited = await ada.send('POST', `${api}/invites`, { email: 'Bob@Example.com', role: 'member' });
  assert.equal(invited.status, 201);
  assert.ok(invited.body.link.startsWith(`${server.origin}/invite#`));
  const { token } = invited.body;
  assert.equal(
    (await server.client().send('POST', `${api}/invitation/look-up`, { token })).body.email,
    'bob@example.com',
  );
  const bob = server.client();
  const accepted = await bob.send('POST', `${api}/invitation/accept`, { token, name: 'Bob', password });
  assert.equal(accepted.status, 201);
  assert.equal((await bob.get(`${api}/me`)).body.homePath, '/Users/bob@example.com');
  assert.equal(
    (await server.client().send('POST', `${api}/invitation/accept`, { token, name: 'Eve', password })).body.error_code,
    'INVITATION_NOT_VALID',
  );
  assert.equal((await bob.send('POST', `${api}/invites`, { email: 'eve@example.com', role: 'admin' })).status, 403);
  assert.equal((await bob.get(`${api}/invites`)).status, 403);
});

test('a revoked invitation opens nothing', async () => {
  const { body } = await ada.send('POST', `${api}/invites`, { email: 'carl@example.com', role: 'member' });
  assert.equal((await ada.get(`${api}/invites`)).body.invites.length, 1);
  await ada.send('DELETE', `${api}/invites/${body.invite.id}`);
  assert.equal((await server.client().send('POST', `${api}/invitation/look-up`, { token: body.token })).status, 404);
});

test('nobody signs up by themselves', async () => {
  const answer = await server
    .client()
    .send('POST', '/api/auth/sign-up/email', { name: 'Eve', email: 'eve@example.com', password });
  assert.ok(answer.status >= 400, String(answer.status));
  const { rowCount } = await server.app.services.pool.query(`select 1 from "user" where email = 'eve@example.com'`);
  assert.equal(rowCount, 0);
});

test('people and sessions are changed by the routes of the workspace alone, not past their checks', async () => {
  for (const path of ['update-user', 'change-password', 'delete-user', 'list-sessions', 'get-session']) {
    const { status, body } = await ada.send('POST', `/api/auth/${path}`, { name: '' });
    assert.deepEqual([status, body.error_code], [404, 'ENDPOINT_NOT_FOUND'], path);
  }
});

test('signing in and out works, and the session ends with it', async () => {
  const bob = server.client();
  assert.equal(
    (await bob.send('POST', '/api/auth/sign-in/email', { email: 'bob@example.com', password: 'wrong password' }))
      .status,
    401,
  );
  assert.equal((await bob.send('POST', '/api/auth/sign-in/email', { email: 'bob@example.com', password })).status, 200);
  const cookie = bob.cookie();
  assert.equal((await bob.get(`${api}/me`)).body.name, 'Bob');
  const { rows } = await server.app.services.pool.query(
    `select count(*)::int as count from audit_event where action = 'sign-in'`,
  );
  assert.ok(rows[0].count >= 2, 'sign-ins are noted');
  assert.equal((await bob.send('POST', '/api/auth/sign-out', {})).status, 200);
  assert.equal((await server.client().send('GET', `${api}/me`, undefined, { cookie })).status, 401);
});

test('the last administrator stays one, and a removed member is out at once', async () => {
  const me = (await ada.get(`${api}/me`)).body;
  assert.equal(
    (await ada.send('PATCH', `${api}/members/${me.userId}`, { role: 'member' })).body.error_code,
    'LAST_ADMIN',
  );
  const carl = await server.member(ada, 'carl');
  const { userId } = (await carl.get(`${api}/me`)).body;
  assert.equal((await ada.send('PATCH', `${api}/members/${userId}`, { role: 'admin' })).body.role, 'admin');
  assert.equal((await carl.get(`${api}/invites`)).status, 200);
  assert.equal((await ada.send('DELETE', `${api}/members/${userId}`)).status, 200);
  assert.equal((await carl.get(`${api}/me`)).status, 401);
});

test('who was removed can be invited again and finds what was theirs', async () => {
  const dora = await server.member(ada, 'dora');
  const { userId } = (await dora.get(`${api}/me`)).body;
  const { id } = (await dora.send('POST', `${api}/objects`, { kind: 'notebook', name: 'mine' })).body;
  await ada.send('DELETE', `${api}/members/${userId}`);
  assert.equal((await dora.get(`${api}/objects/${id}`)).status, 401);
  const again = await server.member(ada, 'dora');
  assert.equal((await again.get(`${api}/me`)).body.userId, userId);
  assert.equal((await again.get(`${api}/objects/${id}`)).body.level, 'manage');
});

test('the SCIM answer names the person and the administrators group', async () => {
  const { body } = await ada.get('/api/2.0/preview/scim/v2/Me');
  assert.equal(body.displayName, 'Ada Lovelace');
  assert.ok(body.groups.some((group: { display: string }) => group.display === 'admins'));
});

test('the sixth try to sign in within ten seconds is refused with 429', async () => {
  const answers = [];
  for (let count = 0; count < 6; count++) {
    answers.push(
      await server
        .client()
        .send('POST', '/api/auth/sign-in/email', { email: 'bob@example.com', password: 'wrong password' }),
    );
  }
  const last = answers.at(-1)!;
  assert.equal(last.status, 429);
  assert.match(last.body.message, /Wait \d+ seconds/);
});
