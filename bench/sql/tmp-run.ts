import { openRawDuckDb } from '../raw-duckdb.ts';
import { openSqlRoom } from './room.ts';
import { tpchQueries } from './tpch-queries.ts';

const source = '/work/main/node_modules/.cache/boathouse/tpch/sf1'.length ? '/tmp/tpch/sf0.1' : '';
const room = await openSqlRoom([source]);
const raw = await openRawDuckDb();
const t0 = performance.now();
for (const t of ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier']) {
  const f = await room.load(t, source + '/' + t + '.parquet');
  await raw.run(`CREATE VIEW ${t} AS SELECT * FROM read_parquet('${f}/*.parquet')`);
}
console.log('loaded', performance.now() - t0);
const only = process.argv.slice(2).map(Number);
for (const [i, q] of tpchQueries.entries()) {
  if (only.length && !only.includes(i + 1)) continue;
  const cpu = () => {
    const u = process.cpuUsage();
    return (u.user + u.system) / 1000;
  };
  const a = cpu();
  const p = await room.plan(q);
  const b = cpu();
  if (process.env.SHOW)
    console.log(
      (p as any).body.query.engineText.map((x: any) => (typeof x === 'string' ? x : `<${x.table}>`)).join(''),
    );
  if (!process.env.NORUN) {
    const r = await Promise.race([
      room.run(q).catch((e) => String(e)),
      new Promise((r) => setTimeout(r, 15000, 'LATE')),
    ]);
    const c = cpu();
    await raw.run(q);
    const d = cpu();
    console.log(
      i + 1,
      'plan',
      (b - a).toFixed(1),
      'ours',
      (c - b).toFixed(0),
      'raw',
      (d - c).toFixed(0),
      typeof r === 'string' ? r : r.length,
    );
    if (r === 'LATE') process.kill(process.pid, 'SIGKILL');
  }
}
process.kill(process.pid, 'SIGKILL');
