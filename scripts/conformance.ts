/**
 * `npm run conformance -- spark-sql [FILES]`: runs the cases of the corpus and compares with Spark's answers. Ends with 1
 * where an answer is silently different or a file has fewer equal answers than its floor.
 * `--engine spark`: queries run on a Spark that this starts, by the text that is written for it; tables are made here as ever.
 * `npm run conformance -- delta [DIR]`: reads the tables of a folder with a `cases.json` and compares their rows, and the
 * changes of cases named `…#changes`, with the expected ones. Ends with 1 where a case does not pass.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runTables } from './conformance/delta.ts';
import { runFiles } from './conformance/report.ts';
import { startSparkServer } from './conformance/spark-engine.ts';

const root = resolve(import.meta.dirname, '..');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: 'boolean', short: 'v', default: false },
    refused: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    engine: { type: 'string', default: 'embedded' },
  },
});

const [suite, ...named] = positionals;
if (suite === 'delta') {
  const folder = resolve(named[0] ?? join(root, '../shared/conformance/delta'));
  process.exit((await runTables(folder, { only: values.only })) ? 0 : 1);
}
if (suite !== 'spark-sql') {
  console.error(
    'Usage: npm run conformance -- spark-sql [FILES] [--refused] [--only TEXT] [--every N] [--workers N] [--engine spark]',
  );
  console.error('       npm run conformance -- delta [DIR] [--only TEXT]');
  process.exit(2);
}
const corpus = join(root, '../shared/conformance/spark-sql');
if (named.length === 0 && !existsSync(corpus)) {
  console.error(`No corpus at ${corpus}. Name the files to run.`);
  process.exit(2);
}
const files = named.length
  ? named.map((file) =>
      existsSync(file) ? resolve(file) : join(corpus, file.endsWith('.jsonl') ? file : `${file}.jsonl`),
    )
  : readdirSync(corpus)
      .filter((file) => file.endsWith('.jsonl'))
      .sort()
      .map((file) => join(corpus, file));
const missing = files.find((file) => !existsSync(file));
if (missing) {
  console.error(`There is no file ${basename(missing)}.`);
  process.exit(2);
}
const spark = values.engine === 'spark' ? await startSparkServer(root) : undefined;
const ok = await runFiles(files, {
  ...(spark ? { sparkUrl: spark.url } : {}),
  workers: Number(values.workers),
  every: Number(values.every),
  showRefused: values.refused,
  ...(values.only ? { only: values.only } : {}),
}).finally(() => spark?.stop());
process.exit(ok ? 0 : 1);
