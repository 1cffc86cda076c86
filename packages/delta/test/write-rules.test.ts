import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseType } from '@boathouse/contracts';
import { fieldOfDdl } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { Delta } from '../types.ts';
import { type FileWriter, type WriteOptions, writeFiles } from '../write/files.ts';
import type { TableShape } from '../write/shape.ts';
import { hasCode, openRoom, plainCompiler, type Room } from './support.ts';

let room: Room;
let delta: Delta;
beforeEach(async () => {
  room = await openRoom();
  delta = room.other({ compiler: plainCompiler });
});
afterEach(() => room.close());

const field = (name: string, type: string, metadata: Record<string, unknown> = {}, nullable = true): DeltaField => {
  const plain = fieldOfDdl(name, parseType(type), nullable, undefined);
  return { ...plain, metadata: { ...plain.metadata, ...metadata } };
};
const shape = (fields: DeltaField[], more: Partial<TableShape> = {}): TableShape => ({
  location: 't',
  fields,
  partitionColumns: [],
  configuration: {},
  protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  ...more,
});
const write = (target: TableShape, sql: string, options: WriteOptions = {}) => {
  const writer: FileWriter = {
    store: room.store,
    engine: room.engine,
    clock: Date.now,
    ids: () => crypto.randomUUID(),
    compiler: plainCompiler,
  };
  return writeFiles(writer, target, sql, options);
};
const uri = (path: string) => room.store.engineUri(`t/${decodeURIComponent(path)}`);
const rowsOf = async (path: string, columns = '*') =>
  (await room.engine.rows(`SELECT ${columns} FROM read_parquet('${uri(path)}', hive_partitioning = false)`)).map(
    (row) => Object.values(row),
  );

test('a row that breaks a CHECK constraint, or makes it NULL, is refused with its values, and nothing is written', async () => {
  const target = shape([field('a', 'int'), field('b', 'string')], {
    configuration: { 'delta.constraints.positive': 'a > 0', 'delta.constraints.short': 'length(b) < 3' },
  });
  await assert.rejects(
    delta.writeFiles(target, "SELECT i AS a, 'x' AS b FROM range(3) r(i)"),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'CHECK constraint positive (a > 0)', ' - a : 0'),
  );
  await assert.rejects(
    delta.writeFiles(target, 'SELECT 1 AS a, NULL AS b'),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'short', ' - b : NULL'),
  );
  assert.deepEqual(await readdir(join(room.root, '.boathouse-tmp')), []);
  // A row that the query itself filters out breaks nothing.
  const adds = await delta.writeFiles(target, "SELECT i AS a, 'x' AS b FROM range(3) r(i) WHERE i > 0");
  assert.equal(fileStats(adds[0]!).numRecords, 2);
  await assert.rejects(
    room.delta.writeFiles(target, "SELECT 1 AS a, 'x' AS b"),
    hasCode('DELTA_EXPRESSIONS_NOT_SUPPORTED', 'a > 0'),
  );
});

test('a column invariant is kept as a constraint is', async () => {
  const invariant = JSON.stringify({ expression: { expression: 'a > 3' } });
  const target = shape([field('a', 'int', { 'delta.invariants': invariant })]);
  await assert.rejects(
    delta.writeFiles(target, 'SELECT 3 AS a'),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'a > 3', ' - a : 3'),
  );
  assert.equal((await delta.writeFiles(target, 'SELECT 4 AS a')).length, 1);
});

test('a generated column is computed where it is left out, and checked where it is given', async () => {
  const target = shape([
    field('day', 'date', { 'delta.generationExpression': 'CAST(at AS DATE)' }),
    field('at', 'timestamp'),
  ]);
  const [file] = await delta.writeFiles(target, "SELECT TIMESTAMPTZ '2024-02-03 10:00:00+00' AS at");
  assert.deepEqual(await rowsOf(file!.path, 'day::VARCHAR'), [['2024-02-03']]);
  await assert.rejects(
    delta.writeFiles(target, "SELECT TIMESTAMPTZ '2024-02-03 10:00:00+00' AS at, DATE '2024-02-04' AS day"),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'Generated Column', ' - day : 2024-02-04'),
  );
  assert.equal((await delta.writeFiles(target, 'SELECT NULL AS at, NULL AS day')).length, 1);
});

test('columns that are left out get their default, and others NULL', async () => {
  const target = shape([field('a', 'int'), field('b', 'int', { CURRENT_DEFAULT: '40 + 2' }), field('c', 'string')]);
  const [file] = await delta.writeFiles(target, 'SELECT 1 AS a');
  assert.deepEqual(await rowsOf(file!.path), [[1, 42, null]]);
  const [given] = await delta.writeFiles(target, "SELECT 1 AS a, NULL AS B, 'x' AS c");
  assert.deepEqual(await rowsOf(given!.path), [[1, null, 'x']]);
});

test('identity values continue after the high-water mark, and the new mark comes back as the schema', async () => {
  const identity = {
    'delta.identity.start': 100,
    'delta.identity.step': -10,
    'delta.identity.allowExplicitInsert': false,
  };
  const target = shape([field('id', 'bigint', identity), field('a', 'int')]);
  const first = await write(target, 'SELECT i AS a FROM range(3) r(i)');
  assert.deepEqual((await rowsOf(first.adds[0]!.path, 'id')).flat().sort(), [100n, 80n, 90n].sort());
  assert.equal(first.fields?.[0]?.metadata['delta.identity.highWaterMark'], 80n);
  const second = await write(shape([...first.fields!]), 'SELECT 1 AS a');
  assert.deepEqual(await rowsOf(second.adds[0]!.path, 'id'), [[70n]]);
  await assert.rejects(
    write(target, 'SELECT 1 AS id, 1 AS a'),
    hasCode('DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED', 'id'),
  );
  const byDefault = shape([
    field('id', 'bigint', { ...identity, 'delta.identity.allowExplicitInsert': true }),
    field('a', 'int'),
  ]);
  const given = await write(byDefault, 'SELECT 7 AS id, 1 AS a');
  assert.equal(given.fields, undefined);
  const empty = await write(target, 'SELECT 1 AS a WHERE false');
  assert.equal(empty.fields, undefined);
});

test('a nested NOT NULL is kept in structs, arrays and maps, and a NULL struct breaks it too, as in Spark', async () => {
  const target = shape([
    field('s', 'struct<x:int not null,y:array<struct<z:int not null>>>'),
    {
      ...field('l', 'array<int>'),
      type: { kind: 'array', element: { kind: 'leaf', type: { kind: 'int' } }, containsNull: false },
    },
  ]);
  const good = await delta.writeFiles(
    target,
    "SELECT {'x': 1, 'y': [{'z': 1}]} AS s, [1] AS l UNION ALL SELECT {'x': 2, 'y': NULL}, NULL",
  );
  assert.equal(fileStats(good[0]!).numRecords, 2);
  for (const [sql, path] of [
    ["SELECT {'x': NULL, 'y': NULL} AS s, [1] AS l", 's.x'],
    ["SELECT {'x': 1, 'y': [{'z': 1}, {'z': NULL}]} AS s, [1] AS l", 's.y.element.z'],
    ["SELECT {'x': 1, 'y': NULL} AS s, [1, NULL] AS l", 'l.element'],
    ['SELECT NULL AS s, [1] AS l', 's.x'],
  ] as const)
    await assert.rejects(delta.writeFiles(target, sql), hasCode('DELTA_NOT_NULL_CONSTRAINT_VIOLATED', path));
});

test('a string that is longer than its varchar is refused, and one that is shorter than its char is filled up', async () => {
  const [padded] = await delta.writeFiles(shape([field('c', 'char(4)')]), "SELECT 'ä' AS c UNION ALL SELECT NULL");
  assert.deepEqual(await rowsOf(padded!.path), [['ä   '], [null]]);
  const target = shape([field('v', 'varchar(3)')]);
  assert.equal((await delta.writeFiles(target, "SELECT 'äöü' AS v")).length, 1);
  await assert.rejects(
    delta.writeFiles(target, "SELECT 'abcd' AS v"),
    hasCode('DELTA_EXCEED_CHAR_VARCHAR_LIMIT', 'varchar(3)', '"v"'),
  );
});

test('under column mapping files, statistics and partitions have physical names and field ids, nested too', async () => {
  const mapped = (name: string, type: string, id: number): DeltaField =>
    field(name, type, { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': `col-${id}` });
  const struct = mapped('st', 'struct<x:int>', 2);
  const fields = [
    mapped('a b', 'int', 1),
    { ...struct, type: { kind: 'struct' as const, fields: [mapped('x', 'int', 3)] } },
    {
      ...mapped('l', 'array<int>', 4),
      type: {
        kind: 'array' as const,
        element: { kind: 'struct' as const, fields: [mapped('y', 'int', 5)] },
        containsNull: true,
      },
    },
    mapped('p', 'string', 6),
  ];
  const target = shape(fields, {
    partitionColumns: ['p'],
    configuration: { 'delta.columnMapping.mode': 'name', 'delta.columnMapping.maxColumnId': '6' },
  });
  const [file] = await delta.writeFiles(target, `SELECT 1 AS "a b", {'x': 2} AS st, [{'y': 3}] AS l, 'q' AS p`);
  assert.deepEqual(file!.partitionValues, { 'col-6': 'q' });
  assert.deepEqual(fileStats(file!).minValues, { 'col-1': 1, 'col-2': { 'col-3': 2 } });
  const schema = await room.engine.rows(
    `SELECT name, field_id FROM parquet_schema('${uri(file!.path)}') WHERE field_id IS NOT NULL`,
  );
  assert.deepEqual(
    schema.map((row) => [row.name, Number(row.field_id)]),
    [1, 2, 3, 4, 5].map((id) => [`col-${id}`, id]),
  );
});

test('statistics are of the columns that the table names, whole structs among them', async () => {
  const target = shape(
    [field('a', 'int'), field('st', 'struct<x:int,y:int>'), field('b.c', 'int'), field('d', 'int')],
    {
      configuration: { 'delta.dataSkippingStatsColumns': 'ST.x, `b.c`' },
    },
  );
  const [file] = await delta.writeFiles(target, `SELECT 1 AS a, {'x': 2, 'y': 3} AS st, 4 AS "b.c", 5 AS d`);
  assert.deepEqual(fileStats(file!).maxValues, { st: { x: 2 }, 'b.c': 4 });
});

test('files keep to the size and the order that are asked for', async () => {
  const target = shape([field('a', 'bigint')], { configuration: { 'delta.targetFileSize': '1mb' } });
  const { adds } = await write(target, 'SELECT (hash(i) >> 1)::BIGINT AS a FROM range(600000) r(i)', {
    orderBy: ['"a"'],
  });
  assert.ok(adds.length >= 2, String(adds.length));
  const groups = await room.engine.rows(
    `SELECT stats_min::BIGINT AS low, stats_max::BIGINT AS high
     FROM parquet_metadata([${adds.map((file) => `'${uri(file.path)}'`).join(', ')}]) ORDER BY low`,
  );
  assert.ok(groups.length > 2);
  const overlaps = groups.filter(({ low }, index) => index > 0 && Number(low) < Number(groups[index - 1]!.high));
  assert.deepEqual(overlaps, []);
});

test('change files lie in their own folder with columns beside the schema', async () => {
  const target = shape([field('a', 'int'), field('p', 'int')], { partitionColumns: ['p'] });
  const { adds } = await write(target, "SELECT 1 AS a, 2 AS p, 'insert' AS _change_type", {
    folder: '_change_data/',
    extraColumns: [{ name: '_change_type', type: 'VARCHAR' }],
    check: false,
    fill: false,
  });
  assert.match(adds[0]!.path, /^_change_data\/p=2\/cdc-00000-/);
  assert.deepEqual(await rowsOf(adds[0]!.path), [[1, 'insert']]);
});

test('void columns lie in no file, and a variant is written whole', async () => {
  const target = shape([
    { name: 'v', type: { kind: 'leaf', type: { kind: 'void' } }, nullable: true, metadata: {} },
    field('a', 'int'),
    { name: 'x', type: { kind: 'leaf', type: { kind: 'variant' } }, nullable: true, metadata: {} },
  ]);
  const [file] = await delta.writeFiles(
    target,
    "SELECT NULL AS v, 1 AS a, {'k': 1}::VARIANT AS x UNION ALL SELECT NULL, 2, NULL",
  );
  const names = await room.engine.rows(`SELECT name FROM parquet_schema('${uri(file!.path)}') OFFSET 1`);
  assert.deepEqual(
    names.map(({ name }) => name),
    ['a', 'x', 'metadata', 'value'],
  );
  assert.deepEqual(await rowsOf(file!.path, 'a, x IS NULL AS n'), [
    [1, false],
    [2, true],
  ]);
});

test('a table chooses its codec and folders by chance', async () => {
  const target = shape([field('a', 'int'), field('p', 'int')], {
    partitionColumns: ['p'],
    configuration: {
      'delta.parquet.compression.codec': 'snappy',
      'delta.randomizeFilePrefixes': 'true',
      'delta.randomPrefixLength': '3',
    },
  });
  const [file] = await delta.writeFiles(target, 'SELECT 1 AS a, 2 AS p');
  assert.match(file!.path, /^[0-9a-f]{3}\/part-00000-.*\.snappy\.parquet$/);
  const [chunk] = await room.engine.rows(`SELECT compression FROM parquet_metadata('${uri(file!.path)}')`);
  assert.equal(chunk?.compression, 'SNAPPY');
});
