import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openRawDuckDb } from './raw-duckdb.ts';
import { type Client, type Figure, median, ms } from './support.ts';

/** Ten questions over three million flights; `FLIGHTS` is the table for us, the Delta table's own files for DuckDB. */
const queries = [
  'select count(*) from FLIGHTS',
  'select origin, count(*) as n from FLIGHTS group by origin order by n desc limit 10',
  'select avg(delay) as d, max(delay) as m, min(delay) as l from FLIGHTS',
  'select origin, destination, count(*) as n, avg(delay) as d from FLIGHTS group by origin, destination order by n desc, origin limit 20',
  'select count(*) from FLIGHTS where delay > 60',
  'select origin, avg(distance) as d from FLIGHTS where delay between 10 and 100 group by origin order by d desc limit 10',
  'select count(distinct origin) as o, count(distinct destination) as d from FLIGHTS',
  'select origin, sum(case when delay > 0 then 1 else 0 end) as late from FLIGHTS group by origin order by late desc, origin limit 5',
  'select a.origin, a.n, b.n as back from (select origin, count(*) as n from FLIGHTS group by origin) a join (select destination, count(*) as n from FLIGHTS group by destination) b on a.origin = b.destination order by a.n desc, a.origin limit 10',
  'select origin, n from (select origin, count(*) as n, rank() over (order by count(*) desc) as r from FLIGHTS group by origin) where r <= 15 order by n desc, origin',
];
const rounds = 5;

export async function benchFlights(client: Client, home: string): Promise<Figure[]> {
  const samples = await client.request<{ tables: { runId: string | null; name: string }[] }>(
    'POST',
    '/api/2.0/boathouse/samples',
  );
  for (const table of samples.tables) if (table.runId) await client.waitFor(table.runId);
  const page = await client.request<{ location: string }>(
    'GET',
    '/api/2.0/boathouse/catalog/tables/main.samples.flights',
  );
  const folder = join(home, 'storage', page.location);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.parquet') && !name.startsWith('_delta_log'),
  );
  const list = `read_parquet([${files.map((name) => `'${join(folder, name)}'`).join(', ')}])`;
  const duckdb = await openRawDuckDb();
  const figures: Figure[] = [];
  let worstRatio = 0;
  let worstAdded = 0;
  for (const [index, query] of queries.entries()) {
    const raw: number[] = [];
    const engine: number[] = [];
    const total: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const rawStart = performance.now();
      await duckdb.run(query.replaceAll('FLIGHTS', list));
      const rawMs = performance.now() - rawStart;
      const id = crypto.randomUUID();
      const start = performance.now();
      await client.request('POST', '/api/2.0/boathouse/runs', {
        id,
        text: query.replaceAll('FLIGHTS', 'main.samples.flights'),
        language: 'sql',
      });
      const run = await client.waitFor(id);
      if (run.state !== 'succeeded') throw new Error(`${query}: ${run.error?.message}`);
      if (round === 0) continue;
      raw.push(rawMs);
      engine.push(run.engineMs ?? Number.NaN);
      total.push(performance.now() - start);
    }
    const [r, e, t] = [median(raw), median(engine), median(total)];
    if (r > 50) worstRatio = Math.max(worstRatio, e / r);
    else worstAdded = Math.max(worstAdded, e - r);
    figures.push({
      benchmark: 'c',
      what: `flights ${index + 1}: engine (total ${ms(t)})`,
      ours: ms(e),
      baseline: `DuckDB ${ms(r)}`,
      goal: r > 50 ? '≤ 1.1×' : '+ 5 ms',
      met: r > 50 ? e <= 1.1 * r : e <= r + 5,
      values: { engineMs: e, rawMs: r, totalMs: t },
    });
  }
  duckdb.close();
  return figures;
}
