import { fork } from 'node:child_process';
import { basename, join } from 'node:path';
import { floors } from './floors.ts';
import type { CaseReport } from './worker.ts';

export interface RunOptions {
  workers: number;
  /** Runs every n-th case only. */
  every: number;
  /** Lists reasons of refusals by count. */
  showRefused: boolean;
  /** Runs cases whose id holds this text. */
  only?: string;
  /** A Spark Connect server that runs the queries; floors do not count then. */
  sparkUrl?: string;
}

/** Runs files in worker processes and prints the table. False where an answer differs or a floor is missed. */
export async function runFiles(files: string[], options: RunOptions): Promise<boolean> {
  const started = performance.now();
  const reports = (
    await Promise.all(Array.from({ length: options.workers }, (_, index) => runWorker(files, options, index)))
  ).flat();
  let ok = true;
  const line = (cells: (string | number)[]) =>
    console.log(
      cells.map((cell, index) => (index === 0 ? String(cell).padEnd(28) : String(cell).padStart(10))).join(''),
    );
  line(['file', 'cases', 'equal', 'answers', 'class', 'refused', 'noted', 'different']);
  const total = counts([]);
  for (const file of files) {
    const row = counts(reports.filter((report) => report.file === file));
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += row[name];
    const floor = options.every === 1 && !options.only && !options.sparkUrl ? (floors[basename(file)] ?? 0) : 0;
    if (row.answers < floor) {
      ok = false;
      console.log(`${basename(file)}: ${row.answers} equal answers are fewer than its floor of ${floor}`);
    }
    line([basename(file), row.cases, row.equal, row.answers, row.strict, row.refused, row.noted, row.different]);
  }
  line(['total', total.cases, total.equal, total.answers, total.strict, total.refused, total.noted, total.different]);
  console.log(
    'equal: answers and errors alike; answers: of these, cases in which Spark answers a statement; class: equal with the same error class',
  );
  if (options.showRefused) printRefusals(reports);
  const different = reports.filter((report) => report.verdict === 'different');
  for (const report of different) console.log(`different ${report.id}: ${report.why}`);
  const equalPercent = total.cases ? ((100 * total.equal) / total.cases).toFixed(1) : '0';
  console.log(
    `${equalPercent} % equal, ${total.different} different, ${Math.round((performance.now() - started) / 1000)} s`,
  );
  return ok && different.length === 0;
}

function counts(reports: readonly CaseReport[]) {
  const count = (test: (report: CaseReport) => boolean) => reports.filter(test).length;
  return {
    cases: reports.length,
    equal: count((report) => report.verdict === 'equal'),
    answers: count((report) => report.verdict === 'equal' && report.answers),
    strict: count((report) => report.verdict === 'equal' && report.strict),
    refused: count((report) => report.verdict === 'refused'),
    noted: count((report) => report.verdict === 'noted'),
    different: count((report) => report.verdict === 'different'),
  };
}

function printRefusals(reports: readonly CaseReport[]): void {
  const reasons = new Map<string, number>();
  for (const report of reports) {
    if (report.verdict === 'refused') reasons.set(report.why, (reasons.get(report.why) ?? 0) + 1);
  }
  for (const [why, count] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 120))
    console.log(`${String(count).padStart(6)}  ${why}`);
}

/** Each worker opens its own engine and takes every n-th case. */
function runWorker(files: string[], options: RunOptions, index: number): Promise<CaseReport[]> {
  return new Promise((resolve, reject) => {
    const reports: CaseReport[] = [];
    const worker = fork(join(import.meta.dirname, 'worker.ts'), {
      execPath: process.execPath,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.on('message', (message: CaseReport) => reports.push(message));
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0
        ? resolve(reports)
        : reject(new Error(`A worker ended with ${code} after ${reports.length} cases (last ${reports.at(-1)?.id}).`)),
    );
    worker.send({
      files,
      workers: options.workers,
      index,
      every: options.every,
      only: options.only,
      sparkUrl: options.sparkUrl,
    });
  });
}
