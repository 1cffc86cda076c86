import { spawnSync } from 'node:child_process';
import type { Column } from '@boathouse/contracts';
import { parseStatement, planStatement } from '@boathouse/sql';
import { admin, MemoryCatalog } from '../../scripts/conformance/memory-catalog.ts';
import { type Figure, median, ms, percentile } from '../support.ts';
import { addTable, session } from './room.ts';
import { tpchQueries } from './tpch-queries.ts';

const TABLES = 20;
const columns: Column[] = [
  ['id', 'bigint'],
  ['parent', 'bigint'],
  ['name', 'string'],
  ['amount', 'decimal(15,2)'],
  ['day', 'date'],
  ['at', 'timestamp'],
  ['kind', 'int'],
  ['score', 'double'],
].map(([name, type]) => ({ name: name!, type: type!, nullable: true }));

async function catalogOfTables(): Promise<MemoryCatalog> {
  const catalog = new MemoryCatalog();
  for (let number = 0; number < TABLES; number++) await addTable(catalog, `t${number}`, columns);
  return catalog;
}

const TYPICAL = `SELECT a.kind, date_trunc('month', a.at) AS month, count(*) AS orders, sum(a.amount * (1 - 0.05)) AS revenue,
  round(avg(b.score), 2) AS score
FROM t0 a JOIN t1 b ON a.id = b.parent
WHERE a.day >= date '2024-01-01' AND b.name LIKE 'north%' AND a.kind IN (1, 2, 3)
GROUP BY a.kind, date_trunc('month', a.at)
HAVING count(*) > 10
ORDER BY revenue DESC
LIMIT 100`;

/** A query over `tables` tables: one common table expression of 15 lines for each, joined at the end. */
export function longQuery(tables: number): string {
  const parts = Array.from({ length: tables }, (_, n) =>
    [
      `p${n} AS (`,
      '  SELECT',
      '    id,',
      '    upper(trim(name)) AS name,',
      "    CASE WHEN kind = 1 THEN 'one'",
      "      WHEN kind BETWEEN 2 AND 5 THEN 'few'",
      "      ELSE 'many' END AS size,",
      '    amount * 1.19 AS gross,',
      '    year(day) AS year,',
      '    coalesce(score, 0) + kind AS score,',
      '    row_number() OVER (PARTITION BY kind ORDER BY at DESC) AS rank',
      `  FROM t${n}`,
      "  WHERE day > date '2020-01-01'",
      "    AND name NOT LIKE '%test%'",
      ')',
    ].join('\n'),
  );
  const joins = Array.from({ length: tables - 1 }, (_, n) => `LEFT JOIN p${n + 1} ON p0.id = p${n + 1}.id`);
  return `WITH ${parts.join(',\n')}\nSELECT p0.name, p0.size, p0.gross, p0.year\nFROM p0\n${joins.join('\n')}\nWHERE p0.rank = 1\nORDER BY p0.gross`;
}

/** Milliseconds of each call, warm. */
async function timed(work: () => unknown, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < calls * 2; call++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.slice(calls);
}

/** What importing the front end adds to a process, in bytes of its resident set. */
function memoryAdded(): number {
  const resident = (script: string) => {
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--expose-gc',
        '--input-type=module',
        '-e',
        `${script}; gc(); process.stdout.write(String(process.memoryUsage().rss))`,
      ],
      { encoding: 'utf8' },
    );
    return Number(stdout);
  };
  const once = () => resident("await import('@boathouse/sql')") - resident("await import('@boathouse/contracts')");
  return median([once(), once(), once()]);
}

/** Parse, resolve, authorise and emit, warm, in this process. */
export async function benchFrontEnd(): Promise<Figure[]> {
  const catalog = await catalogOfTables();
  const plan = (text: string) =>
    planStatement({
      text,
      session,
      principal: admin,
      catalog,
      now: new Date(),
    });
  const long = longQuery(TABLES);
  const lines = long.split('\n').length;
  const figure = (what: string, times: number[], goalMs: number, unit = 1): Figure => ({
    benchmark: 'sql',
    what,
    ours: `p50 ${ms(median(times) / unit)}, p95 ${ms(percentile(times, 0.95) / unit)}`,
    baseline: '',
    goal: `≤ ${goalMs} ms`,
    met: median(times) / unit <= goalMs,
    values: { p50: median(times) / unit, p95: percentile(times, 0.95) / unit },
  });
  const typical = await timed(() => plan(TYPICAL), 200);
  const whole = await timed(() => plan(long), 60);
  const parsed = await timed(() => parseStatement(long), 60);
  const half = await timed(() => plan(longQuery(TABLES / 2)), 60);
  const growth = median(whole) / median(half);
  const bytes = memoryAdded();
  const tpchLines = tpchQueries.reduce((sum, text) => sum + text.split('\n').length, 0);
  const tpchParsed = await timed(() => tpchQueries.map((text) => parseStatement(text)), 40);
  return [
    figure('front end: a typical statement', typical, 2),
    figure(`front end: ${lines} lines over ${TABLES} tables`, whole, 10),
    figure('parsing alone, a line of that text', parsed, 0.1, lines),
    figure('parsing alone, a line of TPC-H', tpchParsed, 0.1, tpchLines),
    {
      benchmark: 'sql',
      what: 'front end: twice the text',
      ours: `${growth.toFixed(2)}× the time`,
      baseline: '',
      goal: '≤ 2.2×',
      met: growth <= 2.2,
      values: { growth },
    },
    {
      benchmark: 'sql',
      what: 'memory that packages/sql adds to a process',
      ours: `${(bytes / 1e6).toFixed(0)} MB`,
      baseline: '',
      goal: '≤ 30 MB',
      met: bytes <= 30e6,
      values: { bytes },
    },
  ];
}
