import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoathouseError, type PlanEngine } from '@boathouse/contracts';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { Int32, makeData, RecordBatch, Struct } from 'apache-arrow';
import { arrowSchema } from '../arrow/schema.ts';
import { plainColumns, readBatches } from '../engine-spark/arrow/batches.ts';
import { ForgottenBeforeAnswer } from '../engine-spark/client/execution.ts';
import type { Patience, SparkAnswer } from '../engine-spark/client/session.ts';
import { SparkError } from '../engine-spark/client/spark-error.ts';
import { batchRows, SparkPool, SparkSession, streamEncoder } from '../index.ts';
import { certificate, privateKey } from './fixtures/localhost.ts';
import { column } from './helper.ts';
import { ConnectServer, type Script, Wire } from './spark-server.ts';

const patience: Patience = {
  connectMs: 5_000,
  callMs: 2_000,
  analyseMs: 5_000,
  awayMs: 1_500,
  silentMs: 300,
  settleMs: 300,
};
const schema = { struct: { fields: [{ name: 'i', type: { integer: {} }, nullable: true }] } };
const columns = [column('i', 'int')];

/** An Arrow stream of one column of integers. */
function numbers(...values: number[]): Uint8Array {
  const of = arrowSchema(columns);
  const child = makeData({ type: new Int32(), length: values.length, nullCount: 0, data: Int32Array.from(values) });
  const type = new Struct(of.fields);
  const batch = new RecordBatch(of, makeData({ type, length: values.length, nullCount: 0, children: [child] }));
  const encoder = streamEncoder(columns);
  return encoder.stream([encoder.batch(batch)]);
}

async function rowsOf(answer: SparkAnswer): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const stream of answer.batches)
    for (const batch of readBatches(stream, answer.columns))
      rows.push(...batchRows(batch, plainColumns(answer.columns)).map(([value]) => value));
  return rows;
}

const open = (engine: PlanEngine, settings = {}) => SparkSession.open(engine, 'ann', settings, patience);
const failed = async (work: Promise<unknown>): Promise<BoathouseError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BoathouseError, String(error));
  return error;
};

async function serving(t: Parameters<typeof ConnectServer.open>[0], scripts: Record<string, Script>) {
  const server = await ConnectServer.open(t);
  server.scripts = new Map(Object.entries(scripts));
  const wire = await Wire.open(t, server.port);
  const session = await open({ ...server.engine, url: `sc://127.0.0.1:${wire.port}` });
  t.after(() => session.close());
  return { server, wire, session };
}

/** The next rows of an answer that is read by hand. */
async function next(answer: SparkAnswer, stream: AsyncIterator<Uint8Array>): Promise<unknown[]> {
  const { value, done } = await stream.next();
  assert.ok(!done, 'rows follow');
  return [...readBatches(value, answer.columns)].flatMap((batch) => batchRows(batch, columns).map(([one]) => one));
}

test('a session tells the version, takes settings, and its rows come batch by batch', async (t) => {
  const { server, session } = await serving(t, { q: { schema, batches: [numbers(1, 2), numbers(3)] } });
  assert.equal(session.version, '4.2.1');
  await session.set({ 'spark.sql.ansi.enabled': 'true', a: 'b' });
  await session.unset(['a']);
  assert.deepEqual(await session.get(['spark.sql.ansi.enabled', 'a']), { 'spark.sql.ansi.enabled': 'true' });
  const answer = await session.query('q');
  assert.deepEqual(plainColumns(answer.columns), columns);
  assert.deepEqual(await rowsOf(answer), [1, 2, 3]);
  assert.deepEqual(server.interrupted, []);
});

test('a batch that the server cut into chunks is one again', async (t) => {
  const whole = numbers(1, 2, 3);
  const parts = [whole.subarray(0, 50), whole.subarray(50, 90), whole.subarray(90)];
  const before = parts.map((data, chunkIndex) => ({ arrowBatch: { data, chunkIndex, chunks: 3, rowCount: 3 } }));
  const { session } = await serving(t, { q: { schema, before, batches: [numbers(4)] } });
  assert.deepEqual(await rowsOf(await session.query('q')), [1, 2, 3, 4]);
});

test('a stream that the server ends early goes on by re-attaching, each row once', async (t) => {
  const { server, session } = await serving(t, {
    q: { schema, batches: [numbers(1), numbers(2), numbers(3), numbers(4)], cutAfter: 2 },
  });
  assert.deepEqual(await rowsOf(await session.query('q')), [1, 2, 3, 4]);
  assert.deepEqual(
    server.calls.filter((call) => /Execute(Plan)?$/.test(call) && !call.startsWith('Release')),
    ['ExecutePlan', 'ReattachExecute', 'ReattachExecute'],
  );
});

test('a connection that breaks in the middle of an answer costs no row and repeats none', async (t) => {
  const batches = Array.from({ length: 6 }, (_, i) => numbers(i));
  const { server, wire, session } = await serving(t, { q: { schema, batches, cutAfter: 3 } });
  const answer = await session.query('q');
  const stream = answer.batches[Symbol.asyncIterator]();
  const rows = await next(answer, stream);
  wire.cut();
  for (let i = 1; i < 6; i++) rows.push(...(await next(answer, stream)));
  assert.deepEqual(rows, [0, 1, 2, 3, 4, 5]);
  assert.equal((await stream.next()).done, true);
  assert.ok(server.calls.includes('ReattachExecute'));
});

test('a connection that swallows everything is noticed and left for a new one', async (t) => {
  const { server, wire, session } = await serving(t, {
    q: { schema, batches: [numbers(1), numbers(2)], cutAfter: 2 },
  });
  const answer = await session.query('q');
  wire.silence();
  assert.deepEqual(await rowsOf(answer), [1, 2]);
  assert.ok(server.calls.includes('ReattachExecute'));
});

test('a server that dies while it works is told as unreachable within the patience, and its engine named', async (t) => {
  const { server, session } = await serving(t, { q: { schema, batches: [numbers(1)], end: 'hang' } });
  const answer = await session.query('q');
  const stream = answer.batches[Symbol.asyncIterator]();
  await next(answer, stream);
  const started = Date.now();
  server.stop();
  const error = await failed(stream.next());
  assert.equal(error.code, 'ENGINE_UNREACHABLE');
  assert.match(error.message, /the cluster at sc:\/\/127\.0\.0\.1:\d+ does not answer/);
  assert.ok(Date.now() - started < 30_000);
});

test('an address where nobody listens is told at once', async (t) => {
  const server = await ConnectServer.open(t);
  server.stop();
  assert.equal((await failed(open(server.engine))).code, 'ENGINE_UNREACHABLE');
});

test('rows that a restarted server has lost end the statement with the reason', async (t) => {
  const { server, wire, session } = await serving(t, { q: { schema, batches: [numbers(1)], end: 'hang' } });
  const answer = await session.query('q');
  const stream = answer.batches[Symbol.asyncIterator]();
  await next(answer, stream);
  server.forget();
  wire.cut();
  assert.equal((await failed(stream.next())).code, 'ENGINE_RESTARTED');
  assert.equal(session.forgotten, true);
});

test('a session that the server has forgotten is replaced by the pool for the next statement', async (t) => {
  const server = await ConnectServer.open(t);
  server.scripts.set('q', { schema, batches: [numbers(7)] });
  const pool = new SparkPool({ patience });
  t.after(() => pool.close());
  const ask = () =>
    pool.use(server.engine, { user: 'ann', timeZone: 'Asia/Tokyo' }, async (session) =>
      rowsOf(await session.query('q')),
    );
  assert.deepEqual(await ask(), [7]);
  assert.equal(server.settings.get('spark.sql.session.timeZone'), 'Asia/Tokyo');
  server.forget();
  await assert.rejects(ask(), ForgottenBeforeAnswer);
  assert.deepEqual(await ask(), [7]);
});

test('cancelling interrupts the operation at the server and ends at once', async (t) => {
  const { server, session } = await serving(t, {
    q: { schema, before: [{ progress: { stages: [{ tasks: 4, completedTasks: 1 }] } }], batches: [], end: 'hang' },
  });
  const stop = new AbortController();
  const percents: number[] = [];
  const answer = await session.query('q', {
    signal: stop.signal,
    onProgress: (percent) => {
      percents.push(percent);
      stop.abort();
    },
  });
  assert.equal((await failed(rowsOf(answer))).code, 'CANCELLED');
  assert.deepEqual(percents, [25]);
  while (!server.interrupted.length) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(server.interrupted.length, 1);
});

test('leaving an answer before its end interrupts the operation too', async (t) => {
  const { server, session } = await serving(t, { q: { schema, batches: [numbers(1), numbers(2)], end: 'hang' } });
  for await (const _ of (await session.query('q')).batches) break;
  while (!server.interrupted.length) await new Promise((resolve) => setImmediate(resolve));
});

test("Spark's errors keep their condition, SQLSTATE, parameters and place", async (t) => {
  const { session } = await serving(t, {
    q: {
      batches: [],
      error: {
        code: status.INTERNAL,
        text: '[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012',
        info: { errorId: 'e-1', errorClass: 'DIVIDE_BY_ZERO', sqlState: '22012' },
        details: {
          rootErrorIndex: 0,
          errors: [
            { message: 'Job aborted', causeIndex: 1 },
            {
              message:
                '[DIVIDE_BY_ZERO] Division by zero. Use `try_divide`. SQLSTATE: 22012\n== SQL (line 1, position 8) ==\nSELECT 1/0',
              sparkThrowable: {
                errorClass: 'DIVIDE_BY_ZERO',
                sqlState: '22012',
                messageParameters: [{ key: 'config', value: '"spark.sql.ansi.enabled"' }],
                queryContexts: [{ startIndex: 7, stopIndex: 9, fragment: '1/0' }],
              },
            },
          ],
        },
      },
    },
  });
  const error = await failed(session.query('q'));
  assert.ok(error instanceof SparkError);
  assert.deepEqual(
    [error.code, error.sqlState, error.message, error.fault],
    ['DIVIDE_BY_ZERO', '22012', 'Division by zero. Use `try_divide`.', 'user'],
  );
  assert.deepEqual(error.parameters, { config: '"spark.sql.ansi.enabled"' });
  assert.deepEqual(error.place, { start: 7, end: 10, fragment: '1/0' });
});

test('the token travels with every call, and a wrong one is told as such', async (t) => {
  const server = await ConnectServer.open(t);
  server.token = 'right';
  server.scripts.set('q', { schema, batches: [numbers(1)] });
  const session = await open({ ...server.engine, token: 'right' });
  t.after(() => session.close());
  assert.deepEqual(await rowsOf(await session.query('q')), [1]);
  const wrong = await failed(open({ ...server.engine, token: 'wrong' }));
  assert.deepEqual([wrong.code, wrong.fault], ['ENGINE_TOKEN_REFUSED', 'user']);
  assert.match((await failed(open(server.engine))).message, /asks for a token/);
});

test('TLS: the given authority is trusted, an unknown one and a plain server are told', async (t) => {
  const pair = { private_key: Buffer.from(privateKey), cert_chain: Buffer.from(certificate) };
  const server = await ConnectServer.open(t, ServerCredentials.createSsl(null, [pair]));
  const engine = { ...server.engine, url: `sc://localhost:${server.port}`, tls: true };
  const session = await open({ ...engine, caCertificate: certificate });
  assert.equal(session.version, '4.2.1');
  await session.close();
  const unknown = await failed(open(engine));
  assert.equal(unknown.code, 'ENGINE_TLS');
  assert.match(unknown.message, /no known authority/);
  const plain = await ConnectServer.open(t);
  assert.match((await failed(open({ ...plain.engine, tls: true }))).message, /without TLS/);
});
