import { openSqlRoom } from './room.ts';
import { tpchQueries } from './tpch-queries.ts';

const room = await openSqlRoom(['/tmp/tpch/sf0.1']);
for (const t of ['lineitem']) await room.load(t, '/tmp/tpch/sf0.1/' + t + '.parquet');
const p: any = await room.plan(tpchQueries[0]!);
const text = p.body.query.engineText
  .map((x: any) => (typeof x === 'string' ? x : `(SELECT * FROM read_parquet('/tmp/tpch/sf0.1/lineitem.parquet'))`))
  .join('');
const t = performance.now();
const r = await room.engine.rows('EXPLAIN ' + text);
console.log(
  r
    .map((x: any) => x.explain_value)
    .join('\n')
    .slice(0, 9000),
);
console.log(text.length);
process.kill(process.pid, 'SIGKILL');
