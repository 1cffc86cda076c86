import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { collect, column, openRoom } from './helper.ts';

test('a running statement stops within 100 ms of being cancelled, and the engine goes on', async (t) => {
  const { engine } = await openRoom(t);
  const controller = new AbortController();
  const running = collect(
    engine,
    'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3',
    [column('c', 'bigint')],
    {
      signal: controller.signal,
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 150));
  const asked = performance.now();
  controller.abort();
  await assert.rejects(running, { code: 'CANCELLED' });
  assert.ok(performance.now() - asked < 100, `took ${performance.now() - asked} ms`);
  assert.deepEqual(await engine.rows('SELECT 1 AS one'), [{ one: 1 }]);
});

test('a scope carries cancellation and progress to statements deep inside', async (t) => {
  const { engine } = await openRoom(t);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  await assert.rejects(
    engine.scope({ signal: controller.signal }, () =>
      engine.rows('SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3'),
    ),
    { code: 'CANCELLED' },
  );
});

test('a long statement tells how far it is', async (t) => {
  const { engine } = await openRoom(t);
  const percents: number[] = [];
  await engine.rows('CREATE TABLE many AS SELECT range AS i FROM range(2000000)');
  const slow = "SELECT count(*) AS c FROM many WHERE md5(md5(md5(i::VARCHAR))) LIKE 'zz%'";
  await engine.scope({ onProgress: (percent) => percents.push(percent) }, () => engine.rows(slow));
  assert.ok(percents.length > 0);
  assert.ok(percents.every((percent) => percent >= 0 && percent <= 100));
});

test('engine text sees no file outside the allowed folders and can neither load code nor change the rules', async (t) => {
  const { engine, root } = await openRoom(t);
  await writeFile(join(root, 'secret.csv'), 'a\n1\n');
  for (const text of [
    `SELECT * FROM read_csv('${join(root, 'secret.csv')}')`,
    `SELECT * FROM read_csv('${join(root, 'storage', '..', 'secret.csv')}')`,
    `COPY (SELECT 1) TO '${join(root, 'out.parquet')}'`,
    'INSTALL httpfs',
    'SET enable_external_access = true',
    "SET GLOBAL TimeZone = 'America/New_York'",
    `ATTACH '${join(root, 'x.db')}'`,
  ])
    await assert.rejects(engine.rows(text), { code: 'ENGINE_ERROR' }, text);
  assert.deepEqual(await engine.rows("SELECT current_setting('TimeZone') AS zone"), [{ zone: 'UTC' }]);
});

test('errors of the engine carry the class that Spark gives them', async (t) => {
  const { engine } = await openRoom(t);
  const expected: [string, string][] = [
    ["SELECT CAST('abc' AS INTEGER)", 'CAST_INVALID_INPUT'],
    ["SELECT CAST('2020-13-40' AS DATE)", 'CAST_INVALID_INPUT'],
    ['SELECT CAST(300 AS TINYINT)', 'CAST_OVERFLOW'],
    ['SELECT 2147483647::INTEGER + 1::INTEGER', 'ARITHMETIC_OVERFLOW'],
    ["SELECT CASE WHEN true THEN error('[DIVIDE_BY_ZERO] Division by zero.') END", 'DIVIDE_BY_ZERO'],
    ['SELECT (SELECT i FROM range(2) t(i))', 'SCALAR_SUBQUERY_TOO_MANY_ROWS'],
    ['SELECT * FROM nowhere', 'ENGINE_ERROR'],
  ];
  for (const [sql, code] of expected) await assert.rejects(engine.rows(sql), { code }, sql);
});

test('a statement that needs more than the memory limit is refused with a way out, and the next one works', async (t) => {
  const { engine } = await openRoom(t, { memoryLimitBytes: 48 * 1024 * 1024 });
  await assert.rejects(engine.rows("SELECT string_agg(repeat('x', 1000) || i, ',') AS s FROM range(200000) t(i)"), {
    code: 'OUT_OF_MEMORY',
  });
  assert.deepEqual(await engine.rows('SELECT 2 AS two'), [{ two: 2 }]);
});
