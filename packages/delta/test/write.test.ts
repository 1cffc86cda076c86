import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileStats } from '../index.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

test('statistics are exact: bounds, nulls, nested fields, long numbers; cut as Delta cuts them; absent where nothing can be said', async () => {
  const columns = [
    column('i', 'int'),
    column('l', 'bigint'),
    column('dc', 'decimal(38,2)'),
    column('s', 'string'),
    column('u', 'string'),
    column('d', 'date'),
    column('t', 'timestamp'),
    column('n', 'timestamp_ntz'),
    column('nan', 'double'),
    column('b', 'boolean'),
    column('st', 'struct<x:int,y:struct<z:string>>'),
    column('arr', 'array<int>'),
    column('bin', 'binary'),
    column('nothing', 'float'),
  ];
  const [file] = await room.delta.writeFiles(
    { location: 't', columns, partitionColumns: [] },
    `SELECT i::INT AS i, 9007199254740993 + i AS l, 12345678901234567890.12 AS dc, repeat('a', 40) AS s, repeat('é', 33) AS u,
            DATE '2024-02-01' AS d, TIMESTAMPTZ '2024-02-01 10:00:00.123456+00' AS t, TIMESTAMP '1969-12-31 23:59:59.999999' AS n,
            CASE WHEN i = 1 THEN 'NaN'::DOUBLE ELSE 1.5 END AS nan, true AS b,
            CASE WHEN i = 2 THEN NULL ELSE {'x': i, 'y': {'z': 'q'}} END AS st, [1, 2] AS arr, 'x'::BLOB AS bin, NULL AS nothing
     FROM range(3) r(i)`,
  );
  assert.ok(file?.stats);
  assert.match(file.stats, /"l":9007199254740993/);
  assert.match(file.stats, /"dc":12345678901234567890\.12/);
  const stats = fileStats(file);
  assert.equal(stats.numRecords, 3);
  assert.deepEqual(stats.minValues.s, 'a'.repeat(32));
  assert.deepEqual(stats.maxValues.s, 'a'.repeat(32) + '\u007f');
  assert.deepEqual(stats.maxValues.u, 'é'.repeat(32) + '\u{10ffff}');
  assert.deepEqual([stats.minValues.i, stats.maxValues.i, stats.minValues.d], [0, 2, '2024-02-01']);
  assert.deepEqual([stats.minValues.t, stats.maxValues.n], ['2024-02-01T10:00:00.123Z', '1969-12-31T23:59:59.999']);
  assert.deepEqual(stats.maxValues.st, { x: 1, y: { z: 'q' } });
  assert.deepEqual(stats.nullCount.st, { x: 1, y: { z: 1 } });
  for (const name of ['nan', 'b', 'arr', 'bin', 'nothing']) assert.equal(name in stats.maxValues, false, name);
  assert.deepEqual([stats.nullCount.nothing, stats.nullCount.b, 'arr' in stats.nullCount], [3, 0, false]);
});

test('statistics cover the first 32 leaf columns, or as many as the table says', async () => {
  const columns = [
    column('st', `struct<${Array.from({ length: 30 }, (_, index) => `f${index}:int`).join(',')}>`),
    ...[1, 2, 3].map((index) => column(`c${index}`, 'int')),
  ];
  const value = `{${Array.from({ length: 30 }, (_, index) => `'f${index}': ${index}`).join(', ')}}`;
  const sql = `SELECT ${value} AS st, 1 AS c1, 2 AS c2, 3 AS c3`;
  const [byDefault] = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [] }, sql);
  assert.deepEqual(Object.keys(fileStats(byDefault!).nullCount), ['st', 'c1', 'c2']);
  const properties = { 'delta.dataSkippingNumIndexedCols': '-1' };
  const [all] = await room.delta.writeFiles({ location: 't', columns, partitionColumns: [], properties }, sql);
  assert.deepEqual(Object.keys(fileStats(all!).nullCount), ['st', 'c1', 'c2', 'c3']);
});

test('partition values of every type and awkward text come back as they went in', async () => {
  const columns = [
    column('v', 'int'),
    column('s', 'string'),
    column('d', 'date'),
    column('t', 'timestamp'),
    column('f', 'double'),
    column('c', 'decimal(10,2)'),
    column('b', 'boolean'),
  ];
  const partitionColumns = ['s', 'd', 't', 'f', 'c', 'b'];
  const texts = ['plain', 'a/b c=é%2F', "it's #1?*[x]{y}^", '日本 🎏', 'a\\b"c', 'trailing.', 'a:b', '%'];
  const values = texts.map(
    (text, index) =>
      `(${index}, '${text.replaceAll("'", "''")}', DATE '2024-01-0${index + 1}', TIMESTAMPTZ '2024-01-01 00:00:00.00000${index}+00', ${index} / 3, ${index}.5, ${index % 2 === 0})`,
  );
  values.push(
    '(100, NULL, NULL, NULL, NULL, NULL, NULL)',
    "(101, 'inf', DATE '1969-01-01', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', 'inf'::DOUBLE, -1.25, true)",
  );
  const source = `SELECT v::INT AS v, s, d, t, f::DOUBLE AS f, c::DECIMAL(10,2) AS c, b FROM (VALUES ${values.join(', ')}) x(v, s, d, t, f, c, b)`;
  const adds = await room.delta.writeFiles({ location: 't/p', columns, partitionColumns }, source);
  assert.equal(adds.length, texts.length + 2);
  await room.delta.create('t/p', { columns, partitionColumns, files: adds });
  const snapshot = await room.other().snapshot('t/p');
  const relation = await room.delta.relation(
    snapshot,
    await snapshot.files(),
    columns.map(({ name }) => name),
  );
  const [rows] = await room.engine.rows(
    `SELECT (SELECT count(*) FROM (SELECT * FROM ${relation} EXCEPT ALL ${source})) AS more, (SELECT count(*) FROM ${relation}) AS n`,
  );
  assert.deepEqual([rows?.more, rows?.n], [0n, BigInt(texts.length + 2)]);
  const slash = adds.find((file) => file.partitionValues.s === 'a/b c=é%2F');
  assert.match(slash!.path, /^s=a%252Fb%20c%253D%C3%A9%25252F\/d=/);
  assert.equal(adds.find((file) => file.partitionValues.s === 'inf')?.partitionValues.t, '1969-12-31T23:59:59.999999Z');
  assert.equal(adds.find((file) => file.partitionValues.s === 'inf')?.partitionValues.f, 'Infinity');
});

test('an empty partition text is NULL in the log, as Delta has it', async () => {
  const columns = [column('v', 'int'), column('p', 'string')];
  const adds = await room.delta.writeFiles(
    { location: 't/e', columns, partitionColumns: ['p'] },
    "SELECT 1 AS v, '' AS p UNION ALL SELECT 2, NULL",
  );
  assert.deepEqual(
    adds.map((file) => file.partitionValues.p),
    [null, null],
  );
});

test('a NOT NULL column takes no NULL, whatever its type, and nothing stays behind', async () => {
  const cases = [
    ['a', 'int', 'NULL'],
    ['a', 'array<int>', 'NULL'],
    ['a', 'struct<x:int>', 'NULL'],
    ['p', 'string', 'NULL'],
  ] as const;
  for (const [name, type, value] of cases) {
    const columns = [column(name, type, false), column('v', 'int')];
    const target = { location: 't/n', columns, partitionColumns: name === 'p' ? ['p'] : [] };
    await assert.rejects(
      room.delta.writeFiles(target, `SELECT ${value} AS ${name}, 1 AS v`),
      hasCode('DELTA_NOT_NULL_CONSTRAINT_VIOLATED', name),
    );
  }
  const columns = [column('a', 'array<int>', false), column('st', 'struct<x:int>', false)];
  const adds = await room.delta.writeFiles(
    { location: 't/n', columns, partitionColumns: [] },
    "SELECT [NULL, 1] AS a, {'x': NULL} AS st",
  );
  assert.equal(adds.length, 1);
  await room.delta.discardFiles('t/n', adds);
  assert.deepEqual(await readdir(join(room.root, 't/n')), []);
  assert.deepEqual(await readdir(join(room.root, '.boathouse-tmp')), []);
});

test('a failing query leaves no file', async () => {
  const target = { location: 't/f', columns: [column('a', 'int')], partitionColumns: [] };
  await assert.rejects(
    room.delta.writeFiles(target, "SELECT CASE WHEN i = 200000 THEN 'x' ELSE '1' END AS a FROM range(300000) r(i)"),
    /Conversion Error/,
  );
  assert.deepEqual(await readdir(join(room.root, '.boathouse-tmp')), []);
});

test('a column added later is NULL in older files, and types widen by the schema', async () => {
  const first = [column('a', 'int')];
  const files = await room.delta.writeFiles({ location: 't/w', columns: first, partitionColumns: [] }, 'SELECT 1 AS a');
  const later = [column('b', 'struct<x:int,y:string>'), column('a', 'bigint'), column('file_index', 'int')];
  const more = await room.delta.writeFiles(
    { location: 't/w', columns: later, partitionColumns: [] },
    "SELECT {'x': 1, 'y': 'q'} AS b, 2 AS a, 7 AS file_index",
  );
  await room.delta.create('t/w', { columns: later, files: [...files, ...more] });
  assert.deepEqual(await room.read('t/w'), [
    [{ x: 1, y: 'q' }, 2n, 7],
    [null, 1n, null],
  ]);
  const snapshot = await room.delta.snapshot('t/w');
  const [counted] = await room.engine.rows(
    `SELECT count(*) AS n FROM ${await room.delta.relation(snapshot, await snapshot.files(), [])}`,
  );
  assert.equal(counted?.n, 2n);
});

test('names with quotes, dots, spaces and signs of other languages hold data, statistics and partitions', async () => {
  const names = ['a"b', 'c.d', 'e f', "it's", 'naïve', '[x]', 'P/q=%'];
  const columns = names.map((name) => column(name, 'int'));
  const sql = `SELECT ${names.map((name, index) => `${index} AS "${name.replaceAll('"', '""')}"`).join(', ')}`;
  const adds = await room.delta.writeFiles({ location: 't/q', columns, partitionColumns: ['P/q=%'] }, sql);
  await room.delta.create('t/q', { columns, partitionColumns: ['P/q=%'], files: adds });
  assert.deepEqual(await room.read('t/q'), [[0, 1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(fileStats(adds[0]!).minValues, { 'a"b': 0, 'c.d': 1, 'e f': 2, "it's": 3, naïve: 4, '[x]': 5 });
  assert.deepEqual(adds[0]!.partitionValues, { 'P/q=%': '6' });
});

test('a table is not partitioned by binary or nested columns, nor by all of its columns', async () => {
  for (const [type, partitions] of [
    ['binary', ['a']],
    ['array<int>', ['a']],
    ['int', ['a', 'b']],
  ] as const) {
    const columns = [column('a', type), column('b', 'int')];
    await assert.rejects(
      room.delta.create('t/b', { columns, partitionColumns: partitions }),
      hasCode('DELTA_INVALID_PARTITION_COLUMN', 'a'),
    );
  }
});
