import { join } from 'node:path';
import { type Figure, median } from '../support.ts';
import { openBenchRoom } from './room.ts';

/** Rows into a new table, statistics and commit included, beside the engine's own COPY of the same query; in turn, medians. */
export async function benchWrite(rows = 60_000_000, rounds = 3): Promise<Figure[]> {
  const room = await openBenchRoom();
  const query = `SELECT i::BIGINT AS id, (i * 7919 % 1000003)::INTEGER AS k, (i % 97)::DOUBLE AS v, 'n' || (i % 1000) AS name FROM range(${rows}) AS r(i)`;
  const [ours, raw]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await room.delta.createAs(`t${round}`, {
        mode: 'create',
        columns: [
          { name: 'id', type: 'bigint', nullable: true },
          { name: 'k', type: 'int', nullable: true },
          { name: 'v', type: 'double', nullable: true },
          { name: 'name', type: 'string', nullable: true },
        ],
        rows: query,
      });
      const middle = performance.now();
      await room.rows(
        `COPY (${query}) TO '${join(room.folder, `raw${round}`)}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '256MB')`,
      );
      ours.push(middle - started);
      raw.push(performance.now() - middle);
    }
  } finally {
    await room.close();
  }
  const [mine, theirs] = [median(ours), median(raw)];
  return [
    {
      benchmark: 'delta',
      what: `write ${rows / 1e6} M narrow rows`,
      ours: `${(rows / mine / 1000).toFixed(2)} M rows/s`,
      baseline: `DuckDB COPY ${(rows / theirs / 1000).toFixed(2)} M rows/s: ${(theirs / mine).toFixed(2)}×`,
      goal: '≥ 0.85×',
      met: theirs / mine >= 0.85,
      values: { oursMs: mine, copyMs: theirs },
    },
  ];
}
