import assert from 'node:assert/strict';
import { test } from 'node:test';
import { session } from './harness.ts';

/** Cells that run one after another in one kernel, and what the last expression of each shows. */
const cases: [name: string, cells: [source: string, shows: string | undefined][]][] = [
  ['types are stripped', [['const a: number = 1;\ninterface Z { b: string }\n(a as number) + 1', '2']]],
  ['a declaration alone shows nothing', [['const a = 1', undefined]]],
  [
    'variables live on',
    [
      ['let a = 1', undefined],
      ['a + 1', '2'],
    ],
  ],
  [
    'constants may be declared anew in a later cell',
    [
      ['const a = 1', undefined],
      ['const a = 2; a', '2'],
    ],
  ],
  [
    'functions see the newest value of a variable',
    [
      ['let a = 1; function f() { return a }', undefined],
      ['a = 5; f()', '5'],
    ],
  ],
  ['functions are hoisted', [['f()\nfunction f() { return 3 }\nf()', '3']]],
  [
    'a function may become something else',
    [
      ['function f() {}', undefined],
      ['const f = 3; f', '3'],
      ['class f {}; typeof f', '"function"'],
    ],
  ],
  ['await works at the top', [['const v = await Promise.resolve(4)\nv', '4']]],
  ['a last promise is awaited', [['Promise.resolve([1, 2])', '[ 1, 2 ]']]],
  [
    'destructuring with rest and defaults',
    [['const { a, ...rest } = { a: 1, b: 2 }, [c = 7] = []\n;[a, rest, c]', '[ 1, { b: 2 }, 7 ]']],
  ],
  [
    'a line break ends a declaration',
    [
      ['let a = 1\nlet b\n(2)\nb', undefined],
      ['[a, b]', '[ 1, undefined ]'],
    ],
  ],
  [
    'var of a loop lives on',
    [
      ['for (var i = 0, acc: number[] = []; i < 3; i++) acc.push(i)\nif (true) var y = 9; else y = 8', undefined],
      ['[i, acc, y]', '[ 3, [ 0, 1, 2 ], 9 ]'],
    ],
  ],
  ['let of a loop does not', [['for (let k = 0; k < 3; k++);\ntypeof k', '"undefined"']]],
  [
    'for await, labels and nested loops without braces',
    [
      [
        'const seen: number[] = []\nasync function* g() { yield 1; yield 2 }\nouter: for await (const v of g()) for (;;) { seen.push(v); continue outer }\nseen',
        '[ 1, 2 ]',
      ],
    ],
  ],
  [
    'do, while and switch',
    [['let n = 0; do n++; while (n < 5)\nswitch (n) { case 5: var found = "five" }\nfound', '"five"']],
  ],
  [
    'classes with fields and private names',
    [['class A { #x = 2; static s = 1; get x(): number { return this.#x } }\n[new A().x, A.s]', '[ 2, 1 ]']],
  ],
  [
    'classes may be declared anew',
    [
      ['class A { v = 1 }', undefined],
      ['class A { v = 2 }\nnew A().v', '2'],
    ],
  ],
  [
    'parameter properties and enums are compiled',
    [
      [
        'enum Color { Red, Green }\nclass P { constructor(public name: string) {} }\n[Color.Green, new P("cat").name]',
        '[ 1, "cat" ]',
      ],
      ['Color[0]', '"Red"'],
    ],
  ],
  [
    'modules of Node are there',
    [
      [
        'import path, { join as j } from "node:path"\nimport * as all from "path"\nimport type { X } from "nowhere"\n[path.join("a", "b"), j("c"), typeof all.join]',
        '[ "a/b", "c", "function" ]',
      ],
    ],
  ],
  [
    'using releases at the end of its cell',
    [
      ['const log: string[] = []\nusing r = { [Symbol.dispose]() { log.push("released") } }\nlog.length', '0'],
      ['log', '[ "released" ]'],
    ],
  ],
  [
    'export is allowed and means nothing',
    [['export const a = 1\nexport function g() { return 2 }\nexport default { a, g: g() }', '{ a: 1, g: 2 }']],
  ],
  [
    'satisfies, generics and non-null',
    [
      [
        'function id<T>(x: T): T { return x }\nconst o = { a: 1 } satisfies Record<string, number>\nid<number>(o.a)!',
        '1',
      ],
    ],
  ],
  [
    'names of the web can be taken',
    [['const name = "n", location = 1; ({ name, location })', '{ name: "n", location: 1 }']],
  ],
  [
    'generators, spread, optional chaining, bigint',
    [['function* g() { yield* [1, 2] }\nconst u: any = null\n;[...g(), u?.x ?? 10n]', '[ 1, 2, 10n ]']],
  ],
  ['an object literal in parentheses', [['({ a: 1 })', '{ a: 1 }']]],
  [
    'an empty cell and a comment',
    [
      ['', undefined],
      ['// nothing', undefined],
    ],
  ],
  ['text with line separators and emoji keeps its place', [['const s = "é😀"; s.length', '3']]],
];

test('cells are TypeScript whose names live on', async (t) => {
  const { run } = await session(t);
  for (const [name, cells] of cases) {
    await t.test(name, async () => {
      for (const [source, shows] of cells) {
        const shown = await run(source);
        assert.deepEqual(shown.end, { end: 'done' }, source);
        assert.equal(shown.text, shows, source);
      }
    });
  }
});

const failing: [name: string, source: string, code: string, message: RegExp, line: number, column: number][] = [
  [
    'a runtime error names the line inside of a function',
    'const q = 1;\n\nfunction bad(o: any) {\n  return o.foo.bar;\n}\ninterface Z { a: string }\n\nbad({});',
    'CELL_ERROR',
    /TypeError: Cannot read properties of undefined \(reading 'bar'\)/,
    4,
    16,
  ],
  [
    'an error after an await names its line',
    'const later = (await Promise.resolve(1)) as number;\n\n   null!.x',
    'CELL_ERROR',
    /TypeError/,
    3,
    10,
  ],
  [
    'an error in a compiled cell names its line',
    'enum A { B }\n\nlet z: A = A.B; throw new RangeError("far")',
    'CELL_ERROR',
    /RangeError: far/,
    3,
    23,
  ],
  [
    'an error inside of a loop names its column',
    'for (const a of [1]) for (const b of [2]) missing(a, b)',
    'CELL_ERROR',
    /ReferenceError: missing is not defined/,
    1,
    43,
  ],
  ['a syntax error', 'const a = 1\nlet x: number = ;', 'SYNTAX_ERROR', /Expression expected/, 2, 17],
  [
    'an assignment to a constant of an earlier line',
    'const a = 1\nawait null\nfunction set() { a = 2 }\nlet x: number = 1\nundeclared = 4',
    'CELL_ERROR',
    /undeclared is not defined/,
    5,
    12,
  ],
  ['a decorator', 'const d = 1\n@d class A {}', 'UNSUPPORTED_SYNTAX', /Decorators/, 2, 1],
  ['an import of a package', 'import x from "npm:is-odd"', 'UNSUPPORTED_IMPORT', /npm:is-odd/, 1, 15],
  [
    'an import from the network',
    '\nimport x from "https://deno.land/x/mod.ts"',
    'UNSUPPORTED_IMPORT',
    /deno\.land/,
    2,
    15,
  ],
  [
    'an unhandled rejection',
    'Promise.reject(new Error("nobody"))\nawait new Promise((r) => setTimeout(r, 5))',
    'CELL_ERROR',
    /Error: nobody/,
    1,
    16,
  ],
  ['a thrown value that is no error', 'throw { a: 1 }', 'CELL_ERROR', /\{ a: 1 \}/, 0, 0],
];

test('an error names its own line and column, and the session goes on', async (t) => {
  const { run } = await session(t);
  for (const [name, source, code, message, line, column] of failing) {
    const { end } = await run(source);
    assert.equal(end.end, 'failed', name);
    assert.ok(end.end === 'failed');
    assert.equal(end.error.code, code, name);
    assert.match(end.error.message, message, name);
    assert.deepEqual([end.error.position?.line ?? 0, end.error.position?.column ?? 0], [line, column], name);
    assert.doesNotMatch(JSON.stringify(end.error), /driver|node:vm|file:/, name);
  }
  assert.equal((await run('1 + 1')).text, '2');
});

test('a cell that is nested or long beyond measure is refused, and harms no later one', async (t) => {
  const { run } = await session(t);
  const refused: [source: string, code: string][] = [
    [`${'('.repeat(5000)}1${')'.repeat(5000)}`, 'CELL_TOO_COMPLEX'],
    [`enum A { B }\n${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'CELL_TOO_COMPLEX'],
    [`1${'+1'.repeat(100_000)}`, 'CELL_TOO_COMPLEX'],
    [`"${'x'.repeat(1024 * 1024)}"`, 'CELL_TOO_LARGE'],
  ];
  for (const [source, code] of refused) {
    const { end } = await run(source);
    assert.ok(end.end === 'failed');
    assert.equal(end.error.code, code);
    assert.equal((await run('const a: number = 1; a')).text, '1');
  }
  assert.equal((await run(`${'('.repeat(100)}1${')'.repeat(100)}`)).text, '1');
});

test('a constant may not be assigned by later cells, and the error says so', async (t) => {
  const { run } = await session(t);
  await run('const a = 1');
  const { end } = await run('a = 2');
  assert.ok(end.end === 'failed');
  assert.match(end.error.message, /a is a constant/);
  assert.equal((await run('a')).text, '1');
});

test('what a cell prints arrives joined, in order, and cut at 1 MB with a word', async (t) => {
  const { run } = await session(t);
  const some = await run(
    'console.log("a", { b: 1 }); console.error("c"); console.table([{ x: 1, y: "z" }]); await Deno.stdout.write(new TextEncoder().encode("raw\\n"))',
  );
  assert.equal(some.stdout, 'a { b: 1 }\nx  y\n1  z\nraw\n');
  assert.equal(some.stderr, 'c\n');
  const flood = await run('for (let i = 0; i < 200_000; i++) console.log("0123456789")');
  assert.deepEqual(flood.end, { end: 'done' });
  assert.ok(flood.stdout.length <= 1024 * 1024 + 1);
  assert.match(flood.stderr, /the rest of the output was cut/);
});
