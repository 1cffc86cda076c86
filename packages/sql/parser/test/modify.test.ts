import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatement } from '../index.ts';

const parsed = <K extends ReturnType<typeof parseStatement>['kind']>(text: string, kind: K) => {
  const node = parseStatement(text);
  assert.equal(node.kind, kind, text);
  return node as Extract<typeof node, { kind: K }>;
};

test('DELETE and UPDATE have a target with an alias, assignments and a condition', () => {
  const gone = parsed('DELETE FROM a.b AS x WHERE x.id = 1', 'delete');
  assert.deepEqual([gone.table.parts.length, gone.alias?.name?.name, gone.where?.kind], [2, 'x', 'binaryOp']);
  const changed = parsed('UPDATE t SET s.a = 1, b = DEFAULT', 'update');
  assert.deepEqual(
    changed.assignments.map(({ target }) => target.parts.map((part) => part.name).join('.')),
    ['s.a', 'b'],
  );
  assert.equal(changed.alias, undefined);
  for (const text of ['DELETE t', 'DELETE FROM t LIMIT 1', 'UPDATE t SET xs[0] = 9', 'UPDATE t SET a = 1 FROM s'])
    assert.throws(() => parseStatement(text), { code: 'PARSE_SYNTAX_ERROR' }, text);
});

test('MERGE has its clauses in order, each with a condition and an action of its kind', () => {
  const node = parsed(
    `MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 1 AS k) s ON t.k = s.k
     WHEN MATCHED AND s.gone THEN DELETE
     WHEN MATCHED THEN UPDATE SET *
     WHEN NOT MATCHED BY TARGET THEN INSERT (k, v) VALUES (s.k, DEFAULT)
     WHEN NOT MATCHED BY SOURCE THEN UPDATE SET v = 0`,
    'merge',
  );
  assert.equal(node.schemaEvolution, true);
  assert.deepEqual(
    node.clauses.map(({ when, condition, action }) => [when, condition !== undefined, action.kind]),
    [
      ['matched', true, 'delete'],
      ['matched', false, 'update'],
      ['notMatched', false, 'insert'],
      ['notMatchedBySource', false, 'update'],
    ],
  );
  assert.throws(() => parseStatement('MERGE INTO t USING s ON t.k = s.k'), { code: 'MERGE_WITHOUT_WHEN' });
  assert.throws(() => parseStatement('MERGE INTO t USING s ON true WHEN NOT MATCHED THEN DELETE'), {
    code: 'PARSE_SYNTAX_ERROR',
  });
});

test('WITH before MERGE belongs to its source', () => {
  const node = parsed('WITH q AS (SELECT 1 AS k) MERGE INTO t USING q ON t.k = q.k WHEN MATCHED THEN DELETE', 'merge');
  assert.ok(node.source.kind === 'subqueryRelation');
  assert.deepEqual([node.source.alias?.name?.name, node.source.query.with?.ctes.length], ['q', 1]);
});

test('ALTER TABLE tells each change apart', () => {
  const change = (rest: string) => parsed(`ALTER TABLE t ${rest}`, 'alterTable').change;
  const kinds: Record<string, string> = {
    "SET TBLPROPERTIES ('a' = 'b')": 'setProperties',
    "UNSET TBLPROPERTIES IF EXISTS ('a')": 'unsetProperties',
    'ADD COLUMN a.b INT FIRST': 'addColumns',
    "ADD COLUMNS (a INT COMMENT 'x' AFTER b, c STRING)": 'addColumns',
    'REPLACE COLUMNS (a INT)': 'replaceColumns',
    'DROP COLUMNS IF EXISTS (a, b.c)': 'dropColumns',
    'RENAME COLUMN a.b TO c': 'renameColumn',
    'ALTER COLUMN a TYPE BIGINT': 'alterColumns',
    "CHANGE COLUMN a a INT COMMENT 'x'": 'alterColumns',
    'ALTER COLUMN a SYNC IDENTITY': 'alterColumns',
    'ADD CONSTRAINT c CHECK (a > 0)': 'addConstraint',
    'DROP CONSTRAINT IF EXISTS c': 'dropConstraint',
    'CLUSTER BY (a, b.c)': 'clusterBy',
    'CLUSTER BY NONE': 'clusterBy',
    'DROP FEATURE deletionVectors TRUNCATE HISTORY': 'dropFeature',
    'RENAME TO u': 'rename',
  };
  for (const [rest, kind] of Object.entries(kinds)) assert.equal(change(rest).kind, kind, rest);
  const check = change('ADD CONSTRAINT c CHECK (a  >  0)');
  assert.equal(check.kind === 'addConstraint' && check.checkText, 'a > 0');
});

test('maintenance statements keep what they are told', () => {
  const optimize = parsed('OPTIMIZE t FULL WHERE p = 1 ZORDER BY (a, b)', 'optimize');
  assert.deepEqual([optimize.full, optimize.where?.kind, optimize.zorderBy.length], [true, 'binaryOp', 2]);
  const vacuum = parsed('VACUUM t LITE RETAIN 168 HOURS DRY RUN', 'vacuum');
  assert.deepEqual([vacuum.mode, vacuum.retainHours, vacuum.dryRun], ['lite', '168', true]);
  assert.equal(parsed('RESTORE TABLE t TO VERSION AS OF 3', 'restore').to.kind, 'version');
  assert.equal(parsed("RESTORE t TO TIMESTAMP AS OF '2024-01-01'", 'restore').to.kind, 'timestamp');
  assert.equal(parsed('REORG TABLE t APPLY (PURGE)', 'reorg').where, undefined);
  assert.equal(parsed('ANALYZE TABLE t COMPUTE DELTA STATISTICS', 'analyze').delta, true);
  assert.equal(parsed('TRUNCATE TABLE t', 'truncate').partition.length, 0);
});
