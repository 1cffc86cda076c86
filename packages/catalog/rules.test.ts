import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkColumnNames,
  checkName,
  columnNameOf,
  grantablePrivileges,
  leaseMs,
  rank,
  splitFullName,
  sweepReserved,
  tableNameOf,
} from './index.ts';

const named = { code: 'INVALID_NAME' };

test('names with periods, spaces, slashes or control characters, empty or too long, are refused', () => {
  for (const name of ['', 'a.b', 'a b', 'a/b', 'a\tb', 'a\u0000', 'x'.repeat(256)])
    assert.throws(() => checkName('table', name), named, JSON.stringify(name));
  for (const name of ['a', 'Ünïcode_表', 'x'.repeat(255), 'with-dash', '9lives']) checkName('table', name);
});

test('columns that differ only in case are two of one name', () => {
  assert.throws(() => checkColumnNames(['id', 'ID']), named);
  assert.throws(() => checkColumnNames(['a', ' ']), named);
  assert.throws(() => checkColumnNames(['a b']), named);
  checkColumnNames(['id', 'name', 'Größe']);
});

test('a full name splits at periods outside of backticks', () => {
  assert.deepEqual(splitFullName('a.b.c', 3), ['a', 'b', 'c']);
  assert.deepEqual(splitFullName('a.`b.x`.`c``d`', 3), ['a', 'b.x', 'c`d']);
  for (const wrong of ['a.b', 'a.b.c.d', 'a..b', 'a.b.', '.a.b', ''])
    assert.throws(() => splitFullName(wrong, 3), named, wrong);
});

test('file names become table names that can be typed without quotes', () => {
  assert.equal(tableNameOf('Flights 2024 (1).csv.gz'), 'flights_2024_1');
  assert.equal(tableNameOf('2024-sales.parquet'), 't_2024_sales');
  assert.equal(tableNameOf('/tmp/Ärger.JSON'), 'a_rger');
  assert.equal(tableNameOf('....csv'), 'uploaded_file');
  assert.equal(columnNameOf(' Unit price (USD) ', 0), 'Unit_price_USD');
  assert.equal(columnNameOf('', 3), 'column_4');
});

test('an abandoned creation is published where version 0 was made, and undone where it was not', () => {
  const facts = { leaseUntilMs: 1_000, nowMs: 2_000, runAlive: false, versionZero: false };
  assert.deepEqual(sweepReserved({ ...facts, leaseUntilMs: 3_000 }), { action: 'wait' });
  assert.deepEqual(sweepReserved({ ...facts, runAlive: true }), { action: 'renew', leaseUntilMs: 2_000 + leaseMs });
  assert.deepEqual(sweepReserved({ ...facts, versionZero: true }), { action: 'publish' });
  assert.deepEqual(sweepReserved(facts), { action: 'undo' });
});

test('only privileges that mean something on a kind may be granted on it', () => {
  assert.ok(!grantablePrivileges('table').includes('USE CATALOG'));
  assert.ok(!grantablePrivileges('volume').includes('SELECT'));
  assert.ok(grantablePrivileges('catalog').includes('SELECT'));
  assert.deepEqual(grantablePrivileges('metastore'), ['CREATE CATALOG']);
});

test('search puts the exact name first, then beginnings, then parts, then comments', () => {
  const items = [
    { text: 'late_flights', path: 'main.default' },
    { text: 'delays', path: 'main.default', extra: 'Delays of flights' },
    { text: 'flights_2020', path: 'main.default' },
    { text: 'flights', path: 'main.samples' },
    { text: 'stocks', path: 'main.samples' },
  ];
  assert.deepEqual(
    rank('flights', items, 10).map((hit) => hit.item.text),
    ['flights', 'flights_2020', 'late_flights', 'delays'],
  );
  assert.equal(rank('main.samples.flights', items, 1)[0]!.item.text, 'flights');
  assert.deepEqual(
    rank('samples stocks', items, 5).map((hit) => hit.item.text),
    ['stocks'],
  );
});

test('a column is found by its own name, with the name of its table or without, never by that of its table alone', () => {
  const column = { text: 'delay', path: 'main.samples.flights', byName: true };
  assert.deepEqual(
    ['delay', 'flights delay', 'flights'].map((query) => rank(query, [column], 1).length),
    [1, 1, 0],
  );
});
