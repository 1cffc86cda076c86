import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { PrunePredicate } from '@boathouse/contracts';
import { identifier, literal } from '../schema/engine.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [
  column('p', 'int'),
  column('q', 'string'),
  column('i', 'int'),
  column('s', 'string'),
  column('d', 'double'),
  column('f', 'float'),
  column('c', 'decimal(20,3)'),
  column('t', 'timestamp'),
  column('dt', 'date'),
];
const types: Record<string, string> = {
  p: 'INT',
  q: 'VARCHAR',
  i: 'INT',
  s: 'VARCHAR',
  d: 'DOUBLE',
  f: 'FLOAT',
  c: 'DECIMAL(20,3)',
  t: 'TIMESTAMPTZ',
  dt: 'DATE',
};
const partitionColumns = ['p', 'q'];
/** More by hand: SEED=… ROUNDS=… */
const ROUNDS = Number(process.env.ROUNDS ?? 120);

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test('pruned files never hide a row: seeded tables and predicates against a scan of all files', async () => {
  const seed = Number(process.env.SEED ?? 20261121);
  const next = random(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const long = 'x'.repeat(35);
  const pools: Record<string, string[]> = {
    p: ['-1', '0', '1', '2', '10'],
    q: ['a', 'b/c', 'Ä', '🎏', '\u{ffff}'],
    i: ['-5', '0', '3', '7', '100', '2147483647'],
    s: ['', 'a', 'Z', 'é', '🎏', '\u{ffff}', long, `${long}y`, `${'🎏'.repeat(33)}`, 'a\u007f'],
    d: ['-1.5', '0', '-0.0', '0.1', '1e300', 'NaN', 'Infinity', '-Infinity'],
    f: ['0.1', '16777217', '-3.3', '0.30000001', 'NaN'],
    c: ['0.001', '12345678901234567.891', '12345678901234567.892', '-1', '1.10'],
    t: [
      '2024-01-01T00:00:00.000001Z',
      '2024-01-01T00:00:00.000999Z',
      '2024-01-01T00:00:00.001Z',
      '1969-12-31T23:59:59.9999Z',
      '1970-01-01T00:00:00Z',
    ],
    dt: ['2024-01-01', '1969-12-31', '2024-02-29'],
  };
  const value = (name: string) => (next() < 0.15 ? 'NULL' : `CAST(${literal(pick(pools[name]!))} AS ${types[name]})`);
  for (let file = 0; file < 25; file++) {
    const rows = Array.from(
      { length: 1 + Math.floor(next() * 3) },
      () => `SELECT ${columns.map(({ name }) => `${value(name)} AS ${identifier(name)}`).join(', ')}`,
    );
    const adds = await room.delta.writeFiles({ location: 't', columns, partitionColumns }, rows.join(' UNION ALL '));
    // Some writers leave statistics out.
    const some = adds.map((add) => (next() < 0.1 ? { ...add, stats: undefined } : add));
    if (file === 0) await room.delta.create('t', { columns, partitionColumns, files: some });
    else await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: some });
  }
  const snapshot = await room.delta.snapshot('t');
  await room.delta.idle();
  const large = room.other({ filesInMemory: 0 });
  const kept = await large.snapshot('t');
  const names = columns.map(({ name }) => name);
  await room.engine.rows(
    `CREATE TABLE everything AS SELECT * FROM ${await room.delta.relation(snapshot, await snapshot.files(), names)}`,
  );
  const ops = ['=', '<', '<=', '>', '>=', 'in', 'is null', 'is not null'] as const;
  let pruned = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const predicates = Array.from({ length: 1 + Math.floor(next() * 2) }, (): PrunePredicate => {
      const name = pick(names);
      const op = pick(ops);
      const count = op === 'in' ? 2 : op.startsWith('is') ? 0 : 1;
      return { column: name, op, values: Array.from({ length: count }, () => pick(pools[name]!)) };
    });
    const where = predicates
      .map(({ column: name, op, values }) => {
        const casts = values.map((text) => `CAST(${literal(text)} AS ${types[name]})`);
        return `${identifier(name)} ${op} ${op === 'in' ? `(${casts.join(', ')})` : (casts[0] ?? '')}`;
      })
      .join(' AND ');
    const { files, filesTotal } = await room.delta.prune(snapshot, predicates);
    pruned += filesTotal - files.length;
    // Where the engine keeps the files of the checkpoint, just the same are left.
    const paths = (list: readonly { path: string }[]) => list.map(({ path }) => path).sort();
    assert.deepEqual(paths((await large.prune(kept, predicates)).files), paths(files), `seed ${seed}: ${where}`);
    const relation = await room.delta.relation(snapshot, files, names);
    const [lost] = await room.engine.rows(
      `SELECT count(*) AS n FROM (SELECT * FROM everything WHERE ${where} EXCEPT ALL SELECT * FROM ${relation} WHERE ${where})`,
    );
    assert.equal(lost?.n, 0n, `seed ${seed}: ${where} lost rows`);
  }
  assert.ok(pruned > ROUNDS * (await snapshot.totals()).numFiles * 0.2, `only ${pruned} files were pruned`);
});

test('a partition and a range leave just the files that can match', async () => {
  const files = await room.delta.writeFiles(
    { location: 't', columns: [column('p', 'int'), column('v', 'bigint')], partitionColumns: ['p'] },
    'SELECT i // 100 AS p, i AS v FROM range(1000) r(i)',
  );
  await room.delta.create('t', {
    columns: [column('p', 'int'), column('v', 'bigint')],
    partitionColumns: ['p'],
    files,
  });
  const snapshot = await room.delta.snapshot('t');
  const count = async (...predicates: PrunePredicate[]) => (await room.delta.prune(snapshot, predicates)).files.length;
  assert.equal(await count({ column: 'P', op: '=', values: ['3'] }), 1);
  assert.equal(await count({ column: 'v', op: '>=', values: ['850'] }), 2);
  assert.equal(await count({ column: 'v', op: 'in', values: ['5', '995'] }), 2);
  assert.equal(await count({ column: 'p', op: '>', values: ['2'] }, { column: 'v', op: '<', values: ['400'] }), 1);
  assert.equal(await count({ column: 'v', op: 'is null', values: [] }), 0);
  assert.equal(await count({ column: 'v', op: '=', values: ['not a number'] }), 10);
});

test('bounds of other writers that leave NaN out do not hide it', async () => {
  await room.delta.create('t', { columns: [column('d', 'double')] });
  const [file] = await room.delta.writeFiles(
    { location: 't', columns: [column('d', 'double')], partitionColumns: [] },
    "SELECT unnest([1, 'NaN'::DOUBLE]) AS d",
  );
  const foreign = {
    ...file!,
    tags: undefined,
    stats: '{"numRecords":2,"minValues":{"d":1.0},"maxValues":{"d":1.0},"nullCount":{"d":0}}',
  };
  await room.delta.commit('t', { operation: 'WRITE', mode: 'append', adds: [foreign] });
  const snapshot = await room.delta.snapshot('t');
  assert.equal((await room.delta.prune(snapshot, [{ column: 'd', op: '>', values: ['5'] }])).files.length, 1);
  assert.equal((await room.delta.prune(snapshot, [{ column: 'd', op: '<', values: ['0'] }])).files.length, 0);
});
