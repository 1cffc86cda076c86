import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let ada: Client;
let bob: Client;
const uc = '/api/2.1/unity-catalog';

before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
});
after(() => server.stop());

const put = (who: Client, path: string, body: string | Uint8Array, query = '') =>
  fetch(`${server.origin}/api/2.0/fs/files${path}${query}`, {
    method: 'PUT',
    headers: { cookie: who.cookie(), origin: server.origin },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
const get = (who: Client, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.origin}/api/2.0/fs/files${path}`, { headers: { cookie: who.cookie(), ...headers } });

test('a new workspace has the catalog main with the schema default, and members see no more than that', async () => {
  const { body, headers } = await bob.get(`${uc}/catalogs`);
  assert.deepEqual(
    body.catalogs.map((it: { name: string }) => it.name),
    ['main'],
  );
  assert.match(headers.get('x-databricks-org-id') ?? '', /^\d+$/);
  assert.equal((await bob.get(`${uc}/schemas?catalog_name=main`)).body.schemas[0].full_name, 'main.default');
});

test('schemas and volumes are created, listed in pages, changed and deleted through the API', async () => {
  for (const name of ['a', 'b', 'c']) {
    assert.equal(
      (await ada.send('POST', `${uc}/schemas`, { name, catalog_name: 'main', comment: `schema ${name}` })).status,
      200,
    );
  }
  const first = (await ada.get(`${uc}/schemas?catalog_name=main&max_results=3`)).body;
  assert.deepEqual(
    first.schemas.map((it: { name: string }) => it.name),
    ['a', 'b', 'c'],
  );
  const second = (await ada.get(`${uc}/schemas?catalog_name=main&max_results=3&page_token=${first.next_page_token}`))
    .body;
  assert.deepEqual(
    [second.schemas.map((it: { name: string }) => it.name), second.next_page_token],
    [['default'], undefined],
  );

  const made = await ada.send('POST', `${uc}/volumes`, {
    name: 'v',
    catalog_name: 'main',
    schema_name: 'a',
    volume_type: 'MANAGED',
  });
  assert.equal(made.body.full_name, 'main.a.v');
  assert.match(made.body.storage_location, /^file:\/\//);
  assert.equal((await ada.send('PATCH', `${uc}/volumes/main.a.v`, { new_name: 'w' })).body.full_name, 'main.a.w');
  const refused = await ada.send('DELETE', `${uc}/schemas/main.a`);
  assert.deepEqual([refused.status, refused.body.error_code], [409, 'SCHEMA_NOT_EMPTY']);
  assert.equal((await ada.send('DELETE', `${uc}/schemas/main.a?force=true`)).status, 200);
  assert.equal((await ada.get(`${uc}/volumes/main.a.w`)).status, 404);
});

test('a field that is not honoured is refused by name', async () => {
  const answer = await ada.send('POST', `${uc}/catalogs`, { name: 'x', storage_root: 's3://bucket' });
  assert.deepEqual([answer.status, answer.body.error_code], [400, 'INVALID_PARAMETER_VALUE']);
  assert.match(answer.body.message, /storage_root/);
});

test('grants through the API decide what a member sees; only who manages may grant', async () => {
  await ada.send('POST', `${uc}/schemas`, { name: 'team', catalog_name: 'main' });
  assert.equal((await bob.get(`${uc}/schemas/main.team`)).status, 404);
  const patch = { changes: [{ principal: 'bob@example.com', add: ['USE_SCHEMA', 'CREATE_VOLUME'] }] };
  assert.equal((await bob.send('PATCH', `${uc}/permissions/schema/main.default`, patch)).status, 403);
  const granted = await ada.send('PATCH', `${uc}/permissions/SCHEMA/main.team`, patch);
  assert.deepEqual(granted.body.privilege_assignments, [
    { principal: 'bob@example.com', privileges: ['CREATE_VOLUME', 'USE_SCHEMA'] },
  ]);
  assert.equal((await bob.get(`${uc}/schemas/main.team`)).status, 200);
  assert.equal(
    (
      await bob.send('POST', `${uc}/volumes`, {
        name: 'mine',
        catalog_name: 'main',
        schema_name: 'team',
        volume_type: 'MANAGED',
      })
    ).status,
    200,
  );
  const effective = await ada.get(`${uc}/effective-permissions/volume/main.team.mine?principal=account%20users`);
  assert.deepEqual(effective.body.privilege_assignments, []);
});

test('a file goes up, down, in parts, into lists and away; nothing escapes its volume', async () => {
  await ada.send('POST', `${uc}/volumes`, {
    name: 'files',
    catalog_name: 'main',
    schema_name: 'default',
    volume_type: 'MANAGED',
  });
  const path = '/Volumes/main/default/files';
  assert.equal((await put(ada, `${path}/in%20box/a.csv`, 'id\n1\n2\n')).status, 204);
  const twice = await put(ada, `${path}/in%20box/a.csv`, 'x');
  assert.deepEqual(
    [twice.status, ((await twice.json()) as { error_code: string }).error_code],
    [409, 'ALREADY_EXISTS'],
  );
  assert.equal((await put(ada, `${path}/in%20box/a.csv`, 'id\n1\n2\n3\n', '?overwrite=true')).status, 204);
  assert.equal(await (await get(ada, `${path}/in%20box/a.csv`)).text(), 'id\n1\n2\n3\n');
  const part = await get(ada, `${path}/in%20box/a.csv`, { range: 'bytes=3-4' });
  assert.deepEqual([part.status, await part.text(), part.headers.get('content-range')], [206, '1\n', 'bytes 3-4/9']);
  assert.equal((await get(ada, `${path}/in%20box/a.csv`, { range: 'bytes=99-' })).status, 416);
  const head = await ada.send('HEAD', `/api/2.0/fs/files${path}/in%20box/a.csv`);
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '9']);

  assert.equal((await ada.send('PUT', `/api/2.0/fs/directories${path}/empty/deep`)).status, 204);
  const list = await ada.get(`/api/2.0/fs/directories${path}?page_size=1`);
  assert.equal(list.body.contents[0].name, 'empty');
  const rest = await ada.get(`/api/2.0/fs/directories${path}/?page_size=5&page_token=${list.body.next_page_token}`);
  assert.deepEqual(rest.body.contents, [{ path: `${path}/in box/`, name: 'in box', is_directory: true }]);
  assert.equal((await ada.send('HEAD', `/api/2.0/fs/directories${path}/empty`)).status, 200);
  assert.equal((await ada.send('HEAD', `/api/2.0/fs/directories${path}/nowhere`)).status, 404);
  assert.equal(
    (await ada.send('DELETE', `/api/2.0/fs/directories${path}/empty`)).body.error_code,
    'DIRECTORY_NOT_EMPTY',
  );
  assert.equal((await ada.send('DELETE', `/api/2.0/fs/directories${path}/empty/deep`)).status, 204);

  for (const wrong of ['a%2f..%2f..%2fx', '..%2fx', 'a%5c..%5cb', 'a%00b', '%2fetc']) {
    assert.equal((await rawPut(`/api/2.0/fs/files${path}/${wrong}`)).status, 400, wrong);
  }
  // Another name than one with single slashes, and an empty one: every verb refuses it, nothing is put elsewhere.
  for (const doubled of [`${path}//in%20box/a.csv`, `${path}/in%20box//a.csv`, '/Volumes//main/default/files/a.csv']) {
    for (const method of ['PUT', 'GET', 'HEAD', 'DELETE'])
      assert.equal((await ada.send(method, `/api/2.0/fs/files${doubled}`)).status, 400, `${method} ${doubled}`);
    for (const method of ['PUT', 'GET', 'HEAD', 'DELETE'])
      assert.equal((await ada.send(method, `/api/2.0/fs/directories${doubled}`)).status, 400, `${method} ${doubled}`);
  }
  assert.match((await ada.get(`/api/2.0/fs/files${path}/a//b`)).body.message, /empty segment/);
  assert.equal((await get(bob, `${path}/in%20box/a.csv`)).status, 404);
  await ada.send('PATCH', `${uc}/permissions/volume/main.default.files`, {
    changes: [{ principal: 'bob@example.com', add: ['READ_VOLUME'] }],
  });
  assert.equal((await get(bob, `${path}/in%20box/a.csv`)).status, 200);
  assert.equal((await put(bob, `${path}/b.csv`, 'x')).status, 403);
  assert.equal((await ada.send('DELETE', `/api/2.0/fs/files${path}/in%20box/a.csv`)).status, 204);
  assert.equal((await get(ada, `${path}/in%20box/a.csv`)).status, 404);
});

test('an upload whose connection breaks leaves nothing', async () => {
  await ada.send('POST', `${uc}/volumes`, {
    name: 'broken',
    catalog_name: 'main',
    schema_name: 'default',
    volume_type: 'MANAGED',
  });
  const path = '/Volumes/main/default/broken/half.bin';
  await new Promise<void>((resolve) => {
    const sending = request(`${server.origin}/api/2.0/fs/files${path}`, {
      method: 'PUT',
      headers: { cookie: ada.cookie(), origin: server.origin, 'content-length': '1000000' },
    });
    sending.on('error', () => resolve());
    sending.write(Buffer.alloc(100_000), () => sending.destroy());
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await get(ada, path)).status, 404);
  assert.deepEqual((await ada.get('/api/2.0/fs/directories/Volumes/main/default/broken')).body.contents, []);
});

test('presigned transfer is refused at once, so that clients send the file in one request', async () => {
  const answer = await ada.send('POST', '/api/2.0/fs/create-upload-part-urls', {
    path: '/Volumes/main/default/files/x',
    count: 1,
  });
  assert.deepEqual([answer.status, answer.body.error_code], [404, 'FEATURE_DISABLED']);
});

/** fetch would tidy such paths up before it sends them. */
function rawPut(path: string): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        host: '127.0.0.1',
        port: server.app.port,
        method: 'PUT',
        path,
        headers: { cookie: ada.cookie(), origin: server.origin },
      },
      (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0 });
      },
    );
    sending.on('error', reject);
    sending.end('x');
  });
}

test('changing what one may not see is refused in the words of what is not there', async () => {
  await ada.send('POST', `${uc}/schemas`, { name: 'hidden', catalog_name: 'main' });
  const told = async (name: string) => {
    const grant = { changes: [{ principal: 'bob@example.com', add: ['USE SCHEMA'] }] };
    const answers = [
      await bob.send('PATCH', `${uc}/schemas/main.${name}`, { comment: 'x' }),
      await bob.send('PATCH', `${uc}/permissions/schema/main.${name}`, grant),
      await bob.send('DELETE', `${uc}/schemas/main.${name}`),
    ];
    return answers.map(({ status, body }) => [status, body.message.replaceAll(name, '…')]);
  };
  const hidden = await told('hidden');
  assert.deepEqual(hidden, await told('absent'));
  assert.equal(hidden[0]![0], 404);
  assert.equal((await bob.send('PATCH', `${uc}/schemas/main.default`, { comment: 'x' })).status, 403);
});
