import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plan } from './fixture.ts';

async function body(text: string) {
  const planned = await plan(text);
  assert.ok(planned.kind === 'plan', text);
  return planned;
}

test('DELETE keeps its condition over the target, what may prune files, and the rights to read and to change', async () => {
  const { body: made, requires } = await body('DELETE FROM flights AS f WHERE f.delay > 10 AND origin IS NULL');
  assert.ok(made.kind === 'delete' && made.where);
  assert.match(made.where.join(''), /target\."delay"/);
  assert.deepEqual(
    made.predicates.map(({ column, op, values }) => [column, op, ...values]),
    [
      ['delay', '>', '10'],
      ['origin', 'is null'],
    ],
  );
  const rights = requires.map(({ privilege }) => privilege);
  assert.ok(rights.includes('MODIFY') && rights.includes('SELECT'));
});

test('a subquery of a condition brings its tables, and the target keeps its place among them', async () => {
  const { body: made } = await body('DELETE FROM flights WHERE origin IN (SELECT code FROM airports)');
  assert.ok(made.kind === 'delete');
  assert.deepEqual([made.tables.length, made.targetTable], [2, 0]);
});

test('UPDATE casts values as the columns store them', async () => {
  const { body: made } = await body("UPDATE flights SET delay = '7', origin = DEFAULT WHERE id = 1");
  assert.ok(made.kind === 'update');
  assert.deepEqual(
    made.set.map(({ column }) => column),
    ['origin', 'delay'],
  );
});

test('MERGE computes only the columns of its source that it uses', async () => {
  const { body: made } = await body(
    `MERGE INTO airports t USING (SELECT 'ZRH' AS code, 'Zurich' AS city, 1 AS extra) s ON t.code = s.code
     WHEN MATCHED AND s.city IS NULL THEN DELETE
     WHEN MATCHED THEN UPDATE SET city = s.city
     WHEN NOT MATCHED THEN INSERT *`,
  );
  assert.ok(made.kind === 'merge');
  assert.deepEqual([made.matched.length, made.notMatched.length, made.notMatchedBySource.length], [2, 1, 0]);
  assert.match(made.source.join(''), /^SELECT t\d\.c0 AS c0, t\d\.c1 AS c1 FROM /);
  assert.deepEqual(
    made.notMatched[0]!.values.map(({ column }) => column),
    ['code', 'city'],
  );
});

for (const [text, code] of [
  ['UPDATE flights SET id = 1, ID = 2', 'DELTA_CONFLICT_SET_COLUMN'],
  ['UPDATE flights SET zz = 1', 'UNRESOLVED_COLUMN.WITH_SUGGESTION'],
  ['DELETE FROM flights WHERE id', 'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN'],
  ['DELETE FROM flights WHERE sum(id) > 1', 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['DELETE FROM flights WHERE rand() > 2', 'INVALID_NON_DETERMINISTIC_EXPRESSIONS'],
  ['DELETE FROM nowhere', 'TABLE_OR_VIEW_NOT_FOUND'],
  [
    'MERGE INTO airports t USING airports s ON t.code = s.code WHEN MATCHED THEN DELETE WHEN MATCHED THEN DELETE',
    'NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION',
  ],
  [
    'MERGE INTO airports t USING (SELECT 1 AS code) s ON t.code = s.code WHEN NOT MATCHED THEN INSERT *',
    'DELTA_MERGE_UNRESOLVED_EXPRESSION',
  ],
  ['OPTIMIZE flights WHERE id = 1', 'DELTA_NON_PARTITION_COLUMN_REFERENCE'],
  ['OPTIMIZE flights ZORDER BY (zz)', 'DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST'],
  ['ALTER TABLE flights RENAME TO other', 'UNSUPPORTED_FEATURE'],
] as const) {
  test(`${text} is refused as ${code}`, async () => {
    await assert.rejects(plan(text), { code });
  });
}

test('REPLACE USING takes matching rows away and adds all new ones in one merge', async () => {
  const { body: made } = await body("INSERT INTO airports REPLACE USING (code) SELECT 'ZRH', 'Zurich'");
  assert.ok(made.kind === 'merge');
  assert.deepEqual(made.matched, [{ condition: null, action: { kind: 'delete' } }]);
  assert.equal(made.notMatched.length, 1);
});

test('RESTORE and VACUUM carry their numbers', async () => {
  const restore = (await body('RESTORE TABLE flights TO VERSION AS OF 3')).body;
  assert.deepEqual(restore.kind === 'maintain' && restore.operation, {
    kind: 'restore',
    to: { at: 'version', version: 3 },
  });
  const vacuum = (await body('VACUUM flights RETAIN 240 HOURS DRY RUN')).body;
  assert.deepEqual(vacuum.kind === 'maintain' && vacuum.operation, {
    kind: 'vacuum',
    mode: 'full',
    retainHours: 240,
    dryRun: true,
  });
});

test('the change feed of a table is read by its name, between two versions, with the right to read the table', async () => {
  const planned = await plan("SELECT id, _change_type FROM table_changes('main.samples.flights', 2, 5)");
  assert.ok(planned.kind === 'plan' && planned.body.kind === 'query');
  const [table] = planned.body.query.tables;
  assert.ok(table?.source === 'delta');
  assert.deepEqual(table.changes, { fromVersion: 2, toVersion: 5 });
  assert.deepEqual(table.needed, ['id', '_change_type']);
  assert.ok(planned.requires.some(({ privilege, fullName }) => privilege === 'SELECT' && fullName.endsWith('flights')));
});

test('a clone takes over its source, and needs the right to read it', async () => {
  const planned = await plan('CREATE TABLE copy SHALLOW CLONE airports VERSION AS OF 3');
  assert.ok(planned.kind === 'createTable' && planned.clone);
  assert.deepEqual(
    [planned.clone.fullName, planned.clone.shallow, planned.clone.versionAsOf],
    ['main.samples.airports', true, 3],
  );
  assert.ok(planned.requires.some(({ privilege }) => privilege === 'SELECT'));
});

test('the history tells a condition as Spark prints it, or as it was written', async () => {
  const { body: made } = await body("DELETE FROM flights WHERE origin = 'ZRH' AND delay != 3");
  assert.ok(made.kind === 'delete');
  assert.equal(made.parameters?.predicate, JSON.stringify(['((origin#1 = ZRH) AND NOT (delay#3 = 3))']));
  const { body: other } = await body("DELETE FROM flights WHERE origin LIKE 'Z%'");
  assert.equal(other.kind === 'delete' && other.parameters?.predicate, JSON.stringify(["origin LIKE 'Z%'"]));
});
