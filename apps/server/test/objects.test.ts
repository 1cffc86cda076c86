import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let ada: Client;
let bob: Client;
let carl: Client;
let bobId: string;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
  carl = await server.member(ada, 'carl');
  bobId = (await bob.get(`${api}/me`)).body.userId;
});
after(() => server.stop());

const api = '/api/2.0/boathouse';
const create = async (client: Client, kind: string, name: string, parentPath?: string) =>
  (await client.send('POST', `${api}/objects`, { kind, name, parentPath })).body;
const names = async (client: Client, path: string) =>
  (await client.get(`${api}/objects?path=${encodeURIComponent(path)}`)).body.objects.map(
    (object: { name: string }) => object.name,
  );

test('a new member has a home, sees the shared folder, and nothing of others', async () => {
  assert.deepEqual(await names(bob, '/'), ['Shared', 'Users']);
  assert.deepEqual(await names(bob, '/Users'), ['bob@example.com']);
  assert.deepEqual(await names(ada, '/Users'), ['ada@example.com', 'bob@example.com', 'carl@example.com']);
  assert.equal((await carl.get(`${api}/objects?path=/Users/bob@example.com`)).status, 404);
});

test('a notebook goes to the home folder and is invisible to other members until it is shared', async () => {
  const notebook = await create(bob, 'notebook', 'Flight delays');
  assert.equal(notebook.path, '/Users/bob@example.com/Flight delays');
  assert.equal(notebook.level, 'manage');
  const unseen = await carl.get(`${api}/objects/${notebook.id}`);
  assert.deepEqual([unseen.status, unseen.body.error_code], [404, 'RESOURCE_DOES_NOT_EXIST']);
  const carlId = (await carl.get(`${api}/me`)).body.userId;
  await bob.send('PUT', `${api}/objects/${notebook.id}/grants/${carlId}`, { level: 'run' });
  assert.equal((await carl.get(`${api}/objects/${notebook.id}`)).body.level, 'run');
  assert.deepEqual(
    await names(carl, '/Users/bob@example.com'),
    ['Flight delays'],
    'the folders above are seen as the way to it',
  );
  const refused = await carl.send('PATCH', `${api}/objects/${notebook.id}`, { name: 'Mine' });
  assert.equal(refused.status, 403);
  assert.match(refused.body.message, /Ask bob/);
  assert.equal(
    (await carl.send('PUT', `${api}/objects/${notebook.id}/grants/${carlId}`, { level: 'manage' })).status,
    403,
  );
  const { body } = await bob.send('DELETE', `${api}/objects/${notebook.id}/grants/${carlId}`);
  assert.deepEqual(body.grants, []);
  assert.equal((await carl.get(`${api}/objects/${notebook.id}`)).status, 404);
});

test('sharing a folder shares what it holds, and what is moved into it', async () => {
  const folder = await create(ada, 'directory', 'Project', '/Shared');
  const inside = await create(ada, 'notebook', 'Inside', '/Shared/Project');
  assert.equal((await bob.get(`${api}/objects/${inside.id}`)).body.level, 'edit', 'everybody may write in /Shared');
  const secret = await create(ada, 'directory', 'Secret');
  const plan = await create(ada, 'notebook', 'Plan', secret.path);
  await ada.send('PUT', `${api}/objects/${secret.id}/grants/${bobId}`, { level: 'view' });
  const seen = (await bob.get(`${api}/objects/${plan.id}`)).body;
  assert.equal(seen.level, 'view');
  const grants = (await bob.get(`${api}/objects/${plan.id}/grants`)).body.grants;
  assert.deepEqual(grants, [
    { userId: bobId, name: 'bob', email: 'bob@example.com', level: 'view', inheritedFrom: secret.path },
  ]);
  await ada.send('PATCH', `${api}/objects/${plan.id}`, { parentPath: folder.path });
  assert.equal((await bob.get(`${api}/objects/${plan.id}`)).body.level, 'edit');
});

test('moving a folder moves all that it holds, and not into itself or onto another', async () => {
  const outer = await create(bob, 'directory', 'outer');
  const inner = await create(bob, 'directory', 'inner', outer.path);
  const leaf = await create(bob, 'notebook', 'leaf', inner.path);
  const home = '/Users/bob@example.com';
  assert.equal(
    (await bob.send('PATCH', `${api}/objects/${outer.id}`, { parentPath: inner.path })).body.error_code,
    'INVALID_PARAMETER_VALUE',
  );
  const renamed = await bob.send('PATCH', `${api}/objects/${outer.id}`, { name: 'renamed' });
  assert.equal(renamed.body.path, `${home}/renamed`);
  assert.equal((await bob.get(`${api}/objects/${leaf.id}`)).body.path, `${home}/renamed/inner/leaf`);
  await create(bob, 'directory', 'taken');
  assert.equal(
    (await bob.send('PATCH', `${api}/objects/${outer.id}`, { name: 'taken' })).body.error_code,
    'RESOURCE_ALREADY_EXISTS',
  );
  assert.equal((await bob.get(`${api}/objects/${leaf.id}`)).body.path, `${home}/renamed/inner/leaf`);
});

test('a folder that is not empty is deleted only when asked for, and its names are free again', async () => {
  const folder = await create(bob, 'directory', 'old');
  const leaf = await create(bob, 'notebook', 'leaf', folder.path);
  assert.equal((await bob.send('DELETE', `${api}/objects/${folder.id}`)).body.error_code, 'DIRECTORY_NOT_EMPTY');
  assert.equal((await bob.send('DELETE', `${api}/objects/${folder.id}?recursive=true`)).status, 200);
  assert.equal((await bob.get(`${api}/objects/${leaf.id}`)).status, 404);
  assert.equal((await create(bob, 'directory', 'old')).path, folder.path);
});

test('of ten that create one name at once, one succeeds; with makeUnique all do', async () => {
  const once = await Promise.all(
    Array.from({ length: 10 }, () => bob.send('POST', `${api}/objects`, { kind: 'notebook', name: 'race' })),
  );
  assert.equal(once.filter((answer) => answer.status === 201).length, 1);
  assert.ok(
    once
      .filter((answer) => answer.status !== 201)
      .every((answer) => answer.body.error_code === 'RESOURCE_ALREADY_EXISTS'),
  );
  const made = [];
  for (let count = 0; count < 3; count++)
    made.push(
      (await bob.send('POST', `${api}/objects`, { kind: 'notebook', name: 'race', makeUnique: true })).body.name,
    );
  assert.deepEqual(made, ['race 2', 'race 3', 'race 4']);
});

test('members do not write at the top, and names with a slash or dots are refused by field', async () => {
  assert.equal(
    (await bob.send('POST', `${api}/objects`, { kind: 'directory', name: 'top', parentPath: '/' })).status,
    403,
  );
  for (const name of ['a/b', '..', '']) {
    const { body } = await bob.send('POST', `${api}/objects`, { kind: 'directory', name });
    assert.deepEqual([body.error_code, /"name"/.test(body.message)], ['INVALID_PARAMETER_VALUE', true], body.message);
  }
  assert.equal((await bob.get(`${api}/objects?path=/Users/../Shared`)).body.error_code, 'INVALID_PARAMETER_VALUE');
  const extra = await bob.send('POST', `${api}/objects`, { kind: 'directory', name: 'x', colour: 'red' });
  assert.match(extra.body.message, /"colour" .* not supported/);
});

test('home and shared folders are neither moved nor deleted, not even by an administrator', async () => {
  for (const path of ['/Users', '/Shared', '/Users/bob@example.com']) {
    const { id } = (await ada.get(`${api}/objects?path=${path}`)).body.folder;
    assert.equal((await ada.send('DELETE', `${api}/objects/${id}?recursive=true`)).status, 400, path);
    assert.equal((await ada.send('PATCH', `${api}/objects/${id}`, { name: 'x' })).status, 400, path);
  }
});

test('search and recent show only what the person may see', async () => {
  await create(ada, 'notebook', 'Budget 2027');
  await create(bob, 'notebook', 'My budget');
  const found = (await bob.get(`${api}/objects-search?q=BUDGET`)).body.objects.map(
    (object: { name: string }) => object.name,
  );
  assert.deepEqual(found, ['My budget']);
  const recent = (await bob.get(`${api}/recent?limit=1`)).body.objects.map((object: { name: string }) => object.name);
  assert.deepEqual(recent, ['My budget']);
});
