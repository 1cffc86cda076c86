import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { TableAlteration } from '@boathouse/contracts';
import { createStoreCommitter } from '../commit/committer.ts';
import type { CreateRequest, Delta } from '../types.ts';
import { shapeOf } from '../write/shape.ts';
import { column, hasCode, openRoom, plainCompiler, type Room } from './support.ts';

let room: Room;
let delta: Delta;
beforeEach(async () => {
  room = await openRoom();
  delta = room.other({ compiler: plainCompiler });
});
afterEach(() => room.close());

const abc = [column('a', 'int'), column('b', 'string'), column('c', 'double')];
const create = (request: Partial<CreateRequest> = {}) => delta.create('t', { columns: abc, ...request });
const alter = (change: TableAlteration) => delta.alter('t', change);
const insert = async (sql: string) => {
  const adds = await delta.writeFiles(shapeOf(await delta.snapshot('t')), sql);
  await delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
};
const rows = () => room.read('t');
const last = async () => (await delta.history('t', 1))[0]!;
const protocol = async () => {
  const { minReaderVersion, minWriterVersion, writerFeatures } = (await delta.snapshot('t')).protocol;
  return [minReaderVersion, minWriterVersion, writerFeatures];
};
const properties = async () => (await delta.snapshot('t')).metadata.configuration;
const mapped = { 'delta.columnMapping.mode': 'name' };
const set = (values: Record<string, string>): TableAlteration => ({ kind: 'setProperties', properties: values });
const named = async () => (await delta.snapshot('t')).columns.map(({ name, type }) => `${name} ${type}`);

test('a property brings the features that it needs, and no others', async () => {
  for (const [values, wanted] of [
    [{ 'delta.enableDeletionVectors': 'TRUE' }, [3, 7, ['appendOnly', 'deletionVectors', 'invariants']]],
    [{ 'delta.columnMapping.mode': 'name' }, [2, 7, ['appendOnly', 'columnMapping', 'invariants']]],
    [{ 'delta.enableChangeDataFeed': 'true' }, [1, 7, ['appendOnly', 'changeDataFeed', 'invariants']]],
    [{ 'delta.enableTypeWidening': 'true' }, [3, 7, ['appendOnly', 'invariants', 'typeWidening']]],
    [{ 'delta.enableRowTracking': 'true' }, [1, 7, ['appendOnly', 'domainMetadata', 'invariants', 'rowTracking']]],
    [{ 'delta.checkpointPolicy': 'v2' }, [3, 7, ['appendOnly', 'invariants', 'v2Checkpoint']]],
    [{ 'delta.feature.vacuumProtocolCheck': 'supported' }, [3, 7, ['appendOnly', 'invariants', 'vacuumProtocolCheck']]],
    [{ 'delta.feature.appendOnly': 'supported' }, [1, 2, undefined]],
    [{ 'delta.minReaderVersion': '3', 'delta.minWriterVersion': '7' }, [1, 2, undefined]],
    [{ 'delta.minWriterVersion': '4' }, [1, 4, undefined]],
  ] as const) {
    const location = `p/${Object.keys(values)[0]}`;
    await delta.create(location, { columns: abc });
    await delta.alter(location, set(values));
    const after = (await delta.snapshot(location)).protocol;
    assert.deepEqual([after.minReaderVersion, after.minWriterVersion, after.writerFeatures], wanted);
    await delta.create(`${location}/new`, { columns: abc, properties: values });
    assert.deepEqual((await delta.snapshot(`${location}/new`)).protocol, after);
  }
});

test('properties that are unknown, wrong or not for people are refused and nothing is committed', async () => {
  await create();
  for (const [values, code, word] of [
    [{ 'delta.noSuch': '1' }, 'DELTA_UNKNOWN_CONFIGURATION', 'delta.noSuch'],
    [{ 'delta.appendOnly': 'perhaps' }, 'UNSUPPORTED_TABLE_CHANGE', 'delta.appendOnly'],
    [{ 'delta.logRetentionDuration': 'soon' }, 'DELTA_INVALID_INTERVAL', 'soon'],
    [{ 'delta.feature.nosuch': 'supported' }, 'DELTA_UNSUPPORTED_FEATURES_IN_CONFIG', 'nosuch'],
    [{ 'delta.feature.deletionVectors': 'yes' }, 'DELTA_UNSUPPORTED_FEATURE_STATUS', 'yes'],
    [{ 'delta.constraints.c': 'a > 0' }, 'DELTA_ADD_CONSTRAINTS', 'delta.constraints.c'],
    [{ 'delta.columnMapping.maxColumnId': '9' }, 'DELTA_CANNOT_MODIFY_TABLE_PROPERTY', 'maxColumnId'],
  ] as const)
    await assert.rejects(alter(set(values)), hasCode(code, word));
  assert.equal(await delta.latestVersion('t'), 0);
});

test('properties and comment are set and unset, with the history that Spark writes', async () => {
  await create();
  await alter(set({ k: 'v', 'DELTA.APPENDONLY': 'true' }));
  assert.deepEqual(await properties(), { k: 'v', 'delta.appendOnly': 'true' });
  await alter({ kind: 'unsetProperties', keys: ['k', 'nope'], ifExists: false });
  const unset = await last();
  assert.deepEqual(await properties(), { 'delta.appendOnly': 'true' });
  assert.equal(unset.operation, 'UNSET TBLPROPERTIES');
  assert.deepEqual(unset.operationParameters, { properties: '["k","nope"]', ifExists: 'true' });
  await alter({ kind: 'setComment', comment: 'boats' });
  assert.equal((await delta.snapshot('t')).metadata.description, 'boats');
  assert.deepEqual((await last()).operationParameters, { properties: '{"comment":"boats"}' });
});

test('columns are added where they are wanted, nested ones too, and are NULL in older rows', async () => {
  await create({ columns: [...abc, column('st', 'struct<x:int>'), column('xs', 'array<struct<x:int>>')] });
  await insert("SELECT 1 AS a, 'x' AS b, 1.5 AS c, {'x': 1} AS st, [{'x': 2}] AS xs");
  await alter({
    kind: 'addColumns',
    columns: [
      { parent: [], column: column('z', 'int'), position: { at: 'first' } },
      { parent: [], column: column('y', 'int'), position: { at: 'after', column: 'a' } },
      { parent: ['st'], column: column('y', 'string') },
      { parent: ['xs', 'element'], column: column('w', 'string'), position: { at: 'first' } },
    ],
  });
  assert.deepEqual(await named(), [
    'z int',
    'a int',
    'y int',
    'b string',
    'c double',
    'st struct<x:int,y:string>',
    'xs array<struct<w:string,x:int>>',
  ]);
  assert.deepEqual(await rows(), [[null, 1, null, 'x', 1.5, { x: 1, y: null }, [{ w: null, x: 2 }]]]);
  assert.equal((await last()).operation, 'ADD COLUMNS');
  const add = (one: Extract<TableAlteration, { kind: 'addColumns' }>['columns'][number]) =>
    alter({ kind: 'addColumns', columns: [one] });
  await assert.rejects(add({ parent: [], column: column('A', 'int') }), hasCode('FIELD_ALREADY_EXISTS', '"A"'));
  await assert.rejects(
    add({ parent: [], column: column('q', 'int'), position: { at: 'after', column: 'zz' } }),
    hasCode('FIELD_NOT_FOUND', 'zz'),
  );
  await assert.rejects(
    add({ parent: [], column: column('q', 'timestamp_ntz') }),
    hasCode('DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT', 'timestampNtz'),
  );
});

test('a table gets column mapping later; columns are renamed, dropped and added again without touching files', async () => {
  await create({ partitionColumns: ['b'] });
  await insert("SELECT 1 AS a, 'x' AS b, 1.5 AS c");
  await assert.rejects(
    alter({ kind: 'renameColumn', column: ['a'], to: 'aa' }),
    hasCode('DELTA_UNSUPPORTED_RENAME_COLUMN', 'columnMapping'),
  );
  await alter(set(mapped));
  await insert("SELECT 2 AS a, 'y' AS b, 2.5 AS c");
  await alter({ kind: 'renameColumn', column: ['A'], to: 'c2' });
  await alter({ kind: 'renameColumn', column: ['b'], to: 'p' });
  await alter({ kind: 'dropColumns', columns: [['c']] });
  await alter({ kind: 'addColumns', columns: [{ parent: [], column: column('c', 'double') }] });
  await insert("SELECT 3 AS c2, 'z' AS p, 3.5 AS c");
  assert.deepEqual(await rows(), [
    [1, 'x', null],
    [2, 'y', null],
    [3, 'z', 3.5],
  ]);
  const snapshot = await delta.snapshot('t');
  assert.deepEqual(snapshot.metadata.partitionColumns, ['p']);
  assert.equal(snapshot.metadata.configuration['delta.columnMapping.maxColumnId'], '4');
  const pruned = await delta.prune(snapshot, [{ column: 'c2', op: '=', values: ['3'] }]);
  assert.equal(pruned.files.length, 1);
  await assert.rejects(alter({ kind: 'renameColumn', column: ['c'], to: 'C2' }), hasCode('FIELD_ALREADY_EXISTS', 'C2'));
  await assert.rejects(
    alter({ kind: 'dropColumns', columns: [['p']] }),
    hasCode('DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN', 'p'),
  );
  await assert.rejects(
    alter(set({ 'delta.columnMapping.mode': 'id' })),
    hasCode('DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE'),
  );
});

test('new tables with column mapping by name and by id hold, rename and read back nested data', async () => {
  for (const mode of ['name', 'id']) {
    const location = `m/${mode}`;
    await delta.create(location, {
      columns: [column('a b', 'int'), column('st', 'struct<x:int,y:array<struct<z:int>>>')],
      properties: { 'delta.columnMapping.mode': mode },
    });
    const write = async (sql: string) => {
      const adds = await delta.writeFiles(shapeOf(await delta.snapshot(location)), sql);
      await delta.commit(location, { operation: 'WRITE', mode: 'append', adds });
    };
    await write(`SELECT 1 AS "a b", {'x': 1, 'y': [{'z': 2}]} AS st`);
    await delta.alter(location, { kind: 'renameColumn', column: ['st', 'y', 'element', 'z'], to: 'zz' });
    await delta.alter(location, { kind: 'dropColumns', columns: [['st', 'x']] });
    await write(`SELECT 2 AS "a b", {'y': [{'zz': 3}]} AS st`);
    assert.deepEqual(await room.read(location), [
      [1, { y: [{ zz: 2 }] }],
      [2, { y: [{ zz: 3 }] }],
    ]);
  }
});

test('columns that expressions rest on keep their names and are not dropped', async () => {
  await create({
    columns: [...abc, { ...column('g', 'int'), generatedAs: 'c + 1' }],
    properties: mapped,
    clusterBy: ['b'],
  });
  await alter({ kind: 'addConstraint', name: 'pos', check: 'a > 0' });
  const rename = (name: string) => alter({ kind: 'renameColumn', column: [name], to: 'new' });
  await assert.rejects(rename('a'), hasCode('DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE', 'pos'));
  await assert.rejects(rename('c'), hasCode('DELTA_GENERATED_COLUMNS_DEPENDENT_COLUMN_CHANGE', 'g'));
  await assert.rejects(
    alter({ kind: 'dropColumns', columns: [['b']] }),
    hasCode('DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN', 'b'),
  );
  await alter({ kind: 'dropConstraint', name: 'POS', ifExists: false });
  await rename('a');
});

test('types widen where the table allows it, and older files are read in the new type', async () => {
  await create({ columns: [column('a', 'int'), column('m', 'map<string,float>'), column('v', 'varchar(3)')] });
  await insert("SELECT 1 AS a, MAP {'k': 0.5} AS m, 'abc' AS v");
  const retype = (path: string[], type: string) => alter({ kind: 'alterColumn', column: path, type });
  await assert.rejects(retype(['a'], 'bigint'), hasCode('DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP', 'bigint'));
  await alter(set({ 'delta.enableTypeWidening': 'true' }));
  await retype(['a'], 'bigint');
  await retype(['m', 'value'], 'double');
  await retype(['v'], 'varchar(5)');
  await insert("SELECT 3000000000 AS a, MAP {'k': 0.1} AS m, 'abcde' AS v");
  assert.deepEqual(
    (await rows()).map(([a, , v]) => [a, v]),
    [
      [1n, 'abc'],
      [3000000000n, 'abcde'],
    ],
  );
  const [a, m] = (await delta.snapshot('t')).fields;
  assert.deepEqual(a?.metadata['delta.typeChanges'], [{ toType: 'long', fromType: 'integer' }]);
  assert.deepEqual(m?.metadata['delta.typeChanges'], [{ toType: 'double', fromType: 'float', fieldPath: 'value' }]);
  await assert.rejects(retype(['a'], 'int'), hasCode('NOT_SUPPORTED_CHANGE_COLUMN', 'bigint', 'int'));
  await assert.rejects(retype(['v'], 'varchar(2)'), hasCode('NOT_SUPPORTED_CHANGE_COLUMN'));
  await alter({ kind: 'dropFeature', feature: 'typeWidening', truncateHistory: false });
  assert.equal((await delta.snapshot('t')).fields[0]?.metadata['delta.typeChanges'], undefined);
  assert.equal((await rows()).length, 2);
});

test('comment, place, default and NOT NULL of a column change; NOT NULL looks at the rows first', async () => {
  await create({ properties: { 'delta.feature.allowColumnDefaults': 'supported' } });
  await insert('SELECT 1 AS a, NULL AS b, 1.5 AS c');
  await alter({ kind: 'alterColumn', column: ['c'], comment: 'sea', position: { at: 'first' } });
  assert.deepEqual((await delta.snapshot('t')).columns[0], { ...abc[2], comment: 'sea' });
  assert.equal((await last()).operationParameters?.position, 'FIRST');
  await alter({ kind: 'alterColumn', column: ['c'], comment: null, position: { at: 'after', column: 'a' } });
  assert.deepEqual(await named(), ['a int', 'c double', 'b string']);
  await alter({ kind: 'alterColumn', column: ['a'], default: '40 + 2' });
  await insert("SELECT 'x' AS b, 0.5 AS c");
  assert.deepEqual(
    (await rows()).map(([a]) => a),
    [1, 42],
  );
  await alter({ kind: 'alterColumn', column: ['a'], default: null, nullable: false });
  await assert.rejects(
    insert('SELECT NULL AS a, NULL AS b, 1 AS c'),
    hasCode('DELTA_NOT_NULL_CONSTRAINT_VIOLATED', 'a'),
  );
  await assert.rejects(
    alter({ kind: 'alterColumn', column: ['b'], nullable: false }),
    hasCode('DELTA_NOT_NULL_CONSTRAINT_VIOLATED', 'b', '1 rows'),
  );
  await alter({ kind: 'alterColumn', column: ['a'], nullable: true });
  await insert('SELECT NULL AS a, NULL AS b, 1 AS c');
});

test('a default needs its feature', async () => {
  await create();
  await assert.rejects(
    alter({ kind: 'alterColumn', column: ['a'], default: '1' }),
    hasCode('WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED'),
  );
  await assert.rejects(
    delta.create('t2', { columns: [{ ...column('a', 'int'), default: '1' }] }),
    hasCode('WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED'),
  );
});

test('a constraint looks at the rows that are there, and holds from then on', async () => {
  await create();
  await insert("SELECT i AS a, 'x' AS b, 1.5 AS c FROM range(3) r(i)");
  await assert.rejects(
    alter({ kind: 'addConstraint', name: 'pos', check: 'a > 0' }),
    hasCode('DELTA_NEW_CHECK_CONSTRAINT_VIOLATION', '1 rows', 'pos'),
  );
  await alter({ kind: 'addConstraint', name: 'notNegative', check: 'a >= 0' });
  assert.deepEqual(await protocol(), [1, 3, undefined]);
  assert.deepEqual(await properties(), { 'delta.constraints.notnegative': 'a >= 0' });
  await assert.rejects(insert("SELECT -1 AS a, 'x' AS b, 1.5 AS c"), hasCode('DELTA_VIOLATE_CONSTRAINT_WITH_VALUES'));
  await assert.rejects(
    alter({ kind: 'addConstraint', name: 'NOTNEGATIVE', check: 'a > 5' }),
    hasCode('DELTA_CONSTRAINT_ALREADY_EXISTS'),
  );
  await assert.rejects(
    alter({ kind: 'dropConstraint', name: 'none', ifExists: false }),
    hasCode('DELTA_CONSTRAINT_DOES_NOT_EXIST', 'none'),
  );
  assert.deepEqual(await alter({ kind: 'dropConstraint', name: 'none', ifExists: true }), { version: null });
  await assert.rejects(
    alter({ kind: 'dropFeature', feature: 'checkConstraints', truncateHistory: false }),
    hasCode('DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE', 'notnegative'),
  );
  await alter({ kind: 'dropConstraint', name: 'notNegative', ifExists: false });
  await alter({ kind: 'dropFeature', feature: 'checkConstraints', truncateHistory: false });
  assert.deepEqual(await protocol(), [1, 2, undefined]);
});

test('row tracking that is turned on later numbers the rows that are there', async () => {
  await create();
  await insert("SELECT i AS a, 'x' AS b, 1.5 AS c FROM range(3) r(i)");
  await alter(set({ 'delta.enableRowTracking': 'true' }));
  await insert("SELECT 9 AS a, 'x' AS b, 1.5 AS c");
  const files = await (await delta.snapshot('t')).files();
  assert.deepEqual(files.map(({ baseRowId, defaultRowCommitVersion }) => [baseRowId, defaultRowCommitVersion]).sort(), [
    [0, 2],
    [3, 3],
  ]);
  assert.match((await properties())['delta.rowTracking.materializedRowIdColumnName'] ?? '', /^_row-id-col-/);
  await alter({ kind: 'dropFeature', feature: 'rowTracking', truncateHistory: false });
  assert.deepEqual(Object.keys(await properties()), []);
});

test('in-commit timestamps that are turned on later say from when on', async () => {
  await create();
  await alter(set({ 'delta.enableInCommitTimestamps': 'true' }));
  assert.equal((await properties())['delta.inCommitTimestampEnablementVersion'], '1');
});

test('clustering columns change and go; they are kept by physical names', async () => {
  await create({ clusterBy: ['a'], properties: mapped });
  const domain = async () => (await delta.snapshot('t')).domain('delta.clustering');
  assert.match((await domain()) ?? '', /"clusteringColumns":\[\["col-/);
  await alter({ kind: 'clusterBy', columns: [['c'], ['b']] });
  assert.deepEqual((await last()).operationParameters, { oldClusteringColumns: 'a', newClusteringColumns: 'c,b' });
  await alter({ kind: 'clusterBy', columns: [] });
  assert.match((await domain()) ?? '', /"clusteringColumns":\[\]/);
  await assert.rejects(
    alter({ kind: 'clusterBy', columns: [['zz']] }),
    hasCode('DELTA_COLUMN_NOT_FOUND_IN_SCHEMA', 'zz'),
  );
  await alter({ kind: 'dropFeature', feature: 'clustering', truncateHistory: false });
  assert.equal(await domain(), null);
});

test('SYNC IDENTITY goes on after the furthest value that was given by hand', async () => {
  const identity = { always: false, start: '1', step: '3' };
  await create({ columns: [{ ...column('id', 'bigint'), identity }, column('v', 'int')] });
  await insert('SELECT 50 AS id, 1 AS v');
  await alter({ kind: 'syncIdentity', column: 'id' });
  assert.equal((await delta.snapshot('t')).fields[0]?.metadata['delta.identity.highWaterMark'], 52);
  await assert.rejects(
    alter({ kind: 'syncIdentity', column: 'v' }),
    hasCode('DELTA_IDENTITY_ALTER_NON_IDENTITY_COLUMN', 'v'),
  );
});

test('dropping column mapping writes the rows anew under their own names, and protects the versions that need it', async () => {
  await create({ properties: mapped });
  await insert("SELECT 1 AS a, 'x' AS b, 1.5 AS c");
  await alter({ kind: 'renameColumn', column: ['a'], to: 'z' });
  await alter({ kind: 'dropFeature', feature: 'columnMapping', truncateHistory: false });
  assert.deepEqual(await rows(), [[1, 'x', 1.5]]);
  assert.deepEqual(await protocol(), [1, 7, ['appendOnly', 'checkpointProtection', 'invariants']]);
  assert.equal((await properties())['delta.requireCheckpointProtectionBeforeVersion'], '4');
  await assert.rejects(
    alter({ kind: 'dropFeature', feature: 'deletionVectors', truncateHistory: false }),
    hasCode('DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT', 'deletionVectors'),
  );
});

test('a table for Iceberg readers gets column mapping, and refuses what those cannot read', async () => {
  const compat = { 'delta.enableIcebergCompatV2': 'true' };
  await create({
    columns: [column('a', 'int'), column('xs', 'array<int>'), column('p', 'int')],
    properties: compat,
    partitionColumns: ['p'],
  });
  assert.deepEqual(await protocol(), [2, 7, ['appendOnly', 'columnMapping', 'icebergCompatV2', 'invariants']]);
  await insert('SELECT 1 AS a, [1] AS xs, 2 AS p');
  assert.deepEqual(await rows(), [[1, [1], 2]]);
  const [file] = await (await delta.snapshot('t')).files();
  const columns = await room.engine.rows(
    `SELECT field_id FROM parquet_schema('${room.store.engineUri(`t/${decodeURIComponent(file!.path)}`)}') WHERE field_id IS NOT NULL`,
  );
  // The column, the array and its element, and the partition column, which lies in the file too.
  assert.deepEqual(columns.map((row) => Number(row.field_id)).sort(), [1, 2, 3, 4]);
  await insert('SELECT 3 AS a, [4] AS xs, 2 AS p');
  assert.equal((await delta.optimize('t')).metrics.numFilesAdded, 1);
  const [compacted] = await (await delta.snapshot('t')).files();
  const uri = room.store.engineUri(`t/${decodeURIComponent(compacted!.path)}`);
  const ids = await room.engine.rows(`SELECT field_id FROM parquet_schema('${uri}') WHERE field_id IS NOT NULL`);
  assert.deepEqual(ids.map((row) => Number(row.field_id)).sort(), [1, 2, 3, 4]);
  await assert.rejects(
    alter(set({ 'delta.enableDeletionVectors': 'true' })),
    hasCode('DELTA_ICEBERG_COMPAT_VIOLATION', 'deletion vectors'),
  );
});

test('rows that somebody adds meanwhile disturb only a change that looked at the rows', async () => {
  await create();
  const store = createStoreCommitter(room.store);
  let pending = false;
  /** Before each alteration's commit another writer appends. */
  const slow = room.other({
    compiler: plainCompiler,
    committer: {
      async commit(logKey, version, body) {
        if (pending) {
          pending = false;
          await insert("SELECT 1 AS a, 'x' AS b, 1.5 AS c");
        }
        return store.commit(logKey, version, body);
      },
    },
  });
  const race = (change: TableAlteration) => {
    pending = true;
    return slow.alter('t', change);
  };
  assert.deepEqual(await race({ kind: 'setComment', comment: 'x' }), { version: 2 });
  await assert.rejects(
    race({ kind: 'addConstraint', name: 'c', check: 'a > 0' }),
    hasCode('DELTA_CONCURRENT_APPEND', 'ADD CONSTRAINT'),
  );
  await assert.rejects(race(set({ 'delta.enableRowTracking': 'true' })), hasCode('DELTA_CONCURRENT_APPEND'));
  assert.deepEqual(await race({ kind: 'addColumns', columns: [{ parent: [], column: column('d', 'int') }] }), {
    version: 6,
  });
});
