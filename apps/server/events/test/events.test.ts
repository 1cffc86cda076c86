import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { pino } from 'pino';
import { startPostgres } from '../../../../scripts/test/postgres.ts';
import { createBus } from '../../bus.ts';
import { createDispatcher } from '../dispatcher.ts';
import { listen } from '../kinds.ts';
import { enqueue } from '../outbox.ts';

const log = pino({ level: 'silent' });
let database: Awaited<ReturnType<typeof startPostgres>>;
let pool: pg.Pool;
before(async () => {
  database = await startPostgres();
  pool = new pg.Pool({ connectionString: database.url });
  // The database ends while sockets of the pool are still closing.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
});
after(async () => {
  await pool.end();
  await database.stop();
});

const changed = (id: string) => ({ workspaceId: 'w', kind: 'table', id });

async function until(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !condition(); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function server(serverId: string) {
  const bus = createBus(log);
  const heard: string[] = [];
  listen(bus, 'changed', (event) => heard.push(event.id));
  return { heard, dispatcher: createDispatcher({ pool, databaseUrl: database.url, bus, log, serverId }) };
}

test('an event reaches every server once and in order, and only if its transaction commits', async () => {
  const [one, two] = [server('one'), server('two')];
  await Promise.all([one.dispatcher.start(), two.dispatcher.start()]);
  try {
    const client = await pool.connect();
    await client.query('BEGIN');
    await enqueue(client, 'changed', changed('undone'));
    await client.query('ROLLBACK');
    for (const id of ['a', 'b', 'c']) await enqueue(client, 'changed', changed(id));
    client.release();
    await until(() => one.heard.length === 3 && two.heard.length === 3);
    await Promise.all([one.dispatcher.flush(), two.dispatcher.flush()]);
    assert.deepEqual(one.heard, ['a', 'b', 'c']);
    assert.deepEqual(two.heard, ['a', 'b', 'c']);
  } finally {
    await Promise.all([one.dispatcher.stop(), two.dispatcher.stop()]);
  }
});

test('an event that commits late, behind a newer one, is still delivered', async () => {
  const one = server('late');
  await one.dispatcher.start();
  const slow = await pool.connect();
  try {
    await slow.query('BEGIN');
    await enqueue(slow, 'changed', changed('slow'));
    await enqueue(pool, 'changed', changed('quick'));
    await until(() => one.heard.includes('quick'));
    await slow.query('COMMIT');
    await until(() => one.heard.includes('slow'));
    assert.deepEqual(one.heard, ['quick', 'slow']);
  } finally {
    slow.release();
    await one.dispatcher.stop();
  }
});

test('a server that starts catches up with what nobody was told, and with nothing else', async () => {
  await enqueue(pool, 'changed', changed('missed'));
  const one = server('restarted');
  await one.dispatcher.start();
  assert.deepEqual(one.heard, ['missed']);
  await one.dispatcher.stop();
  const again = server('restarted again');
  await again.dispatcher.start();
  assert.deepEqual(again.heard, []);
  await again.dispatcher.stop();
});
