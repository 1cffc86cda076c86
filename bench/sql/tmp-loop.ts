import { openSqlRoom } from './room.ts';
import { tpchQueries } from './tpch-queries.ts';
import { openRawDuckDb } from '../raw-duckdb.ts';
const room = await openSqlRoom(['/tmp/tpch/sf0.1']);
const raw = await openRawDuckDb();
for (const t of ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier']) { const f= await room.load(t, '/tmp/tpch/sf0.1/'+t+'.parquet'); await raw.run(`CREATE VIEW ${t} AS SELECT * FROM read_parquet('${f}/*.parquet')`);}
const cpu=()=>{const u=process.cpuUsage();return (u.user+u.system)/1000};
const med=(v:number[])=>v.sort((a,b)=>a-b)[v.length>>1]!;
for (const n of (process.argv[2]??'6').split(',').map(Number)) {
  const q=tpchQueries[n-1]!; const a:number[]=[],b:number[]=[],p:number[]=[],e:number[]=[];
  for(let i=0;i<15;i++){ let s=cpu(); await room.run(q); a.push(cpu()-s); s=cpu(); await raw.run(q); b.push(cpu()-s); s=cpu(); const pl:any=await room.plan(q); p.push(cpu()-s);
  }
  console.log(n,'ours',med(a).toFixed(1),'raw',med(b).toFixed(1),'plan',med(p).toFixed(1), (med(a)/med(b)).toFixed(2));
}
process.kill(process.pid,'SIGKILL');
