import type { Figure } from '../support.ts';
import { openBenchRoom } from './room.ts';

const columns = [
  { name: 'id', type: 'bigint', nullable: true },
  { name: 'v', type: 'bigint', nullable: true },
  { name: 'w', type: 'string', nullable: true },
];
const all = columns.map(({ name }) => ({ column: name, value: `source."${name}"` }));

/** A merge of 10 M rows into 100 M within 2 GB: it spills, and nothing of its rows is in JavaScript. */
export async function benchLargeMerge(rows = 100_000_000, sourceRows = 10_000_000): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [form, properties] of [
    ['copy-on-write', {}],
    ['deletion vectors', { 'delta.enableDeletionVectors': 'true' }],
  ] as const) {
    const room = await openBenchRoom('2GB');
    try {
      await room.delta.create('large', { columns, properties });
      const adds = await room.delta.writeFiles(
        { location: 'large', columns, partitionColumns: [] },
        `SELECT range AS id, range * 7 % 1000003 AS v, 'w' || range % 1000 AS w FROM range(${rows})`,
      );
      await room.delta.commit('large', { operation: 'WRITE', mode: 'append', adds });
      const start = performance.now();
      const { metrics } = await room.delta.merge('large', {
        source: `(SELECT range * 9 + 1 AS id, -1 AS v, 'x' || range AS w FROM range(${sourceRows}))`,
        on: 'target."id" = source."id"',
        matched: [{ condition: 'source."id" % 2 = 0', action: { kind: 'update', set: all } }],
        notMatched: [{ condition: null, values: all }],
        notMatchedBySource: [],
      });
      const seconds = (performance.now() - start) / 1000;
      const peakBytes = process.resourceUsage().maxRSS * 1024;
      figures.push({
        benchmark: 'delta',
        what: `merge ${sourceRows / 1e6} M rows into ${rows / 1e6} M in 2 GB, ${form}`,
        ours: `${seconds.toFixed(0)} s, ${(peakBytes / 1e9).toFixed(1)} GB`,
        baseline: '',
        goal: 'done, ≤ 2.5 GB',
        met: peakBytes <= 2.5e9 && (metrics.numTargetRowsUpdated ?? 0) > 0,
        values: { seconds, peakBytes, heapBytes: process.memoryUsage().heapUsed },
      });
    } finally {
      await room.close();
    }
  }
  return figures;
}

if (process.argv[1]?.endsWith('bench/delta/large-merge.ts'))
  for (const { what, ours, met } of await benchLargeMerge()) process.stdout.write(`${what}: ${ours} (${met})\n`);
