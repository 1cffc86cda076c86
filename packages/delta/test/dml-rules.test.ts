import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Delta } from '../types.ts';
import { column, hasCode, openRoom, plainCompiler, type Room } from './support.ts';

let room: Room;
let delta: Delta;
before(async () => {
  room = await openRoom();
  delta = room.other({ compiler: plainCompiler });
});
after(() => room.close());

const columns = [
  { ...column('key', 'bigint'), identity: { always: true, start: '1', step: '1' } },
  column('n', 'int'),
  { ...column('twice', 'bigint'), generatedAs: 'n * 2' },
  { ...column('note', 'string'), default: `'none'` },
];

/** Rows with n = 1, 2 and 3. */
async function table(location: string, properties: Record<string, string> = {}): Promise<void> {
  await delta.create(location, {
    columns,
    properties: {
      'delta.feature.allowColumnDefaults': 'supported',
      'delta.constraints.small': 'n < 100',
      ...properties,
    },
  });
  await merge(location, '(SELECT * FROM (VALUES (1), (2), (3)) AS s(n))', 'false');
}

const merge = (location: string, source: string, on: string) =>
  delta.merge(location, {
    source,
    on,
    matched: [{ condition: null, action: { kind: 'update', set: [{ column: 'n', value: 'source."n" * 10' }] } }],
    notMatched: [{ condition: null, values: [{ column: 'n', value: 'source."n"' }] }],
    notMatchedBySource: [],
  });

for (const [form, properties] of [
  ['copy-on-write', {}],
  ['deletion vectors', { 'delta.enableDeletionVectors': 'true' }],
] as const) {
  test(`UPDATE and MERGE by ${form} compute generated columns anew and give identity values to new rows alone`, async () => {
    const location = `rules-${form}`;
    await table(location, { ...properties, 'delta.enableChangeDataFeed': 'true' });
    await delta.update(location, { where: 'target."n" = 2', set: [{ column: 'n', value: '7' }] });
    const version = (await merge(location, '(SELECT * FROM (VALUES (3), (50)) AS s(n))', 'target."n" = source."n"'))
      .version;
    assert.deepEqual(await room.read(location), [
      [1n, 1, 2n, 'none'],
      [2n, 7, 14n, 'none'],
      [3n, 30, 60n, 'none'],
      [4n, 50, 100n, 'none'],
    ]);
    const { relation } = await delta.changes(location, { fromVersion: version ?? 0 });
    const feed = await room.engine.rows(
      `SELECT _change_type AS kind, key, n, twice, note FROM ${relation} ORDER BY kind`,
    );
    assert.deepEqual(
      feed.map((row) => Object.values(row)),
      [
        ['insert', 4n, 50, 100n, 'none'],
        ['update_postimage', 3n, 30, 60n, 'none'],
        ['update_preimage', 3n, 3, 6n, 'none'],
      ],
    );
    await merge(location, '(SELECT 51 AS n)', 'false');
    assert.deepEqual((await room.read(location)).at(-1), [5n, 51, 102n, 'none']);
  });

  test(`UPDATE and MERGE by ${form} that break a constraint change nothing and leave no file`, async () => {
    const location = `broken-${form}`;
    await table(location, properties);
    const keys = async () => {
      const found: string[] = [];
      // Checksums come behind the back of commits.
      for await (const { key } of room.store.list(`${location}/`)) if (!key.endsWith('.crc')) found.push(key);
      return found;
    };
    const files = await keys();
    const refused = hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'small');
    await assert.rejects(
      delta.update(location, { where: 'target."n" > 1', set: [{ column: 'n', value: 'target."n" * 40' }] }),
      refused,
    );
    await assert.rejects(
      merge(location, '(SELECT * FROM (VALUES (1), (100)) AS s(n))', 'target."n" = source."n"'),
      refused,
    );
    assert.deepEqual(await keys(), files);
  });
}

test('A generated column may be set to what it would be, and an identity column not at all', async () => {
  await table('assigned');
  await assert.rejects(
    delta.update('assigned', { where: null, set: [{ column: 'twice', value: '5' }] }),
    hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES', 'twice'),
  );
  await assert.rejects(
    delta.update('assigned', { where: null, set: [{ column: 'key', value: '5' }] }),
    hasCode('DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED', 'key'),
  );
  const set = [
    { column: 'n', value: '9' },
    { column: 'twice', value: '18' },
  ];
  await delta.update('assigned', { where: 'target."n" = 1', set });
  assert.deepEqual((await room.read('assigned'))[0], [1n, 9, 18n, 'none']);
});
