import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvFunctions, splitCsv } from './csv.ts';
import { fromJsonFunctions } from './from-json.ts';
import { schemaOfCsv, schemaOfJson } from './infer-schema.ts';

const [fromJson] = fromJsonFunctions;
const json = (text: string, schema: string, options: Record<string, string> = {}) =>
  fromJson!.evaluate([text, schema, 'UTC', JSON.stringify(options)]);
const csv = (name: string, ...args: (string | (string | null)[])[]) =>
  csvFunctions.find((func) => func.name === name)!.evaluate(args);

test('a field of JSON that does not fit is NULL, and the corrupt record keeps the text', () => {
  const schema = 'struct<a:int,_corrupt_record:string>';
  assert.equal(json('{"a":1}', schema), '{"v":{"a":1,"_corrupt_record":null}}');
  assert.equal(json('{"a":"x"}', schema), '{"v":{"a":null,"_corrupt_record":"{\\"a\\":\\"x\\"}"}}');
  assert.equal(json('', schema), null);
  assert.throws(() => json('bad', 'struct<a:int>', { mode: 'FAILFAST' }), {
    code: 'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION',
  });
});

test('options say what JSON may look like', () => {
  assert.equal(json('{a:01}', 'struct<a:int>'), '{"v":{"a":null}}');
  const lenient = { allowunquotedfieldnames: 'true', allownumericleadingzeros: 'true' };
  assert.equal(json('{a:01}', 'struct<a:int>', lenient), '{"v":{"a":1}}');
  assert.equal(json('{"a":"01/02/2024"}', 'struct<a:date>', { dateformat: 'dd/MM/yyyy' }), '{"v":{"a":"2024-02-01"}}');
});

test('a CSV field is quoted, escaped or plain', () => {
  const texts = (text: string, options = {}) => splitCsv(text, options).map((token) => token.text);
  assert.deepEqual(texts('"x,y",2'), ['x,y', '2']);
  assert.deepEqual(texts('"c""d","e\\"f","open'), ['"c""d"', 'e"f', 'open']);
  assert.deepEqual(texts('a||b', { sep: '||' }), ['a', 'b']);
  assert.equal(
    csv('spark_from_csv', '1,x', 'struct<a:int,b:int,_corrupt_record:string>', 'UTC', '{}'),
    '{"v":{"a":1,"b":null,"_corrupt_record":"1,x"}}',
  );
});

test('to_csv quotes what another reader would split, and cuts blanks at the ends', () => {
  assert.equal(csv('spark_to_csv', ['1', 'x,y', ' s ', '', null, 'q"t'], '{}'), '1,"x,y",s,"",,"q\\"t"');
});

test('a schema is inferred from a JSON text and from a CSV record', () => {
  assert.equal(
    schemaOfJson('[{"a":1,"b":[]},{"a":1.5,"b c":null}]', {}),
    'ARRAY<STRUCT<a: DOUBLE, b: ARRAY<STRING>, `b c`: STRING>>',
  );
  assert.equal(schemaOfJson('[1,"x"]', {}), 'ARRAY<STRING>');
  assert.equal(
    schemaOfCsv('1,2024-01-01,1e5,true,', {}),
    'STRUCT<_c0: INT, _c1: DATE, _c2: DOUBLE, _c3: BOOLEAN, _c4: STRING>',
  );
});
