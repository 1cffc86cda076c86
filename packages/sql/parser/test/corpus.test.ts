import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BoathouseError } from '@boathouse/contracts';
import { parseStatement } from '../index.ts';

interface Step {
  id: string;
  sql: string;
  /** Spark's error condition, `''` for an error without one; absent where Spark answered. */
  error?: string;
}

const deltaFolder = process.env.DELTA_CONFORMANCE_DIR;
const candidates = [
  ...(deltaFolder ? [join(dirname(deltaFolder), 'spark-sql')] : []),
  fileURLToPath(new URL('../../../../../shared/conformance/spark-sql', import.meta.url)),
];
const folder = candidates.find((candidate) => existsSync(candidate));

function steps(from: string): Step[] {
  return readdirSync(from)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(join(from, file), 'utf8').split('\n'))
    .filter(Boolean)
    .flatMap((line) => {
      const recorded = JSON.parse(line) as { id: string; steps: { sql: string; error?: { class: string | null } }[] };
      return recorded.steps.map(({ sql, error }) => ({ id: recorded.id, sql, error: error && (error.class ?? '') }));
    });
}

/** How our parser meets a statement: its error's code, `unsupported` or `parsed`. Anything else it throws is a bug. */
function outcome(sql: string): string {
  try {
    // Variables and parameters name tables when the statement runs.
    return parseStatement(sql, { identifierText: () => 'x' }).kind === 'unsupported' ? 'unsupported' : 'parsed';
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    return error.code;
  }
}

/** Databricks has these although Spark does not, and types inside of strings are not the parser's business. */
const beyondSpark = [
  /CLUSTER BY AUTO/,
  /^COMMENT ON COLUMN/,
  /^USE CATALOG/,
  /t@\d+/,
  /DEEP CLONE/,
  /from_json/,
  /^(MERGE|UPDATE|DELETE|ALTER|RESTORE|COPY|BEGIN|CREATE (PROCEDURE|TEMPORARY FUNCTION))/,
];

test('the statements of the Spark corpus', {
  skip: folder ? false : 'the conformance corpus is not here',
}, async (suite) => {
  const all = steps(folder!);
  assert.ok(all.length > 10_000, `only ${all.length} statements were found`);

  await suite.test('every statement that Spark answers is parsed or refused by name', () => {
    const wrong = all
      .filter(({ error }) => error === undefined)
      .map(({ id, sql }) => ({ id, sql, code: outcome(sql) }))
      .filter(({ code }) => code !== 'parsed' && code !== 'unsupported' && !code.startsWith('UNSUPPORTED_'));
    assert.deepEqual(wrong, []);
  });

  await suite.test('fewer than one in fifteen statements is refused by name while parsing', () => {
    const refused = all.filter(({ sql }) => /^(unsupported$|UNSUPPORTED_)/.test(outcome(sql)));
    assert.ok(refused.length * 15 < all.length, `${refused.length} of ${all.length}`);
  });

  await suite.test('what Spark refuses as a syntax error is one here too', () => {
    const accepted = all
      .filter(({ error }) => error === 'PARSE_SYNTAX_ERROR')
      .filter(({ sql }) => !beyondSpark.some((known) => known.test(sql)))
      .map(({ id, sql }) => ({ id, sql, code: outcome(sql) }))
      .filter(({ code }) => code !== 'PARSE_SYNTAX_ERROR');
    assert.deepEqual(accepted, []);
  });

  await suite.test('conditions that Spark finds in the text alone have the same code', () => {
    const inText =
      /^(INVALID_NUMERIC_LITERAL_RANGE|UNSUPPORTED_DATATYPE|DATATYPE_MISSING_SIZE|INVALID_IDENTIFIER|INVALID_ESC|UNSUPPORTED_TYPED_LITERAL|UNSUPPORTED_TIME_PRECISION|CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE)$/;
    const found = all.filter(
      ({ error, sql }) => error !== undefined && inText.test(error) && outcome(sql) !== 'unsupported',
    );
    assert.ok(found.length >= 30, `only ${found.length} statements were found`);
    const different = found
      .map(({ sql, error }) => ({ sql, spark: error, code: outcome(sql) }))
      .filter(({ spark, code }) => spark !== code);
    assert.deepEqual(different, []);
  });

  await suite.test('a statement takes less than a millisecond on average', (context) => {
    const start = performance.now();
    for (const { sql } of all) outcome(sql);
    const microseconds = ((performance.now() - start) * 1000) / all.length;
    context.diagnostic(`${microseconds.toFixed(1)} µs a statement over ${all.length} statements`);
    assert.ok(microseconds < 1000);
  });
});
