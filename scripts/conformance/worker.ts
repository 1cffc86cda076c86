/** A worker process of the conformance run: takes its share of the cases and sends a report for each. */
import { compareCase } from './compare.ts';
import { readCases } from './corpus.ts';
import { openRunner } from './runner.ts';
import { answerCase } from './session.ts';

export interface WorkOrder {
  files: string[];
  workers: number;
  index: number;
  every: number;
  only?: string;
  /** A Spark Connect server that runs the queries. */
  sparkUrl?: string;
}

export interface CaseReport {
  file: string;
  id: string;
  /** `noted`: another answer than Spark's where the case says that Databricks documents something else. */
  verdict: 'equal' | 'refused' | 'noted' | 'different';
  /** Error classes are Spark's too. */
  strict: boolean;
  /** Spark answers at least one statement of the case. */
  answers: boolean;
  why: string;
}

async function work(order: WorkOrder): Promise<void> {
  const runner = await openRunner(order.sparkUrl);
  let number = 0;
  for (const file of order.files) {
    for (const testCase of readCases(file)) {
      number++;
      if (number % order.every !== 0 || Math.floor(number / order.every) % order.workers !== order.index) continue;
      if (order.only && !testCase.id.includes(order.only)) continue;
      const verdict = compareCase(testCase, await answerCase(runner, testCase, number));
      const report: CaseReport = {
        file,
        id: testCase.id,
        verdict: verdict.kind === 'different' && testCase.note ? 'noted' : verdict.kind,
        strict: verdict.kind === 'equal' && verdict.strict,
        answers: testCase.steps.some((step) => !step.error),
        why: verdict.kind === 'equal' ? '' : verdict.why,
      };
      process.send!(report);
    }
  }
  await runner.close();
}

process.once('message', (order: WorkOrder) => {
  work(order).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
