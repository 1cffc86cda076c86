import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { equalitiesOf } from '../dml/equalities.ts';
import { createStoreCommitter } from '../index.ts';
import { column, hasCode, openRoom, type Room } from './support.ts';

let room: Room;
before(async () => {
  room = await openRoom();
});
after(() => room.close());

const columns = [column('id', 'bigint'), column('v', 'string'), column('n', 'int')];

/** A table of two files: ids 0 to 9 and 10 to 19, `v` is 'even' or 'odd' or, for every fifth, NULL. */
async function table(location: string, properties: Record<string, string> = {}): Promise<void> {
  const rows = (start: number) =>
    `SELECT range AS id, CASE WHEN range % 5 = 0 THEN NULL WHEN range % 2 = 0 THEN 'even' ELSE 'odd' END AS v, CAST(range AS INTEGER) AS n FROM range(${start}, ${start + 10})`;
  const target = { location, columns, partitionColumns: [] };
  const files = await room.delta.writeFiles(target, rows(0));
  await room.delta.create(location, { columns, files, properties });
  const more = await room.delta.writeFiles(target, rows(10));
  await room.delta.commit(location, { operation: 'WRITE', mode: 'append', adds: more });
}
const ids = async (location: string) => (await room.read(location)).map(([id]) => Number(id));
const keys = async (location: string) => {
  const found: string[] = [];
  // Checksums come behind the back of commits.
  for await (const { key } of room.store.list(`${location}/`)) if (!key.endsWith('.crc')) found.push(key);
  return found;
};
const filesOf = async (location: string) => (await room.delta.snapshot(location)).files();

const forms = [
  ['copy-on-write', {}],
  ['deletion vectors', { 'delta.enableDeletionVectors': 'true' }],
] as const;

for (const [form, properties] of forms) {
  const usesVectors = form === 'deletion vectors';

  test(`DELETE by ${form} takes rows where the condition is TRUE, and keeps those where it is NULL`, async () => {
    const location = `delete-${form}`;
    await table(location, properties);
    const { version, metrics } = await room.delta.delete(location, {
      where: `target."v" = 'odd' AND target."id" < 10`,
    });
    assert.equal(version, 2);
    assert.equal(metrics.numDeletedRows, 4);
    assert.equal(metrics.numCopiedRows, usesVectors ? 0 : 6);
    assert.deepEqual(await ids(location), [0, 2, 4, 5, 6, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const files = await filesOf(location);
    assert.equal(files.filter(({ deletionVector }) => deletionVector).length, usesVectors ? 1 : 0);
    const [entry] = await room.delta.history(location, 1);
    assert.equal(entry?.operation, 'DELETE');
    assert.equal(entry?.operationMetrics?.numDeletedRows, '4');
  });

  test(`DELETE by ${form} removes files of which no row stays without writing any`, async () => {
    const location = `whole-${form}`;
    await table(location, properties);
    const { metrics } = await room.delta.delete(location, { where: 'target."id" >= 10' });
    assert.equal(metrics.numRemovedFiles, 1);
    assert.equal(metrics.numAddedFiles, 0);
    assert.equal((await filesOf(location)).length, 1);
    const all = await room.delta.delete(location, { where: null });
    assert.equal(all.metrics.numDeletedRows, 10);
    assert.deepEqual(await filesOf(location), []);
  });

  test(`Rows that are deleted by ${form} one after another stay deleted`, async () => {
    const location = `again-${form}`;
    await table(location, properties);
    for (const id of [3, 5, 4, 12]) await room.delta.delete(location, { where: `target."id" = ${id}` });
    assert.deepEqual(
      await ids(location),
      Array.from({ length: 20 }, (_, id) => id).filter((id) => ![3, 5, 4, 12].includes(id)),
    );
  });

  test(`A statement by ${form} that touches no row commits nothing`, async () => {
    const location = `none-${form}`;
    await table(location, properties);
    const where = 'target."id" > 100';
    assert.equal((await room.delta.delete(location, { where })).version, null);
    const set = [{ column: 'n', value: '0' }];
    assert.equal((await room.delta.update(location, { where, set })).version, null);
    assert.equal(await room.delta.latestVersion(location), 1);
  });

  test(`UPDATE by ${form} changes the rows of its condition by their old values`, async () => {
    const location = `update-${form}`;
    await table(location, properties);
    const { metrics } = await room.delta.update(location, {
      where: 'target."id" BETWEEN 8 AND 11',
      set: [
        { column: 'N', value: 'target."n" * 100' },
        { column: 'v', value: `'was ' || coalesce(target."v", 'NULL')` },
      ],
    });
    assert.equal(metrics.numUpdatedRows, 4);
    assert.deepEqual(
      (await room.read(location)).filter(([id]) => Number(id) >= 7 && Number(id) <= 12),
      [
        [7n, 'odd', 7],
        [8n, 'was even', 800],
        [9n, 'was odd', 900],
        [10n, 'was NULL', 1000],
        [11n, 'was odd', 1100],
        [12n, 'even', 12],
      ],
    );
  });

  test(`MERGE by ${form} lets the first clause whose condition holds act on a row`, async () => {
    const location = `merge-${form}`;
    await table(location, properties);
    const { metrics } = await room.delta.merge(location, {
      source: `(SELECT * FROM (VALUES (1, 'a', 10), (2, 'b', 20), (3, NULL, 30), (100, 'new', 1), (101, 'skip', 2), (102, NULL, 3)) AS s(id, v, n))`,
      on: 'target."id" = source."id"',
      matched: [
        { condition: 'source."v" = \'a\'', action: { kind: 'delete' } },
        { condition: 'source."n" > 15', action: { kind: 'update', set: [{ column: 'v', value: 'source."v"' }] } },
        { condition: null, action: { kind: 'update', set: [{ column: 'n', value: '-1' }] } },
      ],
      notMatched: [
        {
          condition: `source."v" = 'new'`,
          values: ['id', 'v', 'n'].map((name) => ({ column: name, value: `source."${name}"` })),
        },
        { condition: 'source."v" IS NULL', values: [{ column: 'id', value: 'source."id"' }] },
      ],
      notMatchedBySource: [
        { condition: 'target."id" >= 15', action: { kind: 'delete' } },
        { condition: 'target."id" = 14', action: { kind: 'update', set: [{ column: 'v', value: `'alone'` }] } },
      ],
    });
    assert.deepEqual(await room.read(location), [
      [0n, null, 0],
      [2n, 'b', 2],
      [3n, null, 3],
      [4n, 'even', 4],
      [5n, null, 5],
      [6n, 'even', 6],
      [7n, 'odd', 7],
      [8n, 'even', 8],
      [9n, 'odd', 9],
      [10n, null, 10],
      [11n, 'odd', 11],
      [12n, 'even', 12],
      [13n, 'odd', 13],
      [14n, 'alone', 14],
      [100n, 'new', 1],
      [102n, null, null],
    ]);
    const expected = {
      numSourceRows: 6,
      numTargetRowsInserted: 2,
      numTargetRowsUpdated: 3,
      numTargetRowsMatchedUpdated: 2,
      numTargetRowsNotMatchedBySourceUpdated: 1,
      numTargetRowsDeleted: 6,
      numTargetRowsMatchedDeleted: 1,
      numTargetRowsNotMatchedBySourceDeleted: 5,
      numTargetRowsCopied: usesVectors ? 0 : 11,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(metrics[name], value, name);
  });

  test(`MERGE by ${form} refuses two source rows for one target row, unless both delete it`, async () => {
    const location = `twice-${form}`;
    await table(location, properties);
    const source = '(SELECT * FROM (VALUES (1, 5), (1, 6), (2, 7)) AS s(id, n))';
    const on = 'target."id" = source."id"';
    const update = { kind: 'update', set: [{ column: 'n', value: 'source."n"' }] } as const;
    const none = { notMatched: [], notMatchedBySource: [] };
    const files = await keys(location);
    await assert.rejects(
      room.delta.merge(location, { source, on, matched: [{ condition: null, action: update }], ...none }),
      hasCode('DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE', location),
    );
    assert.deepEqual(await keys(location), files, 'nothing is left behind');
    // Only one of the two fulfils the clause's condition.
    await room.delta.merge(location, {
      source,
      on,
      matched: [{ condition: 'source."n" > 5', action: update }],
      ...none,
    });
    assert.deepEqual(
      (await room.read(location)).slice(1, 3).map(([, , n]) => n),
      [6, 7],
    );
    const { metrics } = await room.delta.merge(location, {
      source,
      on,
      matched: [{ condition: null, action: { kind: 'delete' } }],
      ...none,
    });
    assert.equal(metrics.numTargetRowsDeleted, 2);
    assert.deepEqual((await ids(location)).slice(0, 3), [0, 3, 4]);
  });
}

test('MERGE that only inserts appends rows without a match and leaves all files as they are', async () => {
  await table('insert-only');
  const files = (await filesOf('insert-only')).map(({ path }) => path);
  const { metrics } = await room.delta.merge('insert-only', {
    source: '(SELECT range AS id FROM range(18, 23))',
    on: 'target."id" = source."id" AND target."n" < 100',
    matched: [],
    notMatched: [{ condition: null, values: [{ column: 'id', value: 'source."id"' }] }],
    notMatchedBySource: [],
  });
  assert.equal(metrics.numTargetRowsInserted, 3);
  assert.equal(metrics.numTargetFilesRemoved, 0);
  const now = (await filesOf('insert-only')).map(({ path }) => path);
  assert.ok(files.every((path) => now.includes(path)));
  assert.deepEqual((await ids('insert-only')).slice(-4), [19, 20, 21, 22]);
});

test('MERGE opens only files that may hold the keys of its source', async () => {
  await table('keys');
  const gone = (await filesOf('keys')).find(({ stats }) => stats?.includes('"minValues":{"id":0'));
  assert.ok(gone);
  await room.store.delete(`keys/${gone.path}`);
  const merge = (source: string) =>
    room.delta.merge('keys', {
      source: `(${source})`,
      on: '((target."id" = source."id") AND (target."n" < 1000 OR target."n" IS NULL))',
      matched: [{ condition: null, action: { kind: 'update', set: [{ column: 'n', value: '-1' }] } }],
      notMatched: [],
      notMatchedBySource: [],
    });
  assert.equal((await merge('SELECT CAST(range AS BIGINT) AS id FROM range(15, 40)')).metrics.numTargetRowsUpdated, 5);
  assert.equal((await merge('SELECT range AS id FROM range(12, 1000)')).metrics.numTargetRowsUpdated, 8);
  // Another type: its values' range proves nothing, and the missing file is looked for.
  await assert.rejects(merge('SELECT CAST(range AS VARCHAR) AS id FROM range(12, 14)'));
});

test('Only what must be equal wherever a condition holds is taken for a key', () => {
  const a = { column: 'a', source: 'source."x"' };
  const b = { column: 'b"c', source: 'source."y"' };
  const cases: [condition: string, found: object[]][] = [
    ['target."a" = source."x"', [a]],
    ['((source."x" = target."a") and (target."b""c" = source."y"))', [a, b]],
    ['(target."a" = source."x" AND (target."n" > 1 OR f(source."z"))) AND target."b""c" = source."y"', [a, b]],
    ['target."a" = source."x" OR target."b""c" = source."y"', []],
    ['NOT (target."a" = source."x")', []],
    ['target."n" BETWEEN 1 AND target."a" = source."x"', []],
    [`target."n" = 'it''s AND (' AND target."a" = source."x"`, [a]],
    ['CASE WHEN true AND target."a" = source."x" THEN false END', []],
    ['target."a" = source."x" + 1', []],
    ['(target."a" = source."x") = (target."b""c" = source."y")', []],
  ];
  for (const [condition, found] of cases) assert.deepEqual(equalitiesOf(condition), found, condition);
});

test('MERGE adds columns that the source brings', async () => {
  await table('evolve');
  await room.delta.merge('evolve', {
    source: `(SELECT * FROM (VALUES (1, 'x'), (50, 'y')) AS s(id, extra))`,
    on: 'target."id" = source."id"',
    matched: [{ condition: null, action: { kind: 'update', set: [{ column: 'extra', value: 'source."extra"' }] } }],
    notMatched: [
      { condition: null, values: ['id', 'extra'].map((name) => ({ column: name, value: `source."${name}"` })) },
    ],
    notMatchedBySource: [],
    addColumns: [column('extra', 'string')],
  });
  const rows = await room.read('evolve');
  assert.deepEqual(rows[1], [1n, 'odd', 1, 'x']);
  assert.deepEqual(rows[2], [2n, 'even', 2, null]);
  assert.deepEqual(rows.at(-1), [50n, null, null, 'y']);
});

test('A statement is refused where another changed a file that it read, and leaves no file behind', async () => {
  await table('conflict');
  const store = createStoreCommitter(room.store);
  let files: string[] = [];
  const late = room.other({
    committer: {
      async commit(...given) {
        await room.delta.delete('conflict', { where: 'target."id" = 1' });
        files = await keys('conflict');
        return store.commit(...given);
      },
    },
  });
  const set = [{ column: 'n', value: '0' }];
  await assert.rejects(
    late.update('conflict', { where: 'target."id" = 2', set }),
    hasCode('DELTA_CONCURRENT_APPEND', 'UPDATE', 'DELETE', 'version 2'),
  );
  const left = await keys('conflict');
  assert.equal(left.length, files.length - 1);
  assert.deepEqual(
    (await room.read('conflict')).slice(0, 3).map(([id, , n]) => [id, n]),
    [
      [0n, 0],
      [2n, 2],
      [3n, 3],
    ],
  );
});

test('DELETE by partition columns alone opens no data file', async () => {
  const partitioned = [column('id', 'bigint'), column('day', 'date'), column('part', 'string')];
  const target = { location: 'partitions', columns: partitioned, partitionColumns: ['day', 'part'] };
  const files = await room.delta.writeFiles(
    target,
    `SELECT range AS id, DATE '2026-01-01' + CAST(range % 4 AS INTEGER) AS day, CASE WHEN range % 3 > 0 THEN 'a"b ' || range % 3 END AS part FROM range(24)`,
  );
  await room.delta.create('partitions', { ...target, files });
  for (const { path } of files) await room.store.delete(`partitions/${decodeURIComponent(path)}`);
  const where = `target."day" >= DATE '2026-01-03' AND target."part" = 'a"b 1'`;
  assert.equal((await room.delta.delete('partitions', { where })).metrics.numDeletedRows, 4);
  const late = await room.delta.delete('partitions', {
    where: `target."DAY" = DATE '2026-01-04' OR target."part" IS NULL`,
  });
  assert.equal(late.metrics.numDeletedRows, 10);
  assert.equal((await filesOf('partitions')).length, 5);
});

test('An append-only table refuses changes of its rows, and takes a merge that only inserts', async () => {
  await table('append-only', { 'delta.appendOnly': 'true' });
  const refused = hasCode('DELTA_CANNOT_MODIFY_APPEND_ONLY');
  await assert.rejects(room.delta.delete('append-only', { where: null }), refused);
  await assert.rejects(room.delta.update('append-only', { where: null, set: [] }), refused);
  const merge = {
    source: '(SELECT 77 AS id)',
    on: 'target."id" = source."id"',
    notMatched: [{ condition: null, values: [{ column: 'id', value: 'source."id"' }] }],
    notMatchedBySource: [],
  };
  await room.delta.merge('append-only', { ...merge, matched: [] });
  assert.equal((await ids('append-only')).at(-1), 77);
  const matched = [{ condition: null, action: { kind: 'delete' } as const }];
  await assert.rejects(room.delta.merge('append-only', { ...merge, matched }), refused);
});

test('A statement with a transaction that was committed before does nothing', async () => {
  await table('idempotent');
  const request = { where: null, set: [{ column: 'n', value: 'target."n" + 1' }], txn: { appId: 'job', version: 7 } };
  assert.equal((await room.delta.update('idempotent', request)).version, 2);
  const again = await room.delta.update('idempotent', request);
  assert.deepEqual(again, { version: 2, alreadyApplied: true, metrics: {} });
  assert.deepEqual((await room.read('idempotent'))[3], [3n, 'odd', 4]);
});

test('Assignments to unknown columns, or twice to one, are refused', async () => {
  await table('assign');
  const set = (...names: string[]) => names.map((name) => ({ column: name, value: '1' }));
  await assert.rejects(
    room.delta.update('assign', { where: null, set: set('nope') }),
    hasCode('DELTA_COLUMN_NOT_FOUND', 'nope'),
  );
  await assert.rejects(
    room.delta.update('assign', { where: null, set: set('n', 'N') }),
    hasCode('DELTA_CONFLICT_SET_COLUMN', 'n'),
  );
});
