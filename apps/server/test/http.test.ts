import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import * as contracts from '@boathouse/contracts';
import { routes } from '../routes/index.ts';
import { startServer, type TestServer } from './harness.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const withHost = (path: string, host: string) =>
  new Promise<number>((resolve, reject) => {
    request({ port: server.app.port, host: '127.0.0.1', path, headers: { host } }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

test('health needs no sign-in and says what is there', async () => {
  const { body, status } = await server.client().get('/healthz');
  assert.deepEqual([status, body.status, body.database, body.compute], [200, 'ok', 'ok', 0]);
});

test('Databricks clients find their configuration at once', async () => {
  const { body, status } = await server.client().get('/.well-known/databricks-config');
  assert.equal(status, 200);
  assert.equal(body.oidc_endpoint, `${server.origin}/oidc`);
});

test('an unknown path of the API is 404 at once, in the shape of its errors', async () => {
  const { body, status } = await server.client().get('/api/2.0/no/such/thing');
  assert.deepEqual([status, body.error_code], [404, 'ENDPOINT_NOT_FOUND']);
  const wrong = await server.client().send('DELETE', '/api/2.0/boathouse/me');
  assert.deepEqual([wrong.status, wrong.body.error_code], [405, 'METHOD_NOT_ALLOWED']);
});

test('a name that somebody else points at this machine is not answered', async () => {
  assert.equal(await withHost('/healthz', 'evil.example'), 421);
  assert.equal(await withHost('/api/2.0/boathouse/state', `localhost.evil.example:${server.app.port}`), 421);
  assert.equal(await withHost('/healthz', `localhost:${server.app.port}`), 200);
});

test('bodies that are not JSON, or too large, are refused', async () => {
  const post = (body: string) =>
    fetch(`${server.origin}/api/2.0/boathouse/setup`, {
      method: 'POST',
      body,
      headers: { origin: server.origin, 'content-type': 'application/json' },
    });
  assert.match(await (await post('{')).text(), /MALFORMED_REQUEST/);
  assert.equal((await post(`"${'x'.repeat(17 * 1024 * 1024)}"`)).status, 413);
});

test('a NUL character, which no text of the database holds, is refused wherever it stands', async () => {
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${server.origin}/api/2.0/boathouse/${path}`, init);
    return [answer.status, ((await answer.json()) as { error_code?: string }).error_code];
  };
  const post = (body: unknown) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { origin: server.origin, 'content-type': 'application/json' },
  });
  const refused = [400, 'INVALID_PARAMETER_VALUE'];
  assert.deepEqual(await ask('invitation/look-up', post({ token: 'a\0b' })), refused);
  assert.deepEqual(await ask('statement-links/a%00b'), refused);
  // Written out as an escape of SQL it is six characters like others.
  assert.deepEqual(await ask('invitation/look-up', post({ token: '\\u0000' })), [404, 'INVITATION_NOT_VALID']);
});

test('an upgrade with a strange path is refused and ends nothing', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.app.port, '127.0.0.1', () => {
      socket.write('GET //[ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    socket.on('data', (data) => resolve(data.toString()));
    socket.on('close', () => resolve('closed'));
    socket.on('error', reject);
  });
  assert.match(answer, /^HTTP\/1.1 404/);
  assert.equal((await server.client().get('/healthz')).status, 200);
});

test('every answer forbids sniffing and framing', async () => {
  const { headers } = await server.client().get('/healthz');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-frame-options'), 'DENY');
});

test('every route of the contracts is implemented, and nothing else is', () => {
  const isRoute = (value: unknown): value is contracts.RouteContract =>
    typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'needs' in value;
  const name = (contract: contracts.RouteContract) => `${contract.method} ${contract.path}`;
  // Jobs have their routes in two versions: each is an object of contracts.
  const offered = Object.values<unknown>(contracts).flat();
  const grouped = offered.flatMap((it) => (typeof it === 'object' && it !== null ? Object.values(it) : []));
  const promised = [...offered, ...grouped].filter(isRoute).map(name);
  const kept = routes(server.app.services).map((route) => name(route.contract));
  assert.deepEqual(
    promised.filter((route) => !kept.includes(route)),
    [],
    'promised and not implemented',
  );
  assert.deepEqual(
    kept.filter((route) => !promised.includes(route)),
    [],
    'implemented and not promised',
  );
});

test('the OpenAPI document describes every route', async () => {
  const { body } = await server.client().get('/api/2.0/boathouse/openapi.json');
  assert.equal(body.openapi, '3.1.0');
  const operations = Object.values(body.paths).flatMap((path) => Object.keys(path as object));
  assert.equal(operations.length, routes(server.app.services).length);
  const setup = body.paths['/api/2.0/boathouse/setup'].post;
  assert.deepEqual(setup.requestBody.content['application/json'].schema.required, ['name', 'email', 'password']);
  assert.equal(body.paths['/api/2.0/boathouse/objects/{objectId}'].patch.parameters[0].name, 'objectId');
});
