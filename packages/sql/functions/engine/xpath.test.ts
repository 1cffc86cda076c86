import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXml, textOfNode } from './xml.ts';
import { xpathFunctions } from './xpath.ts';

const xpath = (name: string, xml: string, path: string) =>
  xpathFunctions.find((func) => func.name === name)!.evaluate([xml, path]);
const shop = '<r><b id="1">x</b><b id="2">y<c>z</c></b><n>12.7</n></r>';

test('a path finds nodes by axes, names, positions and conditions', () => {
  assert.deepEqual(xpath('spark_xpath', shop, '//b/@id'), ['1', '2']);
  assert.deepEqual(xpath('spark_xpath', shop, 'r/b'), [null, null]);
  assert.equal(xpath('spark_xpath_string', shop, "r/b[@id='2']"), 'yz');
  assert.equal(xpath('spark_xpath_string', shop, 'r/b[last()]/preceding-sibling::b'), 'x');
  assert.equal(xpath('spark_xpath_string', shop, '//c/../@id'), '2');
});

test('an expression gives numbers, texts and truths', () => {
  assert.equal(xpath('spark_xpath_double', shop, 'sum(r/b/@id) + count(//c)'), 4);
  assert.equal(xpath('spark_xpath_string', shop, '1 div 3'), '0.3333333333333333');
  assert.equal(xpath('spark_xpath_string', shop, 'concat(substring("abc", 2), -5 mod 3)'), 'bc-2');
  assert.equal(xpath('spark_xpath_boolean', shop, 'r/n > 12 and not(r/z)'), true);
  assert.equal(xpath('spark_xpath_int', shop, 'r/b'), 0n);
  assert.equal(xpath('spark_xpath', '', 'a'), null);
});

test('XML text is read with its entities and sections, and refused where it is broken', () => {
  assert.equal(textOfNode(parseXml('<a><![CDATA[<x>&]]>&lt;&#65;&amp;\r\n</a>')), '<x>&<A&\n');
  for (const broken of [
    '<a>',
    '<a></b>',
    '<a/><b/>',
    'x',
    '<a>&nbsp;</a>',
    '<a b=1/>',
    '<!DOCTYPE a><a/>',
    '<a b="1" b="2"/>',
  ])
    assert.throws(() => parseXml(broken), { code: 'MALFORMED_XML' });
  assert.throws(() => xpath('spark_xpath', '<a/>', 'a['), { code: 'INVALID_XPATH' });
});
