import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const path = '/api/2.0/sql/statements';
const table = '/api/2.1/unity-catalog/tables/main.default.orders';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let eve: Client;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  eve = await server.member(ada, 'eve');
  compute = await startCompute(server);
  await sql('CREATE TABLE main.default.orders (id INT, state STRING, amount DOUBLE)');
  await sql("INSERT INTO main.default.orders VALUES (1, 'new', 10), (2, 'new', 20), (3, 'paid', 30)");
  await sql(
    "CREATE TABLE main.default.news AS SELECT 2 AS id, 'paid' AS state, 21.0D AS amount UNION ALL SELECT 4, 'new', 40.0D",
  );
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

const ask = async (statement: string, client = ada) => (await client.send('POST', path, { statement })).body;

/** Rows of a statement that must succeed, every value as text. */
async function sql(statement: string, client = ada): Promise<(string | null)[][]> {
  const body = await ask(statement, client);
  assert.equal(body.status?.state, 'SUCCEEDED', `${statement}: ${JSON.stringify(body)}`);
  return body.result?.data_array ?? [];
}

async function refused(statement: string, client: Client, pattern: RegExp): Promise<void> {
  const body = await ask(statement, client);
  assert.notEqual(body.status?.state, 'SUCCEEDED', statement);
  assert.match(JSON.stringify(body), pattern, statement);
}

test('changing a table needs MODIFY, and reading it to choose rows needs SELECT too', async () => {
  const statements = [
    "UPDATE main.default.orders SET state = 'x' WHERE id = 1",
    'DELETE FROM main.default.orders WHERE id = 1',
    'MERGE INTO main.default.orders t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE',
  ];
  await sql('GRANT SELECT ON TABLE main.default.orders TO `eve@example.com`');
  for (const statement of [...statements, 'OPTIMIZE main.default.orders', 'VACUUM main.default.orders'])
    await refused(statement, eve, /PERMISSION_DENIED.*MODIFY/);
  await sql('REVOKE SELECT ON TABLE main.default.orders FROM `eve@example.com`');
  await sql('GRANT MODIFY ON TABLE main.default.orders TO `eve@example.com`');
  for (const statement of statements) await refused(statement, eve, /PERMISSION_DENIED.*SELECT/);
  await sql('GRANT SELECT ON TABLE main.default.orders TO `eve@example.com`');
  assert.deepEqual(await sql(statements[0]!, eve), [['1']]);
  await refused('ALTER TABLE main.default.orders ADD COLUMN note STRING', eve, /PERMISSION_DENIED.*MANAGE/);
  await refused('DELETE FROM main.default.news', eve, /PERMISSION_DENIED|TABLE_OR_VIEW_NOT_FOUND/);
});

test('statements that change a table answer with Spark’s counts, and the catalog hears of every commit', async () => {
  const changed = async () => {
    const { rows } = await server.app.services.pool.query(
      `SELECT version::int AS version FROM "table" WHERE name = 'orders'`,
    );
    return rows[0].version as number;
  };
  const versionBefore = await changed();
  assert.deepEqual(await sql("UPDATE main.default.orders SET state = 'new' WHERE id = 1"), [['1']]);
  const merge = `MERGE INTO main.default.orders t USING main.default.news s ON t.id = s.id
    WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`;
  assert.deepEqual(await sql(merge), [['2', '1', '0', '1']]);
  assert.deepEqual(await sql('DELETE FROM main.default.orders WHERE amount > 30'), [['1']]);
  assert.deepEqual(await sql('SELECT id, state, amount FROM main.default.orders ORDER BY id'), [
    ['1', 'new', '10'],
    ['2', 'paid', '21'],
    ['3', 'paid', '30'],
  ]);
  await until(async () => (await changed()) === versionBefore + 3);
});

test('maintenance runs through the same door, and RESTORE takes the table back', async () => {
  const version = Number((await sql('DESCRIBE HISTORY main.default.orders LIMIT 1'))[0]![0]);
  await sql('DELETE FROM main.default.orders');
  assert.deepEqual(await sql('SELECT count(*) FROM main.default.orders'), [['0']]);
  assert.equal((await sql(`RESTORE TABLE main.default.orders TO VERSION AS OF ${version}`)).length, 1);
  assert.deepEqual(await sql('SELECT count(*) FROM main.default.orders'), [['3']]);
  assert.equal((await sql('OPTIMIZE main.default.orders'))[0]![0], 'main.default.orders');
  assert.deepEqual(await sql('VACUUM main.default.orders DRY RUN'), []);
  await refused('VACUUM main.default.orders RETAIN 0 HOURS', ada, /DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT/);
  assert.deepEqual(await sql('VACUUM main.default.orders'), [['main.default.orders']]);
  assert.deepEqual(await sql(`SELECT count(*) FROM main.default.orders VERSION AS OF ${version}`), [['3']]);
});

test('the catalog follows the log: columns, properties and comment after ALTER, COMMENT and RESTORE', async () => {
  const version = Number((await sql('DESCRIBE HISTORY main.default.orders LIMIT 1'))[0]![0]);
  const shown = async () => {
    const { columns, properties, comment } = (await ada.get(table)).body;
    return [columns.map(({ name }: { name: string }) => name).join(), properties.team ?? null, comment ?? ''];
  };
  await sql('ALTER TABLE main.default.orders ADD COLUMN note STRING');
  await sql("ALTER TABLE main.default.orders SET TBLPROPERTIES ('team' = 'shop')");
  await sql("COMMENT ON TABLE main.default.orders IS 'what was sold'");
  await until(async () => (await shown()).join('|') === 'id,state,amount,note|shop|what was sold');
  await sql("UPDATE main.default.orders SET note = 'x' WHERE id = 1");
  await sql(`RESTORE TABLE main.default.orders TO VERSION AS OF ${version}`);
  await until(async () => (await shown()).join('|') === 'id,state,amount||');
});

test('a run keeps what it read and wrote, and lineage leads from the source of a merge to its target', async () => {
  const done = await ask(
    'MERGE INTO main.default.orders t USING main.default.news s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *',
  );
  assert.equal(done.status.state, 'SUCCEEDED', JSON.stringify(done));
  const { rows } = await server.app.services.pool.query(
    `SELECT reads, writes FROM run WHERE text LIKE 'MERGE%WHEN NOT MATCHED THEN INSERT *' ORDER BY "createdAt" DESC LIMIT 1`,
  );
  const names = (list: { fullName: string }[]) => list.map(({ fullName }) => fullName);
  assert.ok(names(rows[0].reads).includes('main.default.news'), JSON.stringify(rows[0].reads));
  assert.deepEqual(names(rows[0].writes), ['main.default.orders']);
  const lineage = (await ada.get('/api/2.0/boathouse/catalog/tables/main.default.orders/lineage')).body;
  assert.ok(JSON.stringify(lineage).includes('Ada Lovelace'), JSON.stringify(lineage));
});

test('a clone is a table of its own that needs SELECT on its source, and EXPLAIN tells what would be read', async () => {
  await refused('CREATE TABLE main.default.mine SHALLOW CLONE main.default.news', eve, /PERMISSION_DENIED|NOT_FOUND/);
  await sql('CREATE TABLE main.default.copy SHALLOW CLONE main.default.news');
  await sql('CREATE TABLE main.default.deep DEEP CLONE main.default.news VERSION AS OF 0');
  await sql("UPDATE main.default.copy SET state = 'cloned'");
  const count = (name: string) => sql(`SELECT count(*) FROM main.default.${name} WHERE state = 'cloned'`);
  assert.deepEqual([await count('copy'), await count('news'), await count('deep')], [[['2']], [['0']], [['0']]]);
  const [[plan]] = (await sql('EXPLAIN SELECT state FROM main.default.deep WHERE id > 100')) as [[string]];
  assert.match(plan, /Delta table main\.default\.deep version 0: reads 0 of 1 files, 0 of \d+ bytes/);
});
