import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDelta } from '@boathouse/delta';
import { createLocalStore } from '@boathouse/storage';
import { type Figure, median, ms } from '../support.ts';
import { openBenchRoom } from './room.ts';

/**
 * The log of a table with a million files in a checkpoint as Spark writes it: opening it, refreshing it by one commit, planning
 * a query that reads ten files, and writing the next checkpoint; beside it the Python package `deltalake` on the same folder,
 * in turn. Medians.
 */
const ROUNDS = 5;
const PLANS = 5;
/** The engine spills above this; Node's own memory comes on top of it. */
const CHECKPOINT_MEMORY = '600MB';

const map = 'MAP(VARCHAR, VARCHAR)';
const schema = JSON.stringify({
  type: 'struct',
  fields: [
    ['p', 'integer'],
    ['id', 'long'],
    ['name', 'string'],
    ['ts', 'timestamp'],
    ['v', 'double'],
  ].map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
});
const checkpointOf = (files: number): string => `
  SELECT CASE WHEN i = -1 THEN {minReaderVersion: 1::INT, minWriterVersion: 2::INT} END AS protocol,
    CASE WHEN i = -2 THEN {id: 'bench', format: {provider: 'parquet', "options": MAP {}::${map}}, schemaString: '${schema}',
      partitionColumns: ['p'], "configuration": MAP {}::${map}, createdTime: 1700000000000} END AS metaData,
    NULL::STRUCT(appId VARCHAR, "version" BIGINT, lastUpdated BIGINT) AS txn,
    NULL::STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN) AS remove,
    CASE WHEN i >= 0 THEN {path: 'p=' || (i % 1000) || '/part-' || lpad(i::VARCHAR, 7, '0') || '-' || uuid() || '.c000.snappy.parquet',
      partitionValues: MAP {'p': (i % 1000)::VARCHAR}, size: 1000000 + i, modificationTime: 1700000000000 + i, dataChange: false,
      tags: NULL::${map},
      stats: '{"numRecords":1000,"minValues":{"id":' || (i * 1000) || ',"name":"' || md5(i::VARCHAR) || '","ts":"2024-01-01T00:00:00.000Z","v":' || (i % 77) || '.5},"maxValues":{"id":' || (i * 1000 + 999) || ',"name":"' || md5((i + 1)::VARCHAR) || '","ts":"2024-01-02T00:00:00.000Z","v":' || (i % 77 + 10) || '.5},"nullCount":{"id":0,"name":0,"ts":0,"v":3}}',
      stats_parsed: {numRecords: 1000::BIGINT,
        minValues: {id: i * 1000, "name": md5(i::VARCHAR), ts: TIMESTAMPTZ '2024-01-01', v: (i % 77 + 0.5)::DOUBLE},
        maxValues: {id: i * 1000 + 999, "name": md5((i + 1)::VARCHAR), ts: TIMESTAMPTZ '2024-01-02', v: (i % 77 + 10.5)::DOUBLE},
        nullCount: {id: 0::BIGINT, "name": 0::BIGINT, ts: 0::BIGINT, v: 3::BIGINT}}} END AS "add"
  FROM range(-2, ${files}) r(i)`;

const peerScript = `
import json, resource, sys, time
from deltalake import DeltaTable
folder, extra, mode = sys.argv[1:4]
start = time.monotonic()
table = DeltaTable(folder)
opened = time.monotonic() - start
open(folder + '/_delta_log/' + str(table.version() + 1).zfill(20) + '.json', 'w').write(extra)
start = time.monotonic()
table.update_incremental()
refreshed = time.monotonic() - start
start = time.monotonic()
if mode == 'checkpoint': table.create_checkpoint()
written = time.monotonic() - start
print(json.dumps([opened * 1000, refreshed * 1000, written * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
`;

const commitLine = (version: number): string =>
  `${JSON.stringify({ add: { path: `p=1/new-${version}.parquet`, partitionValues: { p: '1' }, size: 5, modificationTime: 1, dataChange: true, stats: '{"numRecords":1}' } })}\n`;
const commitPath = (table: string, version: number): string =>
  join(table, '_delta_log', `${String(version).padStart(20, '0')}.json`);

/** Milliseconds of opening, of a refresh by one commit, of a checkpoint; bytes of memory at most. */
function theirs(python: string, table: string, mode: 'open' | 'checkpoint'): number[] {
  const { stdout, stderr, status } = spawnSync(python, ['-c', peerScript, table, commitLine(0), mode], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`deltalake failed: ${stderr}`);
  return JSON.parse(stdout);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** `python`: an interpreter with `deltalake`; without it only our side is measured. */
export async function benchLog(files = 1_000_000, python = process.env.DELTALAKE_PYTHON): Promise<Figure[]> {
  const room = await openBenchRoom('2GB');
  const own: Record<'open' | 'totals' | 'refresh' | 'first' | 'other' | 'plan', number[]> = {
    open: [],
    totals: [],
    refresh: [],
    first: [],
    other: [],
    plan: [],
  };
  const peer: Record<'open' | 'refresh', number[]> = { open: [], refresh: [] };
  try {
    const log = join(room.folder, 'million/_delta_log');
    mkdirSync(log, { recursive: true });
    await room.rows(
      `COPY (${checkpointOf(files)}) TO '${log}/${'0'.repeat(18)}10.checkpoint.parquet' (FORMAT parquet, COMPRESSION snappy)`,
    );
    writeFileSync(join(log, '_last_checkpoint'), JSON.stringify({ version: 10, size: files + 2 }));
    const table = dirname(log);
    let version = 10;
    for (let round = 0; round < ROUNDS; round++) {
      const delta = createDelta({ store: createLocalStore(room.folder), engine: { rows: room.rows } });
      let snapshot = await delta.snapshot('missing').catch(() => null);
      own.open.push(await timed(async () => (snapshot = await delta.snapshot('million'))));
      own.totals.push(own.open.at(-1)! + (await timed(async () => snapshot?.totals())));
      const middle = Math.floor(files / 2) * 1000;
      const ten = async (offset = 0) => {
        const { files: left } = await delta.prune(snapshot!, [
          { column: 'id', op: '>=', values: [String(middle + offset)] },
          { column: 'id', op: '<', values: [String(middle + offset + 10_000)] },
        ]);
        const found = left.filter(({ path }) => !path.includes('new-')).length;
        if (found !== 10) throw new Error(`${found} files were left`);
      };
      own.first.push(await timed(() => ten()));
      await ten();
      for (let plan = 0; plan < PLANS; plan++) {
        own.other.push(await timed(() => ten((plan + 1) * 10_000)));
        own.plan.push(await timed(() => ten(plan * 10_000)));
      }
      version++;
      writeFileSync(commitPath(table, version), commitLine(version));
      own.refresh.push(await timed(() => delta.snapshot('million')));
      if (!python) continue;
      const [opened, refreshed] = theirs(python, table, 'open');
      version++;
      peer.open.push(opened!);
      peer.refresh.push(refreshed!);
    }
    const copy = join(room.folder, 'copy');
    cpSync(table, copy, { recursive: true });
    const mine = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, 'checkpoint', table], {
      encoding: 'utf8',
    });
    if (mine.status !== 0) throw new Error(`the checkpoint failed: ${mine.stderr}`);
    const [written, memory] = JSON.parse(mine.stdout) as number[];
    const other = python ? theirs(python, copy, 'checkpoint') : null;
    rmSync(copy, { recursive: true });
    return figures(files, own, peer, [written!, memory!], other && [other[2]!, other[3]!]);
  } finally {
    await room.close();
  }
}

function figures(
  files: number,
  own: Record<'open' | 'totals' | 'refresh' | 'first' | 'other' | 'plan', number[]>,
  peer: Record<'open' | 'refresh', number[]>,
  [written, memory]: [number, number],
  other: [number, number] | null,
): Figure[] {
  const beside = (values: number[]) => (values.length ? `${ms(median(values))} (deltalake)` : 'not run');
  const figure = (what: string, values: number[], baseline: string, goal: string, met: boolean): Figure => ({
    benchmark: 'delta',
    what: `${what}, ${files} files`,
    ours: ms(median(values)),
    baseline,
    goal,
    met,
    values: { ours: median(values) },
  });
  const faster = (values: number[], theirValues: number[]) =>
    !theirValues.length || median(values) < median(theirValues);
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return [
    figure(
      'open a snapshot',
      own.open,
      beside(peer.open),
      '≤ 300 ms, faster',
      median(own.open) <= 300 && faster(own.open, peer.open),
    ),
    figure(
      'open and sum files, bytes and rows',
      own.totals,
      beside(peer.open),
      'faster',
      faster(own.totals, peer.open),
    ),
    figure('refresh by one commit', own.refresh, beside(peer.refresh), '≤ 5 ms', median(own.refresh) <= 5),
    figure('plan a query of 10 files, the first one', own.first, '', '', true),
    figure('plan one of 10 other files', own.other, '', '≤ 50 ms', median(own.other) <= 50),
    figure('plan one of 10 files asked for before', own.plan, '', '≤ 50 ms', median(own.plan) <= 50),
    {
      benchmark: 'delta',
      what: `checkpoint, ${files} files`,
      ours: `${(written / 1000).toFixed(1)} s, ${mb(memory)}`,
      baseline: other ? `${(other[0] / 1000).toFixed(1)} s, ${mb(other[1])} (deltalake)` : 'not run',
      goal: '≤ 1 GB',
      met: memory <= 1e9,
      values: { ours: written, memory, ...(other ? { theirs: other[0], theirMemory: other[1] } : {}) },
    },
  ];
}

/** In a process of its own, so that its memory is the checkpoint's. */
async function checkpointOnce(table: string): Promise<void> {
  const room = await openBenchRoom(CHECKPOINT_MEMORY);
  const delta = createDelta({ store: createLocalStore(dirname(table)), engine: { rows: room.rows } });
  const written = await timed(() => delta.checkpoint('million'));
  await room.close();
  process.stdout.write(JSON.stringify([written, process.resourceUsage().maxRSS * 1024]));
}

if (process.argv[1]?.endsWith('bench/delta/log.ts')) {
  if (process.argv[2] === 'checkpoint') await checkpointOnce(process.argv[3] ?? '');
  else
    for (const { what, ours, baseline, goal, met } of await benchLog(Number(process.argv[2] ?? 1_000_000)))
      process.stdout.write(`${what.padEnd(60)} ${ours.padEnd(16)} ${baseline.padEnd(28)} ${goal.padEnd(18)} ${met}\n`);
}
