import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitStatements, tokenize } from '../index.ts';

const values = (text: string) =>
  tokenize(text)
    .tokens.slice(0, -1)
    .map(({ value }) => value);
const kinds = (text: string) =>
  tokenize(text)
    .tokens.slice(0, -1)
    .map(({ kind }) => kind);

test('string literals resolve their escapes as Spark does', () => {
  const cases: [string, string][] = [
    [`'a\\n\\t\\r\\b\\Z'`, 'a\n\t\r\b\u001a'],
    [`'\\\\ \\' \\" \\0'`, `\\ ' " \0`],
    [`'\\101\\u0041\\U00000041'`, 'AAA'],
    [`'\\U0001F600'`, '😀'],
    [`'\\%\\_'`, '\\%\\_'],
    [`'\\q\\d'`, 'qd'],
    [`'\\u00'`, 'u00'],
    [`'\\200\\377'`, '200377'],
    [`'it''s'`, "it's"],
    [`"say ""hi"" it's"`, `say "hi" it's`],
    [`r'\\d+\\'`, '\\d+\\'],
    [`R"a\\n"`, 'a\\n'],
    [`'日本 😀'`, '日本 😀'],
  ];
  for (const [written, meant] of cases) {
    assert.deepEqual(kinds(written), ['string'], written);
    assert.deepEqual(values(written), [meant], written);
  }
});

test('names may begin with a digit, hold any letters, or stand in back-ticks', () => {
  assert.deepEqual(values('1a _x Straße 名前 `we``ird name` 1e3x'), [
    '1a',
    '_x',
    'Straße',
    '名前',
    'we`ird name',
    '1e3x',
  ]);
  assert.deepEqual(kinds('1a `b`'), ['word', 'quoted']);
});

test('numbers keep fraction, exponent and suffix, and give way to longer names', () => {
  assert.deepEqual(kinds('1 1.5 .5 1. 1e3 1.5E-3 5Y 5bd 2.5F 1L'), Array(10).fill('number'));
  assert.deepEqual(values('t.1a'), ['t', '.', '1a']);
  assert.deepEqual(values('1.a'), ['1', '.', 'a']);
  assert.deepEqual(values('1.2.3'), ['1.2', '.3']);
});

test('operators are read as long as possible', () => {
  assert.deepEqual(
    values('a<=>b>>>c>>d<>e||f::g->h=>i|>j!=k'),
    'a <=> b >>> c >> d <> e || f :: g -> h => i |> j != k'.split(' '),
  );
});

test('comments nest, go on after a backslash, and are kept with their places', () => {
  const text = 'SELECT 1 -- one \\\n still one\n/* a /* b */ c */ + 2';
  const { tokens, comments } = tokenize(text);
  assert.deepEqual(
    tokens.slice(0, -1).map(({ value }) => value),
    ['SELECT', '1', '+', '2'],
  );
  assert.deepEqual(
    comments.map(({ kind, start, end }) => [kind, text.slice(start, end)]),
    [
      ['line', '-- one \\\n still one'],
      ['block', '/* a /* b */ c */'],
    ],
  );
});

test('what is never closed is one bad token to the end of the text', () => {
  for (const open of ["'abc", '"abc', '`abc', "r'abc", '/* abc /* */']) {
    const { tokens } = tokenize(`SELECT ${open}`);
    assert.deepEqual(
      tokens.map(({ kind }) => kind),
      ['word', 'bad', 'eof'],
      open,
    );
    assert.match(tokens[1]!.value, /has no end/);
  }
});

test('statements are divided at semicolons outside of strings, names and comments', () => {
  const text = `SELECT ';', "a;b", \`c;d\` -- no; here\n; /* ; */ SELECT 2;;\n-- only a comment\n`;
  assert.deepEqual(splitStatements(text), [
    { text: `SELECT ';', "a;b", \`c;d\``, start: 0, end: 24 },
    { text: 'SELECT 2', start: 47, end: 55 },
  ]);
});

test('a BEGIN … END block is one statement', () => {
  assert.equal(splitStatements('BEGIN SELECT 1; SELECT 2; END').length, 1);
});
