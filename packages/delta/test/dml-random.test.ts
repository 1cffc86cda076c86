import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { InsertClause, MergeClause } from '../dml/types.ts';
import { shapeOf } from '../index.ts';
import { column, openRoom, type Room } from './support.ts';

/**
 * Random deletes, updates and merges on tables of every form, beside the same statements on a plain table of the engine. A
 * failure names its seed, which replays it.
 */
let room: Room;
before(async () => {
  room = await openRoom();
});
after(() => room.close());

const SEED = Number(process.env.DML_SEED ?? 20261121);
const STEPS = Number(process.env.DML_STEPS ?? 7);

const vectors = { 'delta.enableDeletionVectors': 'true' };
const feed = { 'delta.enableChangeDataFeed': 'true' };
const tracked = { 'delta.enableRowTracking': 'true' };
const forms: [name: string, properties: Record<string, string>, partitionColumns?: string[]][] = [
  ['copy-on-write', {}],
  ['deletion vectors', vectors],
  ['copy-on-write with partitions and change feed', feed, ['p']],
  ['deletion vectors with partitions and change feed', { ...vectors, ...feed }, ['p']],
  ['copy-on-write with row tracking and column mapping', { ...tracked, 'delta.columnMapping.mode': 'name' }],
  [
    'deletion vectors with row tracking, change feed and column mapping by id',
    { ...vectors, ...tracked, ...feed, 'delta.columnMapping.mode': 'id' },
    ['p'],
  ],
];

function random(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  return { below, pick, chance: (part: number) => next() < part };
}
type Random = ReturnType<typeof random>;

const columns = [
  column('id', 'bigint'),
  column('k', 'int'),
  column('v', 'string'),
  column('s', 'struct<a:int,b:array<string>>'),
  column('p', 'string'),
];
const names = columns.map(({ name }) => name);

/** Rows with ids from `start` on: `k` is NULL for some, `s` too. */
const rowsFrom = (start: number, count: number, salt: number) =>
  `SELECT CAST(range AS BIGINT) AS id, CASE WHEN range % 7 = 0 THEN NULL ELSE CAST((range * ${salt}) % 11 AS INTEGER) END AS k,
    'v' || range AS v, CASE WHEN range % 5 <> 0 THEN {'a': CAST(range % 3 AS INTEGER), 'b': ['x' || range]} END AS s,
    CASE WHEN range % 13 <> 0 THEN 'p ' || (range % 3) END AS p FROM range(${start}, ${start + count})`;

function condition(from: Random, table: 'target' | 'source'): string {
  const c = (name: string) => `${table}."${name}"`;
  return from.pick([
    () => `${c('k')} = ${from.below(11)}`,
    () => `${c('k')} > ${from.below(11)}`,
    () => `${c('id')} % ${2 + from.below(5)} = 0`,
    () => `${c('id')} BETWEEN ${from.below(150)} AND ${150 + from.below(150)}`,
    () => `${c('p')} = 'p ${from.below(3)}'`,
    () => `${c('p')} IS NULL`,
    () => `${c('s')}.a = 1 OR ${c('k')} IS NULL`,
    () => `${c('id')} < 0`,
  ])();
}

const values: Record<string, string[]> = {
  k: ['target."k" + 1', 'NULL', '5'],
  v: [`target."v" || '!'`, `'new'`],
  s: [`{'a': 9, 'b': NULL}`, 'NULL'],
  p: [`'p 1'`, `'ä/b=c %'`],
};

function assigned(from: Random): { column: string; value: string }[] {
  const chosen = Object.keys(values).filter(() => from.chance(0.4));
  return (chosen.length ? chosen : ['k']).map((name) => ({ column: name, value: from.pick(values[name]!) }));
}

const plain = (set: readonly { column: string; value: string }[]) =>
  set.map(({ column: name, value }) => `"${name}" = ${value}`).join(', ');

interface Statement {
  text: string;
  run(location: string): Promise<unknown>;
}

function statement(from: Random, model: string, nextId: number): Statement {
  const kind = from.below(4);
  if (kind === 0) {
    const where = condition(from, 'target');
    return {
      text: `DELETE FROM ${model} AS target WHERE ${where}`,
      run: (location) => room.delta.delete(location, { where }),
    };
  }
  if (kind === 1) {
    const where = from.chance(0.1) ? null : condition(from, 'target');
    const set = assigned(from);
    return {
      text: `UPDATE ${model} AS target SET ${plain(set)}${where === null ? '' : ` WHERE ${where}`}`,
      run: (location) => room.delta.update(location, { where, set }),
    };
  }
  const start = Math.max(0, nextId - 60);
  const source = `(${rowsFrom(start, 80, 3)})`;
  const on = `target."id" = source."id"${from.chance(0.3) ? ` AND target."k" < ${from.below(11)}` : ''}`;
  const change = (): MergeClause['action'] =>
    from.chance(0.4)
      ? { kind: 'delete' }
      : {
          kind: 'update',
          set: [...assigned(from).filter(({ column: name }) => name !== 'v'), { column: 'v', value: `'merged'` }],
        };
  // Only the last clause of a kind may go without a condition.
  const some = <T>(make: (isLast: boolean) => T) => {
    const length = from.below(3);
    return Array.from({ length }, (_, place) => make(place === length - 1));
  };
  const matched = some(
    (isLast): MergeClause => ({
      condition: from.chance(0.6) || !isLast ? condition(from, from.pick(['target', 'source'])) : null,
      action: change(),
    }),
  );
  const notMatched = some(
    (isLast): InsertClause => ({
      condition: from.chance(0.6) || !isLast ? condition(from, 'source') : null,
      values: ['id', ...['k', 'v', 's', 'p'].filter(() => from.chance(0.7))].map((name) => ({
        column: name,
        value: `source."${name}"`,
      })),
    }),
  );
  const notMatchedBySource = some(
    (): MergeClause => ({ condition: `(${condition(from, 'target')}) AND target."id" % 4 = 1`, action: change() }),
  );
  const and = (text: string | null) => (text === null ? '' : ` AND (${text})`);
  const tell = (what: string) => (clause: MergeClause) =>
    `WHEN ${what}${and(clause.condition)} THEN ${clause.action.kind === 'delete' ? 'DELETE' : `UPDATE SET ${plain(clause.action.set)}`}`;
  const clauses = [
    ...matched.map(tell('MATCHED')),
    ...notMatched.map(
      (clause) =>
        `WHEN NOT MATCHED BY TARGET${and(clause.condition)} THEN INSERT (${clause.values.map((one) => `"${one.column}"`).join(', ')}) VALUES (${clause.values.map((one) => one.value).join(', ')})`,
    ),
    ...notMatchedBySource.map(tell('NOT MATCHED BY SOURCE')),
  ];
  return {
    text: clauses.length
      ? `MERGE INTO ${model} AS target USING ${source} AS source ON (${on}) ${clauses.join(' ')}`
      : 'SELECT 1',
    run: (location) => room.delta.merge(location, { source, on, matched, notMatched, notMatchedBySource }),
  };
}

async function relationOf(location: string, version?: number): Promise<string> {
  const snapshot = await room.delta.snapshot(location, { version });
  return room.delta.relation(snapshot, await snapshot.files(), names);
}

/** How many rows two relations do not share, as multisets. */
async function difference(left: string, right: string): Promise<number> {
  const [found] = await room.engine.rows(
    `SELECT (SELECT count(*) FROM (SELECT * FROM ${left} AS l EXCEPT ALL SELECT * FROM ${right} AS r)) +
            (SELECT count(*) FROM (SELECT * FROM ${right} AS r EXCEPT ALL SELECT * FROM ${left} AS l)) AS n`,
  );
  return Number(found?.n);
}

/** The version before, less deleted rows and those before an update, with inserted rows and those after one. */
async function explained(location: string, version: number): Promise<string> {
  const { relation } = await room.delta.changes(location, { fromVersion: version, toVersion: version });
  const part = (types: string) =>
    `SELECT ${names.join(', ')} FROM ${relation} AS feed WHERE _change_type IN (${types})`;
  return `((SELECT * FROM ${await relationOf(location, version - 1)} EXCEPT ALL ${part(`'delete', 'update_preimage'`)}) UNION ALL ${part(`'insert', 'update_postimage'`)})`;
}

/** Row ids by the value of `id`, where that is unique. */
async function rowIds(location: string): Promise<Map<unknown, unknown>> {
  const snapshot = await room.delta.snapshot(location);
  const relation = await room.delta.relation(snapshot, await snapshot.files(), ['id'], {
    metadata: { rowId: 'row_id' },
  });
  const rows = await room.engine.rows(
    `SELECT id, row_id, count(*) OVER (PARTITION BY id) = 1 AS is_unique FROM ${relation}`,
  );
  assert.equal(new Set(rows.map((row) => row.row_id)).size, rows.length, 'every row has an id of its own');
  return new Map(rows.flatMap((row) => (row.is_unique === true ? [[row.id, row.row_id]] : [])));
}

for (const [index, [name, properties, partitionColumns = []]] of forms.entries()) {
  test(`Random statements by ${name} leave the rows that the engine leaves in its own table`, async () => {
    const seed = SEED + index;
    const from = random(seed);
    const location = `random-${index}`;
    const model = `model_${index}`;
    await room.delta.create(location, { columns, partitionColumns, properties });
    await room.engine.rows(`CREATE TABLE ${model} AS ${rowsFrom(0, 0, 1)}`);
    const append = async (start: number, count: number, salt: number) => {
      const rows = rowsFrom(start, count, salt);
      await room.engine.rows(`INSERT INTO ${model} ${rows}`);
      const target = shapeOf(await room.delta.snapshot(location));
      const adds = await room.delta.writeFiles(target, rows);
      await room.delta.commit(location, { operation: 'WRITE', mode: 'append', adds });
    };
    await append(0, 100, 3);
    await append(100, 100, 5);
    let nextId = 200;
    for (let step = 0; step < STEPS; step++) {
      const { text, run } = statement(from, model, nextId);
      const told = `seed ${seed}, step ${step}: ${text}`;
      const before = properties['delta.enableRowTracking'] ? await rowIds(location) : null;
      const versionBefore = await room.delta.latestVersion(location);
      try {
        await room.engine.rows(text);
        await run(location);
      } catch (error) {
        throw new Error(told, { cause: error });
      }
      assert.equal(await difference(await relationOf(location), model), 0, told);
      const version = await room.delta.latestVersion(location);
      if (properties['delta.enableChangeDataFeed'] && version > versionBefore)
        assert.equal(
          await difference(await relationOf(location), await explained(location, version)),
          0,
          `changes of ${told}`,
        );
      // A merge may delete a row and insert another of the same key.
      if (before && !(text.includes('DELETE') && text.includes('INSERT')))
        for (const [id, rowId] of await rowIds(location)) {
          const known = before.get(id);
          if (known !== undefined) assert.equal(rowId, known, `row ${id} keeps its id: ${told}`);
        }
      nextId += 20;
    }
  });
}
