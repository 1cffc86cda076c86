import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeText } from '@boathouse/contracts';
import { nameText, type Statement, textOf } from '../../ast/index.ts';
import { parseStatement, parseStatements } from '../index.ts';
import { render } from './render.ts';

/** GRANT and REVOKE share one interface, so its `kind` is a union that may be wider than `K`. */
type OfKind<K> = Statement extends infer S
  ? S extends { kind: infer Kind }
    ? K extends Kind
      ? S
      : never
    : never
  : never;

function parsed<K extends Statement['kind']>(text: string, kind: K): OfKind<K> {
  const node = parseStatement(text);
  assert.equal(node.kind, kind, text);
  return node as OfKind<K>;
}

test('CREATE TABLE keeps columns, constraints and clauses', () => {
  const node = parsed(
    `CREATE OR REPLACE TABLE main.s.t (
       id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY -2) COMMENT 'key',
       total DECIMAL(10, 2) DEFAULT 1 + 1,
       day DATE GENERATED ALWAYS AS (CAST(ts AS DATE)),
       nested ARRAY<STRUCT<a: INT NOT NULL COMMENT 'x', b: MAP<STRING, INT>>>,
       CONSTRAINT pk PRIMARY KEY (id),
       FOREIGN KEY (day) REFERENCES other (d)
     ) USING DELTA PARTITIONED BY (day) COMMENT 'c' TBLPROPERTIES ('delta.x' = 'y', a.b = 1, flag = true) AS SELECT 1`,
    'createTable',
  );
  assert.equal(nameText(node.name), 'main.s.t');
  assert.ok(node.orReplace && !node.ifNotExists && node.query);
  assert.deepEqual(
    node.columns.map(({ name, type }) => `${name.name} ${type && typeText(type.type)}`),
    ['id bigint', 'total decimal(10,2)', 'day date', 'nested array<struct<a:int,b:map<string,int>>>'],
  );
  assert.deepEqual(node.columns[0]!.identity, { always: true, start: '10', step: '-2' });
  assert.ok(node.columns[0]!.notNull && node.columns[0]!.comment === 'key');
  assert.equal(node.columns[1]!.default && render(node.columns[1]!.default), '(1:int + 1:int)');
  assert.ok(node.columns[2]!.generated);
  assert.deepEqual(
    node.constraints.map(({ kind, columns }) => [kind, columns.map(({ name }) => name)]),
    [
      ['primaryKey', ['id']],
      ['foreignKey', ['day']],
    ],
  );
  assert.equal(node.clauses.using && nameText(node.clauses.using), 'DELTA');
  assert.equal(node.clauses.partitionedBy[0]!.kind, 'column');
  assert.deepEqual(
    node.clauses.properties.map(({ key, value }) => [key, value]),
    [
      ['delta.x', 'y'],
      ['a.b', '1'],
      ['flag', 'true'],
    ],
  );
});

test('CREATE TABLE has other forms: from a query, like another table, as a clone', () => {
  assert.ok(parsed('CREATE TABLE IF NOT EXISTS t AS (SELECT 1)', 'createTable').ifNotExists);
  assert.ok(parsed('CREATE TABLE t SELECT 1', 'createTable').query);
  assert.equal(nameText(parsed('CREATE TABLE t LIKE s.u', 'createTable').like!), 's.u');
  assert.equal(parsed('CREATE TABLE t SHALLOW CLONE u VERSION AS OF 1', 'createTable').clone?.shallow, true);
  assert.deepEqual(parsed('CREATE TABLE t (a INT) CLUSTER BY AUTO', 'createTable').clauses.clusterBy, {
    columns: [],
    auto: true,
    none: false,
  });
  assert.deepEqual(
    parsed("CREATE TABLE t (a INT) STORED AS PARQUET LOCATION '/x'", 'createTable').clauses.unsupported,
    ['STORED AS'],
  );
});

test('slips in CREATE TABLE are refused at their place', () => {
  const cases: [string, string][] = [
    ['CREATE TABLE t (a INT,)', 'PARSE_SYNTAX_ERROR'],
    ['CREATE TABLE t (a)', 'PARSE_SYNTAX_ERROR'],
    ['CREATE OR REPLACE TABLE IF NOT EXISTS t (a INT)', 'PARSE_SYNTAX_ERROR'],
    ['CREATE TABLE t (a TEXT)', 'UNSUPPORTED_DATATYPE'],
    ['CREATE TABLE t (a VARCHAR)', 'DATATYPE_MISSING_SIZE'],
    ['CREATE TABLE t (a INT NOT NULL NOT NULL)', 'CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE'],
    ["CREATE TABLE t (a INT) COMMENT 'x' COMMENT 'y'", 'DUPLICATE_CLAUSES'],
    ['CREATE TABLE t (a STRING COLLATE UNICODE)', 'UNSUPPORTED_FEATURE'],
    ['CREATE TABLE t (a DECIMAL(39, 1))', 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION'],
  ];
  for (const [text, code] of cases) assert.throws(() => parseStatement(text), { code }, text);
});

test('views and the datasets of a pipeline keep their expectations', () => {
  const view = parsed(
    "CREATE OR REPLACE GLOBAL TEMP VIEW v (a COMMENT 'x', b) COMMENT 'c' AS SELECT 1, 2",
    'createView',
  );
  assert.ok(view.temporary && view.global && view.orReplace);
  assert.deepEqual(
    view.columns.map(({ name, comment }) => [name.name, comment]),
    [
      ['a', 'x'],
      ['b', undefined],
    ],
  );
  const table = parsed(
    `CREATE OR REFRESH PRIVATE STREAMING TABLE s (
       a, b INT COMMENT 'x',
       CONSTRAINT warns EXPECT (a > 0), CONSTRAINT drops EXPECT (b IS NOT NULL) ON VIOLATION DROP ROW,
       CONSTRAINT fails EXPECT (a < b) ON VIOLATION FAIL UPDATE
     ) CLUSTER BY (a) AS SELECT * FROM STREAM r`,
    'createDataset',
  );
  assert.equal(table.dataset, 'streamingTable');
  assert.ok(table.private && table.orRefresh);
  assert.deepEqual(
    table.expectations.map(({ name, condition, onViolation }) => [name.name, render(condition), onViolation]),
    [
      ['warns', '(a > 0:int)', 'warn'],
      ['drops', '(b is not null)', 'drop'],
      ['fails', '(a < b)', 'fail'],
    ],
  );
  const live = parsed(
    "CREATE MATERIALIZED VIEW m REFRESH POLICY INCREMENTAL STRICT SCHEDULE CRON '0 0 * * * ?' COMMENT 'c' AS SELECT 1",
    'createDataset',
  );
  assert.equal(live.dataset, 'materializedView');
  assert.equal(live.refreshPolicy, 'incrementalStrict');
  assert.equal(live.schedule, "SCHEDULE CRON '0 0 * * * ?'");
  assert.equal(parsed('CREATE LIVE TABLE t AS SELECT 1', 'createDataset').dataset, 'materializedView');
  assert.equal(
    parsed('CREATE OR REFRESH STREAMING LIVE TABLE t AS SELECT 1', 'createDataset').dataset,
    'streamingTable',
  );
  assert.equal(parsed('CREATE STREAMING TABLE t', 'createDataset').query, undefined);
  assert.deepEqual(parsed('CREATE STREAMING TABLE t FLOW INSERT ONCE BY NAME SELECT 1 AS a', 'createDataset').flow, {
    once: true,
    byName: true,
  });
  assert.throws(() => parseStatement('CREATE MATERIALIZED VIEW m'), { code: 'PARSE_SYNTAX_ERROR' });
});

test('flows add to a streaming table; change flows are refused by name', () => {
  const flow = parsed(
    "CREATE FLOW f COMMENT 'c' AS INSERT INTO ONCE s.t BY NAME SELECT * FROM STREAM(r)",
    'createFlow',
  );
  assert.ok(flow.once && flow.byName);
  assert.equal(nameText(flow.target), 's.t');
  assert.equal(
    parsed('CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) KEYS (k) SEQUENCE BY n', 'unsupported').construct,
    'CREATE FLOW … AS AUTO CDC INTO',
  );
  assert.deepEqual(parsed('REFRESH STREAMING TABLE t FULL', 'refresh').full, true);
});

test('INSERT finds its columns by position, by list or by name, and says what it replaces', () => {
  const listed = parsed("INSERT INTO TABLE t PARTITION (d = 'x', e) (a, b) SELECT 1, 2", 'insert');
  assert.deepEqual(
    listed.columns?.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.deepEqual(
    listed.partition.map(({ column, value }) => [column.name, value && render(value)]),
    [
      ['d', '"x"'],
      ['e', undefined],
    ],
  );
  assert.ok(parsed('INSERT OVERWRITE t BY NAME SELECT 1 AS a', 'insert').byName);
  assert.equal(parsed('INSERT INTO t VALUES (1), (2)', 'insert').query.body.kind, 'values');
  const replaced = parsed('INSERT INTO t REPLACE WHERE a > 1 AND b SELECT 2', 'insert');
  assert.equal(render(replaced.replaceWhere!), '((a > 1:int) and b)');
  assert.equal(
    parsed('WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x', 'insert').query.with?.ctes[0]?.name.name,
    'x',
  );
  for (const text of ['INSERT t VALUES (1)', 'INSERT INTO t', 'INSERT INTO t VALUES (1) RETURNING a']) {
    assert.throws(() => parseStatement(text), { code: 'PARSE_SYNTAX_ERROR' }, text);
  }
});

test('DESCRIBE, SHOW and USE know what they are asked for', () => {
  const described = (text: string) => parsed(text, 'describe').target;
  assert.equal(described('DESC t').what, 'table');
  assert.deepEqual(
    { ...described('DESCRIBE TABLE EXTENDED a.b.t'), name: null },
    { what: 'table', name: null, extended: true, asJson: false, partition: false, column: undefined },
  );
  assert.equal(described('DESCRIBE HISTORY t LIMIT 5').what, 'history');
  assert.equal(described('DESCRIBE history').what, 'table');
  assert.equal(described('DESCRIBE QUERY SELECT 1').what, 'query');
  assert.equal(described('DESCRIBE SELECT 1').what, 'query');
  assert.equal(described('DESCRIBE SCHEMA EXTENDED s').what, 'schema');
  assert.deepEqual(described('DESCRIBE FUNCTION EXTENDED abs'), { what: 'function', name: 'abs', extended: true });
  const shown = (text: string) => parsed(text, 'show').target;
  assert.deepEqual(shown("SHOW SCHEMAS LIKE 'a*'"), { what: 'schemas', in: undefined, like: 'a*' });
  assert.deepEqual(shown("SHOW TABLES FROM c.s 'x*'").what, 'tables');
  assert.deepEqual(shown('SHOW GRANTS `a@b.c` ON TABLE t').what, 'grants');
  assert.deepEqual(shown('SHOW CREATE TABLE t').what, 'createTable');
  assert.deepEqual(shown("SHOW TBLPROPERTIES t ('a.b')").what, 'tblproperties');
  assert.equal(parsed('SHOW CURRENT NAMESPACE', 'unsupported').construct, 'SHOW CURRENT');
  assert.deepEqual(
    [parsed('USE CATALOG c', 'use').what, parsed('USE SCHEMA s', 'use').what, parsed('USE c.s', 'use').what],
    ['catalog', 'schema', 'any'],
  );
  for (const text of ['SHOW', 'DESCRIBE', 'USE', 'SHOW FROGS'])
    assert.throws(() => parseStatement(text), { code: 'PARSE_SYNTAX_ERROR' }, text);
});

test('settings keep their text', () => {
  const setTo = (text: string) => parsed(text, 'set').target;
  assert.deepEqual(setTo('SET spark.sql.ansi.enabled = true'), {
    what: 'assign',
    key: 'spark.sql.ansi.enabled',
    value: 'true',
  });
  assert.deepEqual(setTo('SET a.b'), { what: 'key', key: 'a.b' });
  assert.deepEqual(setTo("SET TIME ZONE 'Europe/Rome'"), { what: 'timeZone', value: 'Europe/Rome' });
  assert.deepEqual(setTo('SET'), { what: 'all' });
  assert.deepEqual(setTo('RESET a.b'), { what: 'reset', key: 'a.b' });
});

test('grants name their privileges, securable and principal', () => {
  const node = parsed('GRANT SELECT, USE SCHEMA, ALL PRIVILEGES ON SCHEMA main.s TO `ann@example.org`', 'grant');
  assert.deepEqual(node.privileges, ['SELECT', 'USE SCHEMA', 'ALL PRIVILEGES']);
  assert.deepEqual(
    [node.on.what, node.on.name && nameText(node.on.name), node.principal],
    ['schema', 'main.s', 'ann@example.org'],
  );
  assert.equal(parsed('REVOKE SELECT ON t FROM `account users`', 'revoke').on.what, 'any');
  assert.equal(parsed('GRANT CREATE CATALOG ON METASTORE TO x', 'grant').on.what, 'metastore');
  assert.throws(() => parseStatement('GRANT SELECT ON t TO ann@example.org'), {
    code: 'PARSE_SYNTAX_ERROR',
    message: /back-ticks/,
  });
  assert.equal(parsed("COMMENT ON TABLE t IS 'x'", 'commentOn').comment, 'x');
  assert.equal(parsed('COMMENT ON SCHEMA s IS NULL', 'commentOn').comment, null);
});

test('what may be dropped is dropped by kind', () => {
  const node = parsed('DROP SCHEMA IF EXISTS a.b CASCADE', 'drop');
  assert.deepEqual([node.what, node.ifExists, node.cascade], ['schema', true, true]);
  assert.equal(parsed('DROP MATERIALIZED VIEW m', 'drop').what, 'materializedView');
  assert.equal(parsed('DROP TEMPORARY FUNCTION f', 'dropFunction').temporary, true);
  assert.equal(parsed('DROP TEMPORARY VARIABLE IF EXISTS v', 'dropVariable').ifExists, true);
  assert.throws(() => parseStatement('DROP t'), { code: 'PARSE_SYNTAX_ERROR' });
});

test('statements that are not run are known by name', () => {
  const names: Record<string, string> = {
    "COPY INTO t FROM '/x' FILEFORMAT = CSV": 'COPY INTO',
    "ALTER TABLE t SET LOCATION '/x'": 'ALTER TABLE … SET LOCATION',
    'ALTER STREAMING TABLE t ALTER COLUMN a DROP NOT NULL': 'ALTER STREAMING TABLE',
    'WITH s AS (SELECT 1) DELETE FROM t WHERE a IN (TABLE s)': 'WITH before DELETE',
  };
  for (const [text, construct] of Object.entries(names))
    assert.equal(parsed(text, 'unsupported').construct, construct, text);
});

test('EXPLAIN holds the statement that it explains', () => {
  const node = parsed('EXPLAIN FORMATTED SELECT 1', 'explain');
  assert.deepEqual([node.mode, node.statement.kind], ['formatted', 'queryStatement']);
});

test('several statements keep their places in the text', () => {
  const text = '-- first\nSELECT 1;\n\nCREATE VIEW v AS\n  SELECT a, b FROM t -- why\n;';
  const [first, second] = parseStatements(text);
  assert.equal(text.slice(first!.start, first!.end), 'SELECT 1');
  assert.ok(second?.statement.kind === 'createView');
  assert.equal(textOf(text, second.statement.query), 'SELECT a, b FROM t');
  assert.throws(() => parseStatement('SELECT 1; SELECT 2'), { code: 'PARSE_SYNTAX_ERROR', message: /a second/ });
  assert.throws(() => parseStatement('-- nothing\n;'), { code: 'PARSE_SYNTAX_ERROR' });
});

test('a script is read whole: its declarations, its control flow and its labels', () => {
  const { body } = parsed(
    `BEGIN
      DECLARE i INT = 0;
      DECLARE EXIT HANDLER FOR DIVIDE_BY_ZERO, SQLSTATE '42P01' SELECT 'caught';
      l: WHILE i < 3 DO SET i = i + 1; IF i = 2 THEN ITERATE l; ELSE SELECT i; END IF; END WHILE l;
      FOR r AS SELECT do FROM t DO SELECT r.do; END FOR;
      CASE i WHEN 1 THEN SELECT 1; END CASE;
    END`,
    'script',
  );
  assert.deepEqual(
    body.statements.map((step) => step.kind),
    ['statement', 'loop', 'for', 'if'],
  );
  assert.deepEqual(body.handlers[0]?.conditions, ['DIVIDE_BY_ZERO']);
  assert.deepEqual(body.handlers[0]?.sqlStates, ['42P01']);
  const choice = body.statements[3];
  assert.equal(choice?.kind === 'if' && choice.branches[0]?.condition.text, '(i) = (1)');
});

test('what is wrong in a script is found before it runs', () => {
  for (const [text, code] of Object.entries({
    'BEGIN LEAVE nowhere; END': 'INVALID_LABEL_USAGE.DOES_NOT_EXIST',
    'BEGIN a: BEGIN a: BEGIN SELECT 1; END; END; END': 'LABEL_OR_FOR_VARIABLE_ALREADY_EXISTS',
    'BEGIN a: LOOP SELECT 1; END LOOP b; END': 'LABELS_MISMATCH',
    'BEGIN SELECT 1; DECLARE a INT; END': 'INVALID_VARIABLE_DECLARATION.ONLY_AT_BEGINNING',
    'BEGIN DECLARE EXIT HANDLER FOR NO_SUCH_THING SELECT 1; END': 'INVALID_HANDLER_DECLARATION.CONDITION_NOT_FOUND',
    "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '00000' SELECT 1; END": 'INVALID_SQLSTATE',
    'BEGIN SELECT 1; SELEC 2; END': 'PARSE_SYNTAX_ERROR',
  }))
    assert.throws(() => parseStatement(text), { code }, text);
});
