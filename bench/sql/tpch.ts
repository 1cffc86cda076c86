import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { openPeer, SPARK_SESSION } from '../peer.ts';
import { openRawDuckDb } from '../raw-duckdb.ts';
import { type Figure, median, ms } from '../support.ts';
import { openSqlRoom } from './room.ts';
import { tpchQueries } from './tpch-queries.ts';

const CACHE = 'node_modules/.cache/boathouse/tpch';
const TABLES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier'];
const ROUNDS = 5;

/** The generator's Parquet files of a scale factor, made once (Python package `tpchgen-cli`). Throws where Python is missing. */
function generated(scale: number): string {
  const folder = resolve(CACHE, `sf${scale}`);
  if (TABLES.every((table) => existsSync(join(folder, `${table}.parquet`)))) return folder;
  const tool = join(CACHE, 'venv', 'bin', 'tpchgen-cli');
  const run = (command: string, args: string[]) => {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  };
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(tool)) {
    run('python3', ['-m', 'venv', join(CACHE, 'venv')]);
    run(join(CACHE, 'venv', 'bin', 'pip'), ['install', '-q', 'tpchgen-cli']);
  }
  run(tool, ['parquet', '-s', String(scale), '--output-dir', folder]);
  return folder;
}

/** Spark over the same Delta tables; its rows go to a file as text. */
const SPARK = `${SPARK_SESSION}
def run(job):
    if 'table' in job:
        return lambda: spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW {job['table']} AS SELECT * FROM delta.\`{job['folder']}\`")
    def work():
        rows = spark.sql(job['query']).collect()
        with open(job['out'], 'w') as out:
            json.dump([[None if value is None else str(value) for value in row] for row in rows], out)
    return work
`;

/** Numbers compare by value: decimals and doubles are written differently by each engine. */
const same = (a: unknown, b: unknown): boolean => {
  if (a === null || b === null) return a === b;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return String(a) === String(b);
  return Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x), Math.abs(y));
};
const alike = (a: unknown[][], b: unknown[][]): boolean =>
  a.length === b.length && a.every((row, i) => row.every((value, j) => same(value, b[i]?.[j])));

const geometricMean = (values: number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * TPC-H on Delta tables, front end included, beside DuckDB over the same Parquet files, in turn; medians of five. Where Spark is
 * installed (BOATHOUSE_SPARK, or the tools' own place) also beside `local[2]` over the same tables, with equal answers.
 */
export async function benchTpch(scale = 1): Promise<Figure[]> {
  const source = generated(scale);
  const room = await openSqlRoom([source]);
  const raw = await openRawDuckDb();
  const python = join(process.env.BOATHOUSE_SPARK ?? join(homedir(), '.cache/boathouse/spark'), 'python/bin/python');
  const spark = existsSync(python) ? await openPeer(python, SPARK) : null;
  const figures: Figure[] = [];
  const [toRaw, toSpark]: [number[], number[]] = [[], []];
  let answers = 0;
  try {
    for (const table of TABLES) {
      const folder = await room.load(table, join(source, `${table}.parquet`));
      await raw.run(`CREATE VIEW ${table} AS SELECT * FROM read_parquet('${folder}/*.parquet')`);
      await spark?.run({ table, folder });
    }
    for (const [index, text] of tpchQueries.entries()) {
      const rows = await room.run(text);
      await raw.run(text);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await elapsed(() => room.run(text)));
        theirs.push(await elapsed(() => raw.run(text)));
      }
      const [mine, base] = [median(ours), median(theirs)];
      toRaw.push(mine / base);
      let told = '';
      if (spark) {
        const out = join(room.folder, 'spark.json');
        await spark.run({ query: text, out });
        const equal = alike(rows, JSON.parse(readFileSync(out, 'utf8')));
        answers += equal ? 1 : 0;
        const seconds = await spark.run({ query: text, out });
        toSpark.push((seconds * 1000) / mine);
        told = `, Spark ${ms(seconds * 1000)}${equal ? '' : ', ANOTHER ANSWER'}`;
      }
      figures.push({
        benchmark: 'sql',
        what: `TPC-H SF${scale} query ${index + 1}`,
        ours: ms(mine),
        baseline: `DuckDB ${ms(base)}: ${(mine / base).toFixed(2)}×${told}`,
        goal: '',
        met: null,
        values: { oursMs: mine, duckDbMs: base },
      });
    }
  } finally {
    spark?.close();
    raw.close();
    await room.close();
  }
  const mean = geometricMean(toRaw);
  figures.push({
    benchmark: 'sql',
    what: `TPC-H SF${scale}, geometric mean of 22`,
    ours: `${mean.toFixed(2)}× of DuckDB`,
    baseline: 'DuckDB on the same Parquet files',
    goal: '≤ 1.05×',
    met: mean <= 1.05,
    values: { ratio: mean },
  });
  if (spark) {
    const faster = geometricMean(toSpark);
    figures.push({
      benchmark: 'sql',
      what: `TPC-H SF${scale}, beside Spark local[2]`,
      ours: `${faster.toFixed(1)}× faster, ${answers} of 22 answers equal`,
      baseline: 'Spark 4.2 with Delta 4.4, second run',
      goal: '≥ 10×, 22',
      met: faster >= 10 && answers === 22,
      values: { ratio: faster, equal: answers },
    });
  }
  return figures;
}
