import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { plainColumns, readBatches } from '../engine-spark/arrow/batches.ts';
import { sparkAddress } from '../engine-spark/client/address.ts';
import { percentOf } from '../engine-spark/client/progress.ts';
import { answerColumns, type DataTypeMessage, dataTypeOf } from '../engine-spark/proto/data-type.ts';
import { ExecutePlanRequest, ExecutePlanResponse, Plan, SAVE_MODE_OVERWRITE } from '../engine-spark/proto/messages.ts';
import { placeInStatement, spliceSpark } from '../engine-spark/text.ts';
import { batchRows, decodeRows, streamEncoder } from '../index.ts';

const base64 = (text: string) => Buffer.from(text, 'base64');

// Bytes that PySpark 4.2's own protocol classes write for the same messages.
const REQUEST =
  'CiQwMDExMjIzMy00NDU1LTY2NzctODg5OS1hYWJiY2NkZGVlZmYSCgoDYW5uEgNBbm4aFgoUUhIKEFNFTEVDVCAnw6knIEFTIGEiCWJvYXRob3VzZSoECgIIATIEb3AtMToEY2VsbA==';
const WRITE = 'EiYSJAoMUgoKCFNFTEVDVCAxEgdwYXJxdWV0GglmaWxlOi8vL3goAg==';
const RESPONSE = 'CgFzEg4IgLzBlgsSAgABIAEoAiIdChsKBHNjYW4iEwoEcm93cxILEP///////////wFiAm9wagJyMXoCc3M=';
const PROGRESS = 'agJyMpIBCgoEEAQYAQoCEAQ=';

test("requests are the bytes that PySpark's own client sends", () => {
  const request = ExecutePlanRequest.encode({
    sessionId: '00112233-4455-6677-8899-aabbccddeeff',
    userContext: { userId: 'ann', userName: 'Ann' },
    plan: { root: { sql: { query: "SELECT 'é' AS a" } } },
    clientType: 'boathouse',
    requestOptions: [{ reattach: { reattachable: true } }],
    operationId: 'op-1',
    tags: ['cell'],
  });
  assert.equal(Buffer.from(request).toString('base64'), REQUEST);
  const input = { sql: { query: 'SELECT 1' } };
  const command = { writeOperation: { input, source: 'parquet', path: 'file:///x', mode: SAVE_MODE_OVERWRITE } };
  assert.equal(Buffer.from(Plan.encode({ command })).toString('base64'), WRITE);
});

test('answers of a server are read, and what is not known in them is skipped', () => {
  const { arrowBatch, serverSessionId, responseId } = ExecutePlanResponse.decode(base64(RESPONSE));
  assert.deepEqual([arrowBatch?.rowCount, arrowBatch?.chunkIndex, arrowBatch?.chunks], [3_000_000_000, 1, 2]);
  assert.deepEqual([...(arrowBatch?.data ?? [])], [0, 1]);
  assert.deepEqual([serverSessionId, responseId], ['ss', 'r1']);
  assert.equal(percentOf(ExecutePlanResponse.decode(base64(PROGRESS)).progress ?? {}), 12.5);
});

test('bytes that are cut off are refused as no answer of the protocol', () => {
  for (const length of [2, 10, 40])
    assert.throws(
      () => ExecutePlanResponse.decode(base64(RESPONSE).subarray(0, length)),
      (error: BoathouseError) => error.code === 'ENGINE_PROTOCOL',
    );
});

test("an answer that Spark 4.2 sent has Spark's types and values, and its second row is NULL throughout", async () => {
  const path = new URL('./fixtures/spark-answer.json', import.meta.url);
  const recorded = JSON.parse(await readFile(path, 'utf8')) as { schema: string; batches: string[] };
  const told = ExecutePlanResponse.decode(
    Buffer.concat([Buffer.from([0x3a, ...lengthOf(base64(recorded.schema))]), base64(recorded.schema)]),
  ).schema;
  const columns = answerColumns(told ?? {});
  const plain = plainColumns(columns);
  assert.deepEqual(
    plain.map(({ name, type }) => `${name} ${type}`),
    [
      'ti tinyint',
      'si smallint',
      'i int',
      'l bigint',
      'f float',
      'd double',
      'dec decimal(38,2)',
      's string',
      'bin binary',
      'b boolean',
      'day date',
      'ts timestamp',
      'ntz timestamp_ntz',
      't time(6)',
      'ym interval year to month',
      'ds interval day to second',
      'ci interval',
      'm map<string,int>',
      'st struct<x:int,y:array<int>>',
      'ai array<interval day>',
      'v0 void',
      'v variant',
    ],
  );
  const batches = recorded.batches.flatMap((part) => [...readBatches(base64(part), columns)]);
  const rows = batches.flatMap((batch) => batchRows(batch, plain));
  assert.deepEqual(rows[0], [
    1,
    -2,
    3,
    '4',
    1.5,
    'NaN',
    '12345678901234567890.12',
    'naïve',
    'AB',
    true,
    '0001-01-01',
    '1960-01-01T00:00:00.000001Z',
    '2020-01-01T10:00:00.000000',
    '10:00:00.500000',
    "INTERVAL '1-2' YEAR TO MONTH",
    "INTERVAL '-1 02:03:04.5' DAY TO SECOND",
    '1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds',
    [
      ['a', 1],
      ['b', null],
    ],
    [1, [1, null]],
    ["INTERVAL '1' DAY"],
    null,
    `{"b":"q80=","big":-12345678901234567890.5,"d":"2020-01-01","dec":-1.5,"e":1.0E10,"f":1.5,"l":"${'x'.repeat(70)}","n":"2020-01-01 10:00:00","nan":"NaN","o":{},"t":"2020-01-01 10:00:00.5+00:00","y":true,"z":[1,null,-70000,5000000000]}`,
  ]);
  assert.deepEqual(rows[1], Array(22).fill(null));
  // The stored result reads as the batch itself.
  const encoder = streamEncoder(plain);
  const stored = batches.flatMap((batch) => decodeRows(encoder.stream([encoder.batch(batch)])).rows);
  assert.deepEqual(stored, rows);
});

const lengthOf = (bytes: Uint8Array): number[] =>
  bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];

test('types that a result cannot hold are refused by name', () => {
  const refused = (told: DataTypeMessage) => {
    try {
      return dataTypeOf(told).kind;
    } catch (error) {
      return error instanceof BoathouseError ? error.message.match(/type (.*), which/)?.[1] : error;
    }
  };
  assert.equal(refused({ string: { collation: 'UTF8_BINARY' } }), 'string');
  assert.equal(refused({ string: { collation: 'UNICODE_CI' } }), 'string collate UNICODE_CI');
  assert.equal(refused({ array: { element: { geometry: {} } } }), 'geometry');
  assert.equal(refused({ udt: { type: 'vector' } }), 'vector');
});

test('addresses are host and port, and nothing else', () => {
  assert.deepEqual(sparkAddress('sc://spark.example.com'), { host: 'spark.example.com', port: 15002 });
  assert.deepEqual(sparkAddress('sc://[::1]:99/'), { host: '[::1]', port: 99 });
  for (const url of ['http://a:1', 'sc://a:1/;token=x', 'sc://', 'sc://a:0', 'sc://a:70000', 'spark'])
    assert.throws(
      () => sparkAddress(url),
      (error: BoathouseError) => error.code === 'ENGINE_ADDRESS',
      url,
    );
});

test("an error in Spark's text is found in the statement that a person wrote", () => {
  const statement = 'SELECT a, nosuch\nFROM main.s.t\nWHERE a > 0';
  const text = spliceSpark(
    ['SELECT a, nosuch\nFROM ', { table: 0 }, ' AS t\nWHERE a > 0'],
    ['(SELECT a FROM delta.`x`)'],
  );
  const at = text.text.indexOf('nosuch');
  const found = placeInStatement({ start: at + 5, end: at + 11, fragment: 'nosuch' }, text, statement, 5);
  assert.deepEqual(found, { line: 1, column: 11, start: 10, end: 16 });
  const where = text.text.indexOf('a > 0');
  assert.deepEqual(placeInStatement({ start: where, end: where + 5, fragment: 'a > 0' }, text, statement), {
    line: 3,
    column: 7,
    start: 37,
    end: 42,
  });
  // Inside of a relation that nobody wrote there is no place to tell.
  const inside = text.text.indexOf('delta');
  assert.equal(placeInStatement({ start: inside, end: inside + 5, fragment: 'delta' }, text, statement), undefined);
});
