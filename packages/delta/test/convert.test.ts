import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { typeText } from '@boathouse/contracts';
import { typeOfEngine } from '../maintenance/engine-type.ts';
import { fileStats } from '../stats/file-stats.ts';
import { hasCode, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

async function parquet(path: string, sql: string): Promise<void> {
  const file = join(room.root, 'f', path);
  await mkdir(dirname(file), { recursive: true });
  await room.engine.rows(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
}
const types = async () => (await room.delta.snapshot('f')).columns.map(({ name, type }) => `${name} ${type}`);

test('a folder of Parquet files becomes a table in place, with statistics', async () => {
  await parquet(
    'a.parquet',
    "SELECT 1::INTEGER AS id, {'x': 1.5::DECIMAL(5,2), 'y': ['a']} AS s, TIMESTAMPTZ '2024-01-01 00:00:00Z' AS at",
  );
  await parquet('b.parquet', "SELECT 2::INTEGER AS id, 'late' AS more");
  await room.store.put('f/_SUCCESS', Buffer.from(''));
  const { version, metrics } = await room.delta.convert('f', { properties: { owner: 'me' } });
  assert.deepEqual([version, metrics.numConvertedFiles], [0, 2]);
  assert.deepEqual(await types(), [
    'id int',
    's struct<x:decimal(5,2),y:array<string>>',
    'at timestamp',
    'more string',
  ]);
  const rows = await room.read('f');
  assert.deepEqual(
    rows.map((row) => [row[0], row[3]]),
    [
      [1, null],
      [2, 'late'],
    ],
  );
  const files = await (await room.delta.snapshot('f')).files();
  assert.deepEqual(
    files.map((file) => [file.path, fileStats(file).numRecords, fileStats(file).minValues.id]),
    [
      ['a.parquet', 1, 1],
      ['b.parquet', 1, 2],
    ],
  );
  const [entry] = await room.delta.history('f', 1);
  assert.equal(entry?.operation, 'CONVERT');
  // It is a table now: nothing is done twice.
  assert.equal((await room.delta.convert('f')).version, null);
});

test('folders give the partition columns, with given types or the narrowest that takes all values', async () => {
  await parquet('day=2024-01-01/n=1/a.parquet', 'SELECT 1 AS id');
  await parquet('day=2024-01-02/n=__HIVE_DEFAULT_PARTITION__/x%2Fy.parquet', 'SELECT 2 AS id');
  await room.delta.convert('f');
  assert.deepEqual(await types(), ['id int', 'day date', 'n int']);
  assert.deepEqual(
    (await room.read('f')).map((row) => [row[0], row[2]]),
    [
      [1, 1],
      [2, null],
    ],
  );
});

test('partition columns that the folders do not have, and values that their type does not take, are refused by file', async () => {
  await parquet('p=x/a.parquet', 'SELECT 1 AS id');
  const convert = (name: string, type: string) => room.delta.convert('f', { partitionSchema: [{ name, type }] });
  await assert.rejects(convert('q', 'string'), hasCode('DELTA_CONVERSION_UNEXPECTED_PARTITION', 'p=x/a.parquet'));
  await assert.rejects(convert('p', 'int'), hasCode('DELTA_FAILED_CAST_PARTITION_VALUE', 'p=x/a.parquet', 'int'));
  await convert('p', 'string');
  assert.deepEqual(await room.read('f'), [[1, 'x']]);
});

test('files whose columns do not fit together, and a folder without files, are refused', async () => {
  await assert.rejects(room.delta.convert('f'), hasCode('DELTA_CONVERSION_NO_PARQUET_FILES'));
  await parquet('a.parquet', 'SELECT 1::INTEGER AS id');
  await parquet('b.parquet', "SELECT 'x' AS ID");
  await assert.rejects(room.delta.convert('f'), hasCode('DELTA_CONVERSION_MERGE_SCHEMA_FAILED', 'b.parquet', 'string'));
});

test('types of files are those of tables, at any depth', () => {
  const of = (text: string, naive = false) => typeText(typeOfEngine(text, naive));
  assert.equal(
    of('STRUCT("a b" INTEGER[], m MAP(VARCHAR, STRUCT(x DECIMAL(10,2))))[]'),
    'array<struct<`a b`:array<int>,m:map<string,struct<x:decimal(10,2)>>>>',
  );
  assert.equal(of('UBIGINT'), 'decimal(20,0)');
  assert.equal(of('TIMESTAMP'), 'timestamp_ntz');
  assert.equal(of('TIMESTAMP', true), 'timestamp');
  assert.throws(() => of('INTERVAL'), hasCode('DELTA_UNSUPPORTED_DATA_TYPES', 'INTERVAL'));
});
