import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const path = '/api/2.0/sql/statements';
let server: TestServer;
let compute: TestCompute | undefined;
let client: Client;
let warehouse: string;
before(async () => {
  server = await startServer({ adminToken: 'a-token-of-an-administrator' });
  client = server.client('a-token-of-an-administrator');
  compute = await startCompute(server);
  warehouse = (await client.get('/api/2.0/sql/warehouses')).body.warehouses[0].id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function rows(statement: string, more: object = {}): Promise<string[][]> {
  const { body } = await client.send('POST', path, {
    statement,
    warehouse_id: warehouse,
    wait_timeout: '50s',
    ...more,
  });
  assert.equal(body.status.state, 'SUCCEEDED', JSON.stringify(body.status));
  return body.result?.data_array ?? [];
}

test('a script loops over statements that see its variables and what it has written, and shows its last query', async () => {
  await rows('CREATE TABLE main.default.steps (n INT, doubled INT)');
  const answer = await rows(`
    BEGIN
      DECLARE turn INT = 0;
      WHILE turn < 3 DO
        SET turn = turn + 1;
        INSERT INTO main.default.steps VALUES (turn, turn * 2);
      END WHILE;
      IF (SELECT count(*) FROM main.default.steps) = turn THEN
        SELECT turn, sum(doubled) AS total FROM main.default.steps;
      END IF;
      UPDATE main.default.steps SET doubled = 0;
    END`);
  assert.deepEqual(answer, [['3', '12']]);
  assert.deepEqual(await rows('SELECT sum(doubled) FROM main.default.steps'), [['0']]);
});

test('FOR goes over rows, and a handler takes an error of one statement', async () => {
  const answer = await rows(`
    BEGIN
      DECLARE total INT = 0;
      FOR line AS SELECT * FROM VALUES (1, 'a'), (2, 'b'), (3, 'c') AS t(amount, label) DO
        SET total = total + line.amount;
      END FOR;
      BEGIN
        DECLARE EXIT HANDLER FOR TABLE_OR_VIEW_NOT_FOUND SET total = -total;
        SELECT * FROM main.default.not_there;
        SET total = 0;
      END;
      SELECT total;
    END`);
  assert.deepEqual(answer, [['-6']]);
});

test('variables live with the session, and EXECUTE IMMEDIATE fills them', async () => {
  const opened = await client.send('POST', '/api/2.0/sql/sessions', { warehouse_id: warehouse });
  const session = { session_id: opened.body.session_id };
  await rows('DECLARE least INT DEFAULT 2', session);
  await rows('SET VAR least = least * 10', session);
  await rows("EXECUTE IMMEDIATE 'SELECT ? + least' INTO least USING 5", session);
  assert.deepEqual(await rows('SELECT least, typeof(least)', session), [['25', 'int']]);
  assert.deepEqual(await rows("BEGIN DECLARE least STRING = 'mine'; SELECT least, session.least; END", session), [
    ['mine', '25'],
  ]);
  const { body } = await client.send('POST', path, {
    statement: 'SELECT least',
    warehouse_id: warehouse,
    wait_timeout: '50s',
  });
  assert.match(body.status.error.message, /UNRESOLVED_COLUMN/);
});

test('an error of a script says where it is in the whole of it', async () => {
  const { body } = await client.send('POST', path, {
    statement: 'BEGIN\n  DECLARE a INT = 1;\n  SELECT nothing_of_this_name;\nEND',
    warehouse_id: warehouse,
    wait_timeout: '50s',
  });
  assert.equal(body.status.state, 'FAILED');
  assert.match(JSON.stringify(body.status.error), /line 3|UNRESOLVED_COLUMN/);
});

test('a SQL function of the catalog is kept, called with defaults and names, and dropped', async () => {
  await rows(
    "CREATE FUNCTION main.default.scaled(x INT, factor INT DEFAULT 10) RETURNS INT COMMENT 'times' RETURN x * factor",
  );
  await rows(
    'CREATE FUNCTION main.default.upto(n INT) RETURNS TABLE(v INT) RETURN SELECT * FROM VALUES (1), (2), (3) AS t(v) WHERE v <= n',
  );
  assert.deepEqual(
    await rows(
      'SELECT main.default.scaled(v) AS a, main.default.scaled(factor => 2, x => v) AS b FROM main.default.upto(2) ORDER BY a',
    ),
    [
      ['10', '2'],
      ['20', '4'],
    ],
  );
  await rows('DROP FUNCTION main.default.scaled');
  const { body } = await client.send('POST', path, {
    statement: 'SELECT main.default.scaled(1)',
    warehouse_id: warehouse,
    wait_timeout: '50s',
  });
  assert.match(body.status.error.message, /UNRESOLVED_ROUTINE/);
});
