import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineValue } from './index.ts';
import { engineFunctions } from './index.ts';

const call = (name: string, ...args: EngineValue[]): EngineValue =>
  engineFunctions.find((func) => func.name === name)!.evaluate(args);
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test('a number format prints signs, separators and blanks where Spark does', () => {
  const print = (value: string, format: string) => call('spark_to_char', value, format);
  assert.equal(print('-12454.8', '99G999D9S'), '12,454.8-');
  assert.equal(print('-4567', 'S9,999,999'), '    -4,567');
  assert.equal(print('1.5', '9.9PR'), '1.5  ');
  assert.equal(print('0', '9'), ' ');
  assert.equal(print('12.345', '99.9'), '##.#');
});

test('a number format reads text, or says that it does not match', () => {
  assert.equal(call('spark_to_number', '<12>', '99PR'), '-12');
  assert.equal(call('spark_to_number', '1,234', '9,999'), '1234');
  assert.equal(call('spark_try_to_number', '1.23', '9.9'), null);
  assert.throws(() => call('spark_to_number', '', '99'), { code: 'INVALID_FORMAT.MISMATCH_INPUT' });
  assert.throws(() => call('spark_to_number', '1', '9S9'), { code: 'INVALID_FORMAT.UNEXPECTED_TOKEN' });
});

test('format_string follows the flags of the Java formatter', () => {
  const print = (format: string, kinds: string, ...values: (string | null)[]) =>
    call('spark_printf', format, kinds, ...values);
  assert.equal(print('%2$s %1$s %<s', 'string,string', 'a', 'b'), 'b a a');
  assert.equal(print('%(d|%+,d|%05d', 'int,int,int', '-5', '1000', '42'), '(5)|+1,000|00042');
  assert.equal(print('%e %g', 'double,double', '12345.678', '0.00001'), '1.234568e+04 1.00000e-05');
  assert.equal(print('%.2f', 'double', null), 'nu');
  assert.throws(() => print('%d', 'string', 'a'), { code: 'INVALID_PARAMETER_VALUE.FORMAT_STRING' });
});

test('broken UTF-8 is told, or replaced part by part', () => {
  assert.equal(call('spark_make_valid_utf8', bytes('6180ff62')), 'a��b');
  assert.equal(call('spark_is_valid_utf8', bytes('eda080')), false);
  assert.throws(() => call('spark_validate_utf8', bytes('80')), { code: 'INVALID_UTF8_STRING' });
});

test('text becomes bytes of a character set and comes back', () => {
  for (const charset of ['UTF-8', 'UTF-16', 'utf-16le', 'UTF-16BE', 'UTF-32'])
    assert.equal(call('spark_decode', call('spark_encode', 'é😀', charset), charset), 'é😀');
  assert.throws(() => call('spark_encode', 'é', 'US-ASCII'), { code: 'MALFORMED_CHARACTER_CODING' });
  assert.throws(() => call('spark_encode', 'a', 'latin1'), { code: 'INVALID_PARAMETER_VALUE.CHARSET' });
});

test('base64 of to_binary is strict, that of unbase64 skips foreign characters', () => {
  assert.deepEqual(call('spark_unbase64', 'Y!Q=='), bytes('61'));
  assert.throws(() => call('spark_unbase64', 'YQ='), { code: 'CONVERSION_INVALID_INPUT' });
  assert.throws(() => call('spark_to_binary', 'Y!Q==', 'base64'), { code: 'CONVERSION_INVALID_INPUT' });
});
