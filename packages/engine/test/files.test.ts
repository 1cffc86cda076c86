import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FileFormat } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { filesRelation, importFiles, inferFiles, previewFiles } from '../index.ts';
import { column, openRoom } from './helper.ts';

const vega = new URL('../../../node_modules/vega-datasets/data/', import.meta.url);

async function openFiles(t: Parameters<typeof openRoom>[0]) {
  const room = await openRoom(t);
  const delta = createDelta({ store: room.store, engine: room.engine });
  const put = async (name: string, body: string | Uint8Array) => {
    await room.store.put(`uploads/${name}`, typeof body === 'string' ? Buffer.from(body) : body);
    return `uploads/${name}`;
  };
  /** Uploads under a key that tells nothing of the name, as the server does, and imports with the inferred columns. */
  const load = async (
    fileName: string,
    body: string | Uint8Array,
    changes: { types?: Record<string, string>; signal?: AbortSignal; onProgress?(percent: number): void } = {},
  ) => {
    const key = `uploads/${randomUUID()}`;
    await room.store.put(key, typeof body === 'string' ? Buffer.from(body) : body);
    const inferred = await inferFiles(room, { location: key, options: {} }, fileName);
    const columns = inferred.columns.map((c) => ({
      from: c.name,
      name: c.name,
      type: changes.types?.[c.name] ?? c.type,
    }));
    const location = `tables/${randomUUID()}`;
    const write = await importFiles(
      { ...room, delta },
      {
        body: {
          kind: 'createTable',
          target: {
            tableId: 't',
            fullName: 'main.test.t',
            location,
            columns: columns.map((c) => column(c.name, c.type)),
            partitionColumns: [],
          },
          tableKind: 'MANAGED',
          mode: 'create',
          properties: {},
        },
        source: { location: key, fileName, format: inferred.format, options: inferred.options },
        columns,
        author: { runId: 'r', txnId: randomUUID(), principal: 'ann' },
        signal: changes.signal,
        onProgress: changes.onProgress,
      },
    );
    const snapshot = await delta.snapshot(location);
    const rows = await room.engine.rows(
      `SELECT * FROM ${await delta.relation(
        snapshot,
        await snapshot.files(),
        columns.map((c) => c.name),
      )}`,
    );
    return { write, rows, inferred, location };
  };
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of room.store.list('')) if (!key.startsWith('uploads/')) found.push(key);
    return found;
  };
  return { ...room, delta, put, load, keys };
}

test('real files of every format become tables with the types of their columns', async (t) => {
  const { readFile } = await import('node:fs/promises');
  const { load } = await openFiles(t);
  const read = (name: string) => readFile(new URL(name, vega));
  const weather = await load('seattle-weather.csv', await read('seattle-weather.csv'));
  assert.deepEqual(
    weather.inferred.columns.map((c) => `${c.name}:${c.type}`),
    ['date:date', 'precipitation:double', 'temp_max:double', 'temp_min:double', 'wind:double', 'weather:string'],
  );
  assert.equal(weather.write.rows, 1461);
  const airports = await load('airports.csv.gz', gzipSync(await read('airports.csv')));
  assert.equal(airports.rows.length, 3376);
  assert.deepEqual(
    airports.inferred.columns.map((c) => c.type),
    ['string', 'string', 'string', 'string', 'string', 'double', 'double'],
  );
  const movies = await load('movies.json', await read('movies.json'));
  assert.equal(movies.rows.length, 3201);
  assert.equal(movies.inferred.columns.find((c) => c.name === 'Title')?.type, 'string');
  const quakes = await load('earthquakes.json', await read('earthquakes.json'));
  assert.equal(quakes.rows.length, 1);
  assert.match(
    quakes.inferred.columns.find((c) => c.name === 'features')!.type,
    /^array<struct<type:string,properties:struct<mag:double/,
  );
  const lines = await load('events.jsonl', '{"id":1,"tags":["a"]}\n{"id":2,"tags":null,"more":true}\n');
  assert.deepEqual(lines.rows, [
    { id: 1n, tags: ['a'], more: null },
    { id: 2n, tags: null, more: true },
  ]);
  const tabs = await load('data.tsv', 'code\tn\n007\t1\n008\t2\n');
  assert.deepEqual(tabs.rows, [
    { code: '007', n: 1n },
    { code: '008', n: 2n },
  ]);
});

test('a Parquet file keeps its types', async (t) => {
  const { engine, store, load, put } = await openFiles(t);
  const key = await put('x.parquet', 'placeholder');
  await engine.rows(
    `COPY (SELECT 1::TINYINT AS a, 1.5::DECIMAL(9,2) AS b, [{'x': DATE '2024-01-01'}] AS c, TIMESTAMP '2024-01-01 00:00:00' AS d, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS e) TO '${store.engineUri(key)}' (FORMAT parquet)`,
  );
  const loaded = await load('x.parquet', await store.get(key));
  assert.deepEqual(
    loaded.inferred.columns.map((c) => c.type),
    ['tinyint', 'decimal(9,2)', 'array<struct<x:date>>', 'timestamp_ntz', 'timestamp'],
  );
  assert.equal(loaded.rows.length, 1);
  const packed = await load('x.parquet.gz', gzipSync(await store.get(key)));
  assert.deepEqual(packed.rows, loaded.rows);
});

test('a broken file is refused with its name, line and column, and nothing is loaded', async (t) => {
  const { load, keys } = await openFiles(t);
  const many = (row: (i: number) => string, count = 120_000) =>
    Array.from({ length: count }, (_, i) => row(i)).join('\n');
  const gz = gzipSync(many((i) => `${i},x${i}`));
  const cases: { name: string; body: string | Uint8Array; code: string; says: RegExp }[] = [
    {
      name: 'short.csv',
      body: 'a,b,c\n1,2,3\n4,5\n',
      code: 'FILE_RAGGED_ROW',
      says: /line 3 of the file short\.csv has 2 fields where 3/,
    },
    {
      name: 'long.csv',
      body: `a,b\n${many((i) => `${i},x`)}\n1,2,3\n`,
      code: 'FILE_RAGGED_ROW',
      says: /line 120002 of the file long\.csv has 3 fields/,
    },
    {
      name: 'late.csv',
      body: `a,b\n${many((i) => `${i},x`)}\noops,y\n`,
      code: 'FILE_WRONG_TYPE',
      says: /Column "a" at line 120002 of the file late\.csv has the value "oops", which is not of type bigint/,
    },
    {
      name: 'latin.csv',
      body: Buffer.from('a,b\n1,ok\n2,caf\xe9\n', 'latin1'),
      code: 'FILE_BAD_ENCODING',
      says: /line 3 of the file latin\.csv is not UTF-8/,
    },
    {
      name: 'wide.csv',
      body: Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'),
      code: 'FILE_BAD_ENCODING',
      says: /wide\.csv is encoded in UTF-16/,
    },
    {
      name: 'cut.csv.gz',
      body: gz.subarray(0, gz.length / 2),
      code: 'FILE_TRUNCATED',
      says: /cut\.csv\.gz is a damaged or incomplete gzip/,
    },
    { name: 'tail.csv.gz', body: gz.subarray(0, gz.length - 4), code: 'FILE_TRUNCATED', says: /tail\.csv\.gz/ },
    { name: 'zero.csv', body: '', code: 'FILE_EMPTY', says: /zero\.csv is empty/ },
    { name: 'zero.json.gz', body: gzipSync(''), code: 'FILE_EMPTY', says: /zero\.json\.gz is empty/ },
    {
      name: 'twice.csv',
      body: 'a,A,b\n1,2,3\n',
      code: 'FILE_DUPLICATE_COLUMN',
      says: /columns 1 and 2 of the file twice\.csv have the same name "A"/,
    },
    {
      name: 'blank.csv',
      body: 'a,,b\n1,2,3\n',
      code: 'FILE_EMPTY_COLUMN_NAME',
      says: /Column 2 of the file blank\.csv has no name/,
    },
    {
      name: 'quote.csv',
      body: 'a,b\n1,"x\n2,y\n',
      code: 'FILE_UNTERMINATED_QUOTE',
      says: /line 2 of the file quote\.csv/,
    },
    {
      name: 'prose.json',
      body: 'hello, this is prose',
      code: 'FILE_MALFORMED_JSON',
      says: /prose\.json is neither a JSON array of objects nor one object a line: line 1/,
    },
    {
      name: 'scalars.json',
      body: '[1, 2, 3]',
      code: 'FILE_MALFORMED_JSON',
      says: /scalars\.json holds JSON values that are not objects/,
    },
    {
      name: 'broken.jsonl',
      body: '{"a":1}\n{"a":2\n{"a":3}\n',
      code: 'FILE_MALFORMED_JSON',
      says: /line \d of the file broken\.jsonl/,
    },
    {
      name: 'late.jsonl',
      body: `${many((i) => `{"a":${i}}`)}\n{"a":"oops"}\n`,
      code: 'FILE_WRONG_TYPE',
      says: /line 120001 of the file late\.jsonl/,
    },
    { name: 'case.jsonl', body: '{"a":1,"A":2}\n', code: 'FILE_DUPLICATE_COLUMN', says: /case\.jsonl/ },
    { name: 'cut.parquet', body: 'PAR1 and then nothing', code: 'FILE_MALFORMED_PARQUET', says: /cut\.parquet/ },
  ];
  for (const { name, body, code, says } of cases)
    await assert.rejects(load(name, body), (error: { code: string; message: string }) => {
      assert.equal(error.code, code, `${name}: ${error.message}`);
      assert.match(error.message, says);
      return true;
    });
  assert.deepEqual(await keys(), []);
});

test('a column may be given another type and a value that is not of it names its line', async (t) => {
  const { load } = await openFiles(t);
  const body = 'n,when\n1,2024-01-02\n2,never\n';
  const loaded = await load('a.csv', body, { types: { n: 'decimal(10,2)' } });
  assert.equal(loaded.write.columns[0]!.type, 'decimal(10,2)');
  await assert.rejects(load('a.csv', body, { types: { when: 'date' } }), {
    code: 'FILE_WRONG_TYPE',
    message: /Column "when" at line 3 of the file a\.csv has the value "never"/,
  });
});

test('a text that is no timestamp is an error with its line, never a NULL', async (t) => {
  const { load, keys } = await openFiles(t);
  const good = Array.from({ length: 30_000 }, (_, i) => `${i},2024-01-02 03:04:05`).join('\n');
  for (const bad of ['2024-02-30 00:00:00', 'soon', 'infinity', '2024-06-01 10:00 nowhere']) {
    await assert.rejects(load('t.csv', `n,at\n${good}\n7,${bad}\n`), (error: Error & { code: string }) => {
      assert.equal(error.code, 'FILE_WRONG_TYPE');
      const where = bad === 'infinity' ? 'in the file t\\.csv' : 'at line 30002 of the file t\\.csv';
      assert.match(
        error.message,
        new RegExp(`Column "at" ${where} has the value "${bad}", which is not of type timestamp`),
      );
      return true;
    });
  }
  assert.deepEqual(await keys(), []);
  // A zone that the engine's own reader does not know stands before the bad value: the line is not guessed.
  await assert.rejects(
    load('z.csv', 'at\n2024-01-01 00:00:00 Europe/Berlin\nsoon\n', { types: { at: 'timestamp' } }),
    /Column "at" in the file z\.csv has the value "soon"/,
  );
});

test('timestamps are read in every form, an offset is honoured and a pattern followed', async (t) => {
  const room = await openFiles(t);
  const forms = {
    '2024-01-02 03:04:05': '2024-01-02T03:04:05.000Z',
    '2024-01-02T03:04:05Z': '2024-01-02T03:04:05.000Z',
    '2024-01-02T03:04:05.250': '2024-01-02T03:04:05.250Z',
    '2024-01-02T03:04:05.123456789Z': '2024-01-02T03:04:05.123Z',
    '2024-01-02 03:04:05+02:00': '2024-01-02T01:04:05.000Z',
    '2024-01-02 03:04:05 Europe/Berlin': '2024-01-02T02:04:05.000Z',
    '2024-01-02': '2024-01-02T00:00:00.000Z',
    epoch: '1970-01-01T00:00:00.000Z',
    '1900-01-01 00:00:00': '1900-01-01T00:00:00.000Z',
  };
  const loaded = await room.load('forms.csv', ['at', ...Object.keys(forms)].join('\n'), { types: { at: 'timestamp' } });
  assert.deepEqual(
    loaded.rows.map((row) => (row.at as Date).toISOString()),
    Object.values(forms),
  );
  await room.put('p.csv', '31/12/2024 10:00+02:00\n31/12/2024 10:00Z\nlater\n');
  const table = {
    source: 'files' as const,
    path: '/Volumes/main/test/v/p.csv',
    location: 'uploads/p.csv',
    format: 'csv' as FileFormat,
    columns: [column('at', 'timestamp')],
    needed: ['at'],
    stream: false,
  };
  const options = { timestampformat: 'dd/MM/yyyy HH:mmXXX' };
  const read = async (more: Record<string, string>) =>
    room.engine.rows(`SELECT "at" FROM ${await filesRelation(room, { ...table, options: { ...options, ...more } })}`);
  assert.deepEqual(
    (await read({ mode: 'DROPMALFORMED' })).map((row) => (row.at as Date).toISOString()),
    ['2024-12-31T08:00:00.000Z', '2024-12-31T10:00:00.000Z'],
  );
  await assert.rejects(read({}), { code: 'FILE_WRONG_TYPE', message: /the value "later"/ });
});

test('an option that no reader takes is refused by name, with what it may be', async (t) => {
  const room = await openFiles(t);
  await room.put('o/a.csv', 'a||b\n1||2\n');
  const read = async (options: Record<string, string>) =>
    room.engine.rows(
      `SELECT * FROM ${await filesRelation(room, {
        source: 'files',
        path: '/Volumes/main/test/o',
        location: 'uploads/o/',
        format: 'csv',
        options,
        columns: [column('a', 'string'), column('b', 'string')],
        needed: ['a', 'b'],
        stream: false,
      })}`,
    );
  const cases: [Record<string, string>, RegExp][] = [
    [{ delimiter: 'too long' }, /delimiter takes one to four characters/],
    [{ sep: '' }, /sep takes one to four characters/],
    [{ delimiter: '\\n' }, /delimiter takes/],
    [{ quote: 'é' }, /quote takes one ASCII character/],
    [{ nullvalue: 'a\0b' }, /nullvalue takes a text on one line, not 'a\\0b'/],
    [{ timestampformat: '' }, /timestampformat takes a datetime pattern/],
    [{ quote: ';', sep: ';' }, /delimiter => ';' and quote => ';' must not share/],
    [{ nullvalue: ',' }, /nullvalue => ',' and delimiter => ',' must not share/],
  ];
  for (const [options, message] of cases)
    await assert.rejects(read(options), { code: 'INVALID_FILE_OPTION', status: 400, message });
  assert.equal((await read({ sep: '||' })).length, 2);
});

test('a preview shows the first rows as wire values', async (t) => {
  const room = await openFiles(t);
  const location = await room.put('p.csv', 'id,name,at\n1,"a, b",2024-01-02 03:04:05\n2,,2024-01-03 00:00:00Z\n');
  const preview = await previewFiles(room, { location, options: {} }, 1);
  assert.deepEqual(
    preview.columns.map((c) => c.type),
    ['bigint', 'string', 'timestamp'],
  );
  assert.deepEqual(preview.rows, [['1', 'a, b', '2024-01-02T03:04:05.000000Z']]);
  assert.deepEqual([preview.format, preview.options.header, preview.options.delimiter], ['csv', 'true', ',']);
});

test('read_files reads folders and globs with its options, only the needed columns, and refuses what it does not honour', async (t) => {
  const room = await openFiles(t);
  await room.put('v/a.csv', 'x;y\n1;NA\n');
  await room.put('v/b.csv', 'x;y\n2;"q"\n');
  await room.put('v/_skip.csv', 'zzz');
  await room.put('v/sub/c.csv', 'x;y\n3;\n');
  const table = {
    source: 'files' as const,
    path: '/Volumes/main/test/v',
    format: 'csv' as FileFormat,
    options: { header: 'true', sep: ';', nullvalue: 'NA' } as Record<string, string>,
    columns: [column('x', 'int'), column('y', 'string')],
    needed: ['y', 'x'],
    stream: false,
  };
  const rows = async (location: string, changes: object = {}) =>
    room.engine.rows(`SELECT * FROM ${await filesRelation(room, { ...table, location, ...changes })} ORDER BY x`);
  assert.deepEqual(await rows('uploads/v/'), [
    { y: null, x: 1 },
    { y: 'q', x: 2 },
    { y: '', x: 3 },
  ]);
  assert.deepEqual(await rows('uploads/v/[ab]*.csv', { needed: ['x'] }), [{ x: 1 }, { x: 2 }]);
  assert.deepEqual(await rows('uploads/v/{b,sub/c}.csv', { needed: ['x'] }), [{ x: 2 }, { x: 3 }]);
  await assert.rejects(rows('uploads/v/', { options: { rescueddatacolumn: '_r' } }), {
    code: 'UNSUPPORTED_FILE_OPTION',
    message: /rescueddatacolumn/,
  });
  await assert.rejects(rows('uploads/none/'), { code: 'PATH_NOT_FOUND', message: /\/Volumes\/main\/test\/v/ });
  const text = { format: 'text' as const, options: {}, columns: [column('value', 'string')], needed: ['value'] };
  await room.put('t.txt', 'one, two\n\n"three"\n');
  assert.deepEqual(
    await room.engine.rows(
      `SELECT * FROM ${await filesRelation(room, { ...table, ...text, location: 'uploads/t.txt' })}`,
    ),
    [{ value: 'one, two' }, { value: '' }, { value: '"three"' }],
  );
});

test('files of a folder are matched by the names in their headers, whatever their order', async (t) => {
  const room = await openFiles(t);
  await room.put('h/a.csv', 'id,name\n1,ann\n');
  await room.put('h/b.csv', 'NAME,id,extra\nbob,2.5,x\n');
  await room.put('h/c.csv', '');
  await room.put('h/d.csv.gz', gzipSync('id\n3\n'));
  const inferred = await inferFiles(room, { location: 'uploads/h/', options: { header: 'true' } });
  assert.deepEqual(
    inferred.columns.map((c) => `${c.name}:${c.type}`),
    ['id:double', 'name:string', 'extra:string'],
  );
  const table = {
    source: 'files' as const,
    path: '/Volumes/h',
    stream: false,
    location: 'uploads/h/',
    ...inferred,
    needed: ['name', 'extra', 'id'],
  };
  assert.deepEqual(await room.engine.rows(`SELECT * FROM ${await filesRelation(room, table)} ORDER BY id`), [
    { name: 'ann', extra: null, id: 1 },
    { name: 'bob', extra: 'x', id: 2.5 },
    { name: null, extra: null, id: 3 },
  ]);
  await room.put('h/e.csv.gz', gzipSync('id\n3\n').subarray(0, 20));
  await assert.rejects(filesRelation(room, table), { code: 'FILE_TRUNCATED', message: /e\.csv\.gz/ });
});

test('a cancelled import leaves no table and no unpacked copy', async (t) => {
  const { load, keys } = await openFiles(t);
  const body = gzipSync(Array.from({ length: 400_000 }, (_, i) => `${i},some text ${i}`).join('\n'));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 60);
  await assert.rejects(load('big.csv.gz', body, { signal: controller.signal }), { code: 'CANCELLED' });
  assert.deepEqual(await keys(), []);
});
