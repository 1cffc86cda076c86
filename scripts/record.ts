/**
 * `npm run -s record -- CASES.jsonl > ANSWERS.jsonl`: answers cases in the form of the Spark SQL corpus. Every case runs in
 * a new session over an in-memory catalog; what is not supported answers an error whose class begins with UNSUPPORTED_.
 */
import { answerJson, readCases } from './conformance/corpus.ts';
import { openRunner } from './conformance/runner.ts';
import { answerCase } from './conformance/session.ts';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('Usage: npm run -s record -- CASES.jsonl > ANSWERS.jsonl');
  process.exit(2);
}
const runner = await openRunner();
try {
  let number = 0;
  for (const testCase of readCases(file)) {
    const asked = {
      ...testCase,
      steps: testCase.steps.map(({ error: _error, columns: _columns, rows: _rows, ...step }) => step),
    };
    const answers = await answerCase(runner, asked, ++number);
    const steps = answers.map((answer, index) => {
      const step = asked.steps[index]!;
      if ('error' in answer) return { ...step, error: { class: answer.error.class, sqlState: answer.error.sqlState } };
      return { ...step, columns: answer.columns, rows: answer.rows };
    });
    process.stdout.write(`${answerJson({ ...asked, steps })}\n`);
  }
} finally {
  await runner.close();
}
