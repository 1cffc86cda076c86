/**
 * `npm run conformance -- spark-sql [FILES]`: runs the cases of the corpus and compares with Spark's answers. Ends with 1
 * where an answer is silently different or a file has fewer equal answers than its floor.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles } from './conformance/report.ts';

const root = resolve(import.meta.dirname, '..');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: 'boolean', short: 'v', default: false },
    refused: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});

const [suite, ...named] = positionals;
if (suite !== 'spark-sql') {
  console.error('Usage: npm run conformance -- spark-sql [FILES] [--refused] [--only TEXT] [--every N] [--workers N]');
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
const ok = await runFiles(files, {
  workers: Number(values.workers),
  every: Number(values.every),
  showRefused: values.refused,
  ...(values.only ? { only: values.only } : {}),
});
process.exit(ok ? 0 : 1);
