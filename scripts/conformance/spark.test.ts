import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { compareCase } from './compare.ts';
import { isRefusal, readCases } from './corpus.ts';
import { openRunner } from './runner.ts';
import { answerCase } from './session.ts';
import { sparkTools, startSparkServer } from './spark-engine.ts';

const root = resolve(import.meta.dirname, '../..');
const corpus = join(root, '../shared/conformance/spark-sql');
const long = process.env.BOATHOUSE_TEST_LONG === '1';
/** Runs every n-th case; set by the suites that have a Spark. */
const every = long ? 1 : Number(process.env.BOATHOUSE_SPARK_EVERY ?? 0);
const missing = [corpus, join(sparkTools(root), 'connect-server')].find((path) => !existsSync(path));

test('queries give the recorded answers on a real Spark too, by the text that is written for it', {
  skip: every === 0 ? 'needs a Spark: part of the long tests and of .ci/peers' : missing ? `no ${missing}` : false,
  timeout: long ? 3_600_000 : 240_000,
}, async () => {
  const server = await startSparkServer(root);
  const runner = await openRunner(server.url);
  const different: string[] = [];
  let equal = 0;
  let refused = 0;
  try {
    let number = 0;
    for (const file of readdirSync(corpus)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()) {
      for (const testCase of readCases(join(corpus, file))) {
        if (++number % every !== 0) continue;
        const answers = await answerCase(runner, testCase, number);
        const verdict = compareCase(testCase, answers);
        if (verdict.kind === 'different' && !testCase.note) different.push(`${testCase.id}: ${verdict.why}`);
        // Where Spark raises an error, a refusal would be as good here: only answers prove the text.
        if (verdict.kind === 'equal' && !answers.some(isRefusal)) equal++;
        if (verdict.kind === 'refused') refused++;
      }
    }
  } finally {
    await runner.close();
    await server.stop();
  }
  assert.deepEqual(different, []);
  assert.ok(equal > 10 * refused, `${equal} equal, ${refused} refused`);
});
