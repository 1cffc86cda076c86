import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, median } from '../support.ts';
import { openBenchRoom } from './room.ts';

/**
 * OPTIMIZE of a table of many small files, and beside it `optimize.compact` of the Python package `deltalake` on a copy of the
 * same folder, in turn. Seconds, medians.
 */
const ROUNDS = 3;
const ROWS_IN_FILE = 1000;
const TARGET_BYTES = 256 * 2 ** 20;

const peerScript = `
import sys, time
from deltalake import DeltaTable
start = time.monotonic()
table = DeltaTable(sys.argv[1])
metrics = table.optimize.compact(target_size=${TARGET_BYTES})
print(time.monotonic() - start, metrics['numFilesAdded'], metrics['numFilesRemoved'])
`;

/** Seconds of the peer's own work: its start and imports are not counted. */
function compactTheirs(python: string, table: string): number {
  const { stdout, stderr, status } = spawnSync(python, ['-c', peerScript, table], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`deltalake failed: ${stderr}`);
  return Number(stdout.split(' ')[0]);
}

/** `python`: an interpreter with `deltalake`; without it only our side is measured. */
export async function benchOptimize(files = 2000, python = process.env.DELTALAKE_PYTHON): Promise<Figure[]> {
  const room = await openBenchRoom();
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    const made = join(room.folder, 'made');
    mkdirSync(room.folder, { recursive: true });
    await room.rows(`COPY (
      SELECT range AS id, (range * 3) % 1000 AS k, ((range * 7919) % 1000003) / 100.0 AS amount,
        'customer ' || (range * 31) % 100000 AS name, 'note ' || hash(range) % 1000000 AS note, range // ${ROWS_IN_FILE} AS part
      FROM range(${files * ROWS_IN_FILE})
    ) TO '${made}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part))`);
    const original = join(room.folder, 'original');
    mkdirSync(original);
    for (const part of readdirSync(made))
      for (const [index, name] of readdirSync(join(made, part)).entries())
        renameSync(join(made, part, name), join(original, `${part.replace('=', '-')}-${index}.parquet`));
    rmSync(made, { recursive: true });
    await room.delta.convert('original');
    for (let round = 0; round < ROUNDS; round++) {
      const table = `ours-${round}`;
      cpSync(original, join(room.folder, table), { recursive: true });
      const start = performance.now();
      const { metrics } = await room.delta.optimize(table);
      ours.push((performance.now() - start) / 1000);
      if (metrics.numFilesRemoved < files) throw new Error(`only ${metrics.numFilesRemoved} files were compacted`);
      rmSync(join(room.folder, table), { recursive: true });
      if (!python) continue;
      cpSync(original, join(room.folder, 'theirs'), { recursive: true });
      theirs.push(compactTheirs(python, join(room.folder, 'theirs')));
      rmSync(join(room.folder, 'theirs'), { recursive: true });
    }
  } finally {
    await room.close();
  }
  return [
    {
      benchmark: 'delta',
      what: `optimize ${files} small files`,
      ours: `${median(ours).toFixed(2)} s`,
      baseline: theirs.length ? `${median(theirs).toFixed(2)} s (deltalake)` : 'not run',
      goal: 'faster',
      met: theirs.length ? median(ours) < median(theirs) : null,
      values: { ours: median(ours), ...(theirs.length ? { theirs: median(theirs) } : {}) },
    },
  ];
}

if (process.argv[1]?.endsWith('bench/delta/optimize.ts')) {
  for (const { what, ours, baseline, goal, met } of await benchOptimize(Number(process.argv[2] ?? 2000)))
    process.stdout.write(`${what.padEnd(48)} ${ours.padEnd(10)} ${baseline.padEnd(22)} ${goal.padEnd(8)} ${met}\n`);
}
