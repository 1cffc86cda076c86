import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportResult, ResultWriter } from '../index.ts';
import { column, openRoom } from './helper.ts';

test('a stored result is downloaded as CSV and as Parquet with every value', async (t) => {
  const { engine, store } = await openRoom(t);
  const columns = [
    column('n', 'decimal(20,3)'),
    column('s', 'string'),
    column('s', 'string'),
    column('at', 'timestamp'),
    column('m', 'map<string,array<binary>>'),
    column('f', 'double'),
  ];
  const writer = new ResultWriter({ store, columns });
  const sql = `SELECT 1.5::DECIMAL(20,3), 'say "hi", please', '', TIMESTAMPTZ '2024-01-02 03:04:05.6+00', MAP {'k': ['\\xFF'::BLOB]}, '-Infinity'::DOUBLE
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL`;
  await engine.query(sql, columns, { onBatch: async (batch) => (await writer.add(batch)).accepted });
  const { key } = await writer.finish();
  const csv = await exportResult({ engine, store }, key, 'csv', 'exports/a.csv');
  const text = Buffer.from(await store.get('exports/a.csv')).toString();
  assert.equal(csv.sizeBytes, Buffer.byteLength(text));
  assert.equal(
    text,
    'n,s,s,at,m,f\r\n1.500,"say ""hi"", please","",2024-01-02T03:04:05.600000Z,"[[""k"",[""FF""]]]",-Infinity\r\n,,,,,\r\n',
  );
  await exportResult({ engine, store }, key, 'parquet', 'exports/a.parquet');
  const read = `read_parquet('${store.engineUri('exports/a.parquet')}')`;
  assert.deepEqual(
    (await engine.rows(`DESCRIBE SELECT * FROM ${read}`)).map((row) => [row.column_name, row.column_type]),
    [
      ['n', 'DECIMAL(20,3)'],
      ['s', 'VARCHAR'],
      ['s_2', 'VARCHAR'],
      ['at', 'TIMESTAMP WITH TIME ZONE'],
      ['m', 'MAP(VARCHAR, BLOB[])'],
      ['f', 'DOUBLE'],
    ],
  );
  assert.deepEqual(
    await engine.rows(`SELECT n::VARCHAR AS n, s, s_2, "at"::VARCHAR AS "at", hex(m['k'][1]) AS m, f FROM ${read}`),
    [
      {
        n: '1.500',
        s: 'say "hi", please',
        s_2: '',
        at: '2024-01-02 03:04:05.6+00',
        m: 'FF',
        f: Number.NEGATIVE_INFINITY,
      },
      { n: null, s: null, s_2: null, at: null, m: null, f: null },
    ],
  );
});
