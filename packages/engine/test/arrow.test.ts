import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRows } from '../index.ts';
import { collect, column, openRoom } from './helper.ts';

const cases: { type: string; sql: string; value: unknown }[] = [
  { type: 'boolean', sql: 'true', value: true },
  { type: 'tinyint', sql: '(-128)::TINYINT', value: -128 },
  { type: 'smallint', sql: '32767::SMALLINT', value: 32767 },
  { type: 'int', sql: '(-2147483648)::INTEGER', value: -2147483648 },
  { type: 'bigint', sql: '9223372036854775807', value: '9223372036854775807' },
  { type: 'float', sql: '0.1::FLOAT', value: 0.1 },
  { type: 'double', sql: "'-Infinity'::DOUBLE", value: '-Infinity' },
  { type: 'double', sql: "'NaN'::DOUBLE", value: 'NaN' },
  { type: 'decimal(4,2)', sql: '(-12.34)::DECIMAL(4,2)', value: '-12.34' },
  { type: 'decimal(9,0)', sql: '999999999::DECIMAL(9,0)', value: '999999999' },
  { type: 'decimal(18,6)', sql: '(-0.000001)::DECIMAL(18,6)', value: '-0.000001' },
  {
    type: 'decimal(38,0)',
    sql: '(-99999999999999999999999999999999999999)::DECIMAL(38,0)',
    value: '-99999999999999999999999999999999999999',
  },
  { type: 'string', sql: "'kürz'", value: 'kürz' },
  {
    type: 'string',
    sql: "'a text that is longer than twelve bytes — ü'",
    value: 'a text that is longer than twelve bytes — ü',
  },
  { type: 'binary', sql: "'\\xAA\\x00'::BLOB", value: 'AA00' },
  { type: 'date', sql: "DATE '0001-01-01'", value: '0001-01-01' },
  { type: 'date', sql: "DATE '10000-02-29'", value: '+10000-02-29' },
  { type: 'timestamp', sql: "TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'", value: '1969-12-31T23:59:59.999999Z' },
  { type: 'timestamp_ntz', sql: "TIMESTAMP '2024-02-29 12:00:00'", value: '2024-02-29T12:00:00.000000' },
  { type: 'time(6)', sql: "TIME '23:59:59.999999'", value: '23:59:59.999999' },
  { type: 'array<time(0)>', sql: "[TIME '00:00:00', NULL]", value: ['00:00:00.000000', null] },
  { type: 'interval year to month', sql: 'INTERVAL 14 MONTH', value: "INTERVAL '1-2' YEAR TO MONTH" },
  {
    type: 'interval day to second',
    sql: "INTERVAL '-90061.5 seconds'",
    value: "INTERVAL '-1 01:01:01.5' DAY TO SECOND",
  },
  { type: 'void', sql: 'NULL', value: null },
  { type: 'array<int>', sql: '[1, NULL, 3]', value: [1, null, 3] },
  { type: 'array<array<string>>', sql: "[['a'], [], NULL]", value: [['a'], [], null] },
  {
    type: 'map<string,double>',
    sql: "MAP {'x': 1.5::DOUBLE, 'y': NULL}",
    value: [
      ['x', 1.5],
      ['y', null],
    ],
  },
  { type: 'struct<a:int,b:struct<c:string>>', sql: "{'a': 1, 'b': {'c': NULL::VARCHAR}}", value: [1, [null]] },
];

test('a value of every Spark type travels from the engine through Arrow to the wire, also beside nulls', async (t) => {
  const { engine } = await openRoom(t);
  for (const { type, sql, value } of cases) {
    const columns = [column('n', 'int'), column('v', type)];
    const { ipc } = await collect(
      engine,
      `SELECT n, CASE WHEN n % 2 = 1 THEN ${sql} END FROM (VALUES (0), (1), (2), (3)) AS t(n) ORDER BY n`,
      columns,
    );
    const { rows, columns: back } = decodeRows(ipc);
    assert.deepEqual(
      rows,
      [
        [0, null],
        [1, value],
        [2, null],
        [3, value],
      ],
      `${type} from ${sql}`,
    );
    assert.equal(back[1]!.type, type);
  }
});

test('strings of any length keep their bytes across batches, in any order of memory', async (t) => {
  const { engine } = await openRoom(t);
  const sql = `SELECT i::INTEGER, CASE WHEN i % 7 = 0 THEN NULL ELSE repeat(chr(97 + (i % 26)::INTEGER), (i * 37 % 200)::INTEGER) END
    FROM (SELECT i FROM range(20000) AS t(i) ORDER BY hash(i))`;
  const { ipc, batchRows } = await collect(engine, sql, [column('i', 'int'), column('s', 'string')]);
  assert.deepEqual(batchRows, [1000, 19000]);
  const { rows } = decodeRows(ipc);
  assert.equal(rows.length, 20000);
  for (const [i, s] of rows as [number, string | null][])
    assert.equal(s, i % 7 === 0 ? null : String.fromCharCode(97 + (i % 26)).repeat((i * 37) % 200));
});

test('lists that share or reorder their elements are gathered row by row', async (t) => {
  const { engine } = await openRoom(t);
  const sql = `SELECT list FROM (SELECT i, list_transform(range(i % 5), lambda x: x * i) AS list FROM range(5000) AS t(i)) ORDER BY i DESC`;
  const { ipc } = await collect(engine, sql, [column('list', 'array<bigint>')]);
  const { rows } = decodeRows(ipc);
  rows.forEach(([list], at) => {
    const i = 4999 - at;
    assert.deepEqual(
      list,
      Array.from({ length: i % 5 }, (_, x) => String(x * i)),
    );
  });
});

test('a column that the engine types wider than planned is cast, and a value that does not fit is an error', async (t) => {
  const { engine } = await openRoom(t);
  const { ipc } = await collect(engine, 'SELECT sum(i)::HUGEINT FROM range(5) AS t(i)', [column('s', 'bigint')]);
  assert.deepEqual(decodeRows(ipc).rows, [['10']]);
  await assert.rejects(collect(engine, 'SELECT 300::HUGEINT', [column('s', 'tinyint')]), { code: 'CAST_OVERFLOW' });
});

test('columns of one name stay apart, with rows and without', async (t) => {
  const { engine } = await openRoom(t);
  const columns = [
    column('x', 'array<map<string,int>>'),
    column('x', 'struct<a:string>'),
    column('x', 'int'),
    column('x', 'int'),
  ];
  const values = "[MAP {'k': 1}], {'a': 'b'}, 3, 4";
  const one = decodeRows((await collect(engine, `SELECT ${values}`, columns)).ipc);
  assert.deepEqual(one, { columns, rows: [[[[['k', 1]]], ['b'], 3, 4]] });
  assert.deepEqual(decodeRows((await collect(engine, `SELECT ${values} WHERE false`, columns)).ipc), {
    columns,
    rows: [],
  });
});
