import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseType } from '@boathouse/contracts';
import { decodeVariant, encodeVariant, type Variant } from './variant.ts';
import { castVariant } from './variant-cast.ts';
import { parseVariant, schemaText, variantAt, variantJson, variantPath, variantSchema } from './variant-text.ts';

const json = (text: string): string => variantJson(parseVariant(text), 'UTC');

test('a variant prints its keys sorted and its decimals without zeros at the end', () => {
  assert.equal(json('{"b":1,"a":[2.50,null,true,"x",1e2],"":0.10}'), '{"":0.1,"a":[2.5,null,true,"x",100.0],"b":1}');
  assert.equal(json('12345678901234567890'), '12345678901234567890');
  assert.equal(json('1.5E400'), '"Infinity"');
});

test('text that is no strict JSON, or names a key twice, is no variant', () => {
  for (const text of ['', '[1,]', "{'a':1}", '01', 'NaN', '{"a":1,"a":2}'])
    assert.throws(() => parseVariant(text), { code: 'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION' });
});

test('every kind of value survives the encoding', () => {
  const many: [string, Variant][] = Array.from({ length: 300 }, (_, at) => [
    `key${at}`,
    { kind: 'long', value: BigInt(at) ** 7n },
  ]);
  const values: Variant[] = [
    { kind: 'double', value: -0.1 },
    { kind: 'float', value: Math.fround(0.1) },
    { kind: 'decimal', units: -(10n ** 37n) - 1n, scale: 38 },
    { kind: 'date', days: -719162 },
    { kind: 'timestamp', micros: -1n },
    { kind: 'timestamp_ntz', micros: 2n ** 62n },
    { kind: 'binary', value: Uint8Array.from([0, 255]) },
    { kind: 'string', value: 'é'.repeat(200) },
    { kind: 'object', fields: many.sort(([a], [b]) => (a < b ? -1 : 1)) },
  ];
  const value: Variant = { kind: 'array', items: values };
  assert.deepEqual(decodeVariant(encodeVariant(value)), value);
});

test('a path leads to a value, to nothing, or is told to be none', () => {
  const value = parseVariant('{"a":{"b c":[1,{"d":"x"}]}}');
  assert.deepEqual(variantAt(value, variantPath("$.a['b c'][1].d", 'variant_get')), { kind: 'string', value: 'x' });
  assert.equal(variantAt(value, variantPath('$.a[0]', 'variant_get')), undefined);
  for (const path of ['a', '$.', '$[-1]', '$a'])
    assert.throws(() => variantPath(path, 'variant_get'), { code: 'INVALID_VARIANT_GET_PATH' });
});

test('the schema of elements that differ is VARIANT, of numbers the one that holds them', () => {
  const schema = (text: string) => schemaText(variantSchema(parseVariant(text)));
  assert.equal(schema('[{"a":1},{"a":"x","b c":2.5}]'), 'ARRAY<OBJECT<a: VARIANT, `b c`: DECIMAL(2,1)>>');
  assert.equal(schema('[1,2.5]'), 'ARRAY<DECIMAL(21,1)>');
  assert.equal(schema('[[],null]'), 'ARRAY<ARRAY<VOID>>');
});

test('a variant is cast by the value that it holds, or the cast says what did not fit', () => {
  const cast = (text: string, type: string, tried = false) =>
    castVariant(parseVariant(text), parseType(type), { zone: 'UTC', tried });
  assert.equal(cast('1.75', 'decimal(3,1)'), '"1.8"');
  assert.equal(cast('{"a":1.9,"c":"x"}', 'struct<a:int,b:string>'), '{"a":1,"b":null}');
  assert.equal(cast('[1,"x"]', 'array<int>', true), '[1,null]');
  assert.throws(() => cast('300', 'tinyint'), { code: 'INVALID_VARIANT_CAST' });
  assert.throws(() => cast('1', 'date'), { code: 'INVALID_VARIANT_CAST' });
});
