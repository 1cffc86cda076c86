import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDelta } from '@boathouse/delta';
import { createLocalStore } from '@boathouse/storage';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Figure } from '../support.ts';

const COLUMNS = [{ name: 'id', type: 'bigint', nullable: true }];

/** Writers at once on one table, each with an engine connection and a view of the log of its own; commits a second. */
async function ours(writers: number, commits: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-bench-'));
  const instance = await DuckDBInstance.create(':memory:');
  const open = async () => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
    return { connection, delta: createDelta({ store: createLocalStore(folder), engine: { rows } }) };
  };
  const all = await Promise.all(Array.from({ length: writers }, open));
  await all[0]!.delta.create('t', { columns: COLUMNS });
  const each = Math.ceil(commits / writers);
  const started = performance.now();
  await Promise.all(
    all.map(async ({ delta }, writer) => {
      for (let n = 0; n < each; n++)
        await delta.insert('t', { mode: 'append', rows: `SELECT ${writer * each + n}::BIGINT AS id` });
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const { delta, connection } of all) {
    await delta.idle();
    connection.closeSync();
  }
  instance.closeSync();
  rmSync(folder, { recursive: true, force: true });
  return (each * writers) / seconds;
}

const SCRIPT = `
import sys, time, tempfile, shutil, threading
import pyarrow as pa
from deltalake import write_deltalake
writers, commits = int(sys.argv[1]), int(sys.argv[2])
folder = tempfile.mkdtemp()
write_deltalake(folder, pa.table({'id': pa.array([], pa.int64())}))
each = -(-commits // writers)
def work(w):
    for n in range(each):
        while True:
            try:
                write_deltalake(folder, pa.table({'id': pa.array([w * each + n], pa.int64())}), mode='append'); break
            except Exception: pass
began = time.time()
threads = [threading.Thread(target=work, args=(w,)) for w in range(writers)]
[t.start() for t in threads]; [t.join() for t in threads]
print(each * writers / (time.time() - began))
shutil.rmtree(folder)
`;

function theirs(python: string | undefined, writers: number, commits: number): number | null {
  if (!python) return null;
  const done = spawnSync(python, ['-c', SCRIPT, String(writers), String(commits)], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  return done.status === 0 ? Number(done.stdout.trim()) : null;
}

/** Small appends: commits of one row a second with 1, 8 and 50 writers on one table, beside the Python package `deltalake`. */
export async function benchAppends(commits = 200, python = process.env.DELTALAKE_PYTHON): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const writers of [1, 8, 50]) {
    const [mine, peer] = [await ours(writers, commits), theirs(python, writers, commits)];
    figures.push({
      benchmark: 'delta',
      what: `small appends, ${writers} writer${writers === 1 ? '' : 's'}`,
      ours: `${mine.toFixed(0)} commits/s`,
      baseline: peer === null ? 'deltalake: not installed' : `deltalake ${peer.toFixed(0)} commits/s`,
      goal: 'faster than deltalake',
      met: peer === null ? null : mine > peer,
      values: { ours: mine, ...(peer === null ? {} : { deltalake: peer }) },
    });
  }
  return figures;
}
