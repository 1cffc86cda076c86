import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { compareCase } from './compare.ts';
import { type Case, readCases } from './corpus.ts';
import { openRunner, type Runner } from './runner.ts';
import { answerCase } from './session.ts';

const root = resolve(import.meta.dirname, '../..');
const corpus = join(root, '../shared/conformance/spark-sql');
let runner: Runner;
before(async () => {
  runner = await openRunner();
});
after(() => runner.close());

const steps = (...list: Case['steps']): Case => ({ id: 'test', steps: list });

test('every twentieth case of the corpus is answered as by Spark, or refused by name', {
  skip: existsSync(corpus) ? false : `no corpus at ${corpus}`,
}, async () => {
  const different: string[] = [];
  let equal = 0;
  let number = 0;
  for (const file of readdirSync(corpus)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()) {
    for (const testCase of readCases(join(corpus, file))) {
      if (++number % 20 !== 0) continue;
      const verdict = compareCase(testCase, await answerCase(runner, testCase, number));
      if (verdict.kind === 'equal') equal++;
      if (verdict.kind === 'different' && !testCase.note) different.push(`${testCase.id}: ${verdict.why}`);
    }
  }
  assert.deepEqual(different, []);
  assert.ok(equal > 250, `only ${equal} of the sampled cases are equal`);
});

// Cases that were once answered wrongly, with Spark's recorded answers: one file a subject.
const found = join(import.meta.dirname, 'found');
for (const [index, file] of readdirSync(found).sort().entries()) {
  test(`every case of found/${file} is answered as by Spark`, async () => {
    const wrong: string[] = [];
    let number = (index + 1) * 100_000;
    for (const testCase of readCases(join(found, file))) {
      const verdict = compareCase(testCase, await answerCase(runner, testCase, ++number));
      if (verdict.kind !== 'equal') wrong.push(`${testCase.id}: ${verdict.kind}`);
    }
    assert.deepEqual(wrong, []);
  });
}

test('a table made in one step is read in the next, as a real Delta table', async () => {
  const sql = [
    "CREATE TABLE t USING DELTA AS SELECT 1 AS a, 'x' AS b",
    "INSERT INTO t VALUES (2, 'y')",
    'SELECT sum(a), max(b) FROM t',
  ];
  const answers = await answerCase(runner, steps(...sql.map((text) => ({ sql: text }))), 1_000_001);
  assert.deepEqual(answers[2], {
    columns: [
      { name: 'sum(a)', type: 'bigint' },
      { name: 'max(b)', type: 'string' },
    ],
    rows: [['3', 'y']],
  });
});

test('columns may have any names beside lambdas, casts of maps and arrays', async () => {
  const sql = [
    "CREATE TABLE u USING DELTA AS SELECT 1 AS held, array(1, 2) AS kept, map('k', 2) AS c0, 5 AS x1",
    'SELECT transform(kept, x -> x + held + x1) AS a, CAST(c0 AS STRING) AS b, array_remove(kept, held) AS c, map_filter(c0, (k, v) -> v > 1) AS d FROM u',
    "INSERT INTO u SELECT 2, array(3), map('z', 1), 1",
    'SELECT sum(element_at(kept, -1)) AS e FROM u',
  ];
  const answers = await answerCase(runner, steps(...sql.map((text) => ({ sql: text }))), 1_000_002);
  assert.deepEqual(
    answers.map((answer) => ('rows' in answer ? answer.rows : answer)),
    [[], [[[7, 8], '{k -> 2}', [2], [['k', 2]]]], [], [['5']]],
  );
});

test('an answer where Spark raises an error counts as different, a refusal where Spark answers as refused', () => {
  const raises = steps({ sql: 'x', error: { class: 'DIVIDE_BY_ZERO', sqlState: '22012' } });
  const answers = steps({ sql: 'x', columns: [{ name: 'a', type: 'int' }], rows: [[1]] });
  const one = { columns: [{ name: 'a', type: 'int' }], rows: [[1]] };
  const refusal = { error: { class: 'UNSUPPORTED_FUNCTION', sqlState: null } };
  assert.equal(compareCase(raises, [one]).kind, 'different');
  assert.equal(compareCase(raises, [refusal]).kind, 'equal');
  assert.equal(compareCase(answers, [refusal]).kind, 'refused');
  assert.equal(compareCase(answers, [{ error: { class: 'ENGINE_ERROR', sqlState: null } }]).kind, 'different');
  assert.equal(compareCase(answers, [one]).kind, 'equal');
});

test('rows compare as a multiset, doubles within their tolerance, and -0.0 apart from 0.0', () => {
  const columns = [{ name: 'd', type: 'double' }];
  const verdict = (expected: unknown[][], actual: unknown[][], ordered = false) =>
    compareCase(steps({ sql: 'x', ordered, columns, rows: expected }), [{ columns, rows: actual }]).kind;
  assert.equal(verdict([[1], [2]], [[2], [1]]), 'equal');
  assert.equal(verdict([[1], [2]], [[2], [1]], true), 'different');
  assert.equal(verdict([[0.1 + 0.2]], [[0.3]]), 'equal');
  assert.equal(verdict([[1]], [[1.00001]]), 'different');
  assert.equal(verdict([[-0]], [[0]]), 'different');
  assert.equal(verdict([['NaN']], [['NaN']]), 'equal');
});

test('record answers a file of cases in the form of the corpus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-record-'));
  try {
    const file = join(folder, 'cases.jsonl');
    writeFileSync(
      file,
      `${JSON.stringify({ id: 'a', steps: [{ sql: 'SELECT -0.0D AS x' }, { sql: 'SELECT 1/0' }] })}\n`,
    );
    const out = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'scripts/record.ts'), file],
      { encoding: 'utf8' },
    );
    assert.equal(
      out,
      '{"id":"a","steps":[{"sql":"SELECT -0.0D AS x","columns":[{"name":"x","type":"double"}],"rows":[[-0.0]]},{"sql":"SELECT 1/0","error":{"class":"DIVIDE_BY_ZERO","sqlState":"22012"}}]}\n',
    );
    assert.equal(readFileSync(file, 'utf8').includes('columns'), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
