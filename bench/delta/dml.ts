import { join } from 'node:path';
import { openPeer, SPARK_SESSION } from '../peer.ts';
import { type Figure, median } from '../support.ts';
import { type BenchRoom, openBenchRoom } from './room.ts';

/**
 * Changes spread over a table: a merge of 1 % of its rows (half of them new), and a delete of 0.1 %, beside the Python package
 * `deltalake` and Spark on tables of the same rows, one after the other. Seconds, medians.
 */
const MERGED_PART = 100;
const DELETED_PART = 1000;
const ROUNDS = 3;

const columns = [
  ['id', 'bigint'],
  ['k', 'int'],
  ['amount', 'double'],
  ['day', 'date'],
  ['name', 'string'],
  ['note', 'string'],
].map(([name, type]) => ({ name: name!, type: type!, nullable: true }));

const rowsFrom = (start: number, end: number, salt: number) =>
  `SELECT range AS id, CAST((range * ${salt}) % 1000 AS INTEGER) AS k, ((range * 7919) % 1000003) / 100.0 AS amount,
    DATE '2020-01-01' + CAST(range % 2000 AS INTEGER) AS day, 'customer ' || (range * 31) % 100000 AS name,
    'note ' || hash(range) % 1000000 AS note FROM range(${start}, ${end})`;

export async function makeTable(room: BenchRoom, location: string, rows: number, properties: Record<string, string>) {
  const files = 4;
  await room.delta.create(location, { columns, properties });
  for (let part = 0; part < files; part++) {
    const [start, end] = [part, part + 1].map((index) => Math.floor((rows * index) / files));
    const adds = await room.delta.writeFiles({ location, columns, partitionColumns: [] }, rowsFrom(start!, end!, 3));
    await room.delta.commit(location, { operation: 'WRITE', mode: 'append', adds });
  }
}

/** Every other changed row is there, spread over the whole table; the others are new. */
export const sourceOf = (rows: number, round: number) => {
  const changed = rows / MERGED_PART / 2;
  const step = MERGED_PART * 2;
  const known = `SELECT range * ${step} + ${round} AS id FROM range(${changed})`;
  const fresh = `SELECT ${rows * (round + 1)} + range AS id FROM range(${changed})`;
  return `SELECT id, CAST(${round} AS INTEGER) AS k, 1.5 AS amount, DATE '2030-01-01' AS day, 'merged' AS name, 'round ${round}' AS note
    FROM (${known} UNION ALL ${fresh})`;
};

const all = columns.map(({ name }) => ({ column: name, value: `source."${name}"` }));
export const mergeOurs = (room: BenchRoom, location: string, source: string) =>
  room.delta.merge(location, {
    source: `(${source})`,
    on: 'target."id" = source."id"',
    matched: [{ condition: null, action: { kind: 'update', set: all } }],
    notMatched: [{ condition: null, values: all }],
    notMatchedBySource: [],
  });

const DELTALAKE = `
import pyarrow.parquet as pq
from deltalake import DeltaTable
def run(job):
    source = pq.read_table(job['source']) if 'source' in job else None
    def work():
        table = DeltaTable(job['table'])
        if source is None:
            table.delete(job['where'])
        else:
            (table.merge(source, 't.id = s.id', source_alias='s', target_alias='t')
                .when_matched_update_all().when_not_matched_insert_all().execute())
    return work
`;

/** Spark as `local[2]`. */
const SPARK = `${SPARK_SESSION}def run(job):
    def work():
        if 'source' in job:
            spark.read.parquet(job['source']).createOrReplaceTempView('s')
            spark.sql(f"MERGE INTO delta.\`{job['table']}\` t USING s ON t.id = s.id "
                "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
        else:
            spark.sql(f"DELETE FROM delta.\`{job['table']}\` WHERE {job['where']}")
    return work
`;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const told = (values: number[]) => (values.length ? `${median(values).toFixed(2)} s` : 'not run');

/** Interpreters with `deltalake` and `pyarrow`, and of Spark's environment; without them only our side is measured. */
export interface Peers {
  deltalake?: string;
  spark?: string;
}

type Times = Record<'copied' | 'vectors' | 'deleted', number[]>;
const noTimes = (): Times => ({ copied: [], vectors: [], deleted: [] });

export async function benchDml(rows = 10_000_000, peers: Peers = {}): Promise<Figure[]> {
  const room = await openBenchRoom();
  const vectors = { 'delta.enableDeletionVectors': 'true' };
  const ours = noTimes();
  const lake = noTimes();
  const spark = noTimes();
  const lakePeer = peers.deltalake ? await openPeer(peers.deltalake, DELTALAKE) : null;
  const sparkPeer = peers.spark ? await openPeer(peers.spark, SPARK) : null;
  const path = (table: string) => join(room.folder, table);
  try {
    await makeTable(room, 'copied', rows, {});
    await makeTable(room, 'vectors', rows, vectors);
    if (lakePeer) await makeTable(room, 'lake', rows, {});
    if (sparkPeer) {
      await makeTable(room, 'spark-copied', rows, {});
      await makeTable(room, 'spark-vectors', rows, vectors);
    }
    for (let round = 0; round < ROUNDS; round++) {
      const source = path(`source-${round}.parquet`);
      await room.rows(`COPY (${sourceOf(rows, round)}) TO '${source}' (FORMAT parquet)`);
      const read = `SELECT * FROM read_parquet('${source}')`;
      const where = (table: string) => `${table}id % ${DELETED_PART} = ${500 + round}`;
      ours.copied.push(await seconds(() => mergeOurs(room, 'copied', read)));
      if (lakePeer) lake.copied.push(await lakePeer.run({ table: path('lake'), source }));
      if (sparkPeer) spark.copied.push(await sparkPeer.run({ table: path('spark-copied'), source }));
      ours.vectors.push(await seconds(() => mergeOurs(room, 'vectors', read)));
      if (sparkPeer) spark.vectors.push(await sparkPeer.run({ table: path('spark-vectors'), source }));
      ours.deleted.push(await seconds(() => room.delta.delete('vectors', { where: where('target.') })));
      if (lakePeer) lake.deleted.push(await lakePeer.run({ table: path('lake'), where: where('') }));
      if (sparkPeer) spark.deleted.push(await sparkPeer.run({ table: path('spark-vectors'), where: where('') }));
    }
    await checkRows(room, 'vectors', [...(lakePeer ? ['lake'] : []), ...(sparkPeer ? ['spark-vectors'] : [])]);
  } finally {
    lakePeer?.close();
    sparkPeer?.close();
    await room.close();
  }
  const millions = `${rows / 1e6} M rows`;
  const figure = (what: string, own: number[], goals: [name: string, times: number[], goal: number][]): Figure => {
    const run = goals.filter(([, times]) => times.length);
    return {
      benchmark: 'delta',
      what,
      ours: told(own),
      baseline: goals.map(([name, times]) => `${name} ${told(times)}`).join(', '),
      goal: goals.map(([name, , goal]) => `${name} ${goal === 1 ? 'slower' : `${goal}×`}`).join(', '),
      met: run.length ? run.every(([, times, goal]) => median(times) / median(own) >= goal) : null,
      values: { ours: median(own), ...Object.fromEntries(run.map(([name, times]) => [name, median(times)])) },
    };
  };
  return [
    figure(`merge 1 % of ${millions}, copy-on-write`, ours.copied, [
      ['deltalake', lake.copied, 1],
      ['Spark', spark.copied, 5],
    ]),
    // deltalake writes no deletion vectors: it does the same work by copying.
    figure(`merge 1 % of ${millions}, deletion vectors`, ours.vectors, [
      ['deltalake', lake.copied, 2],
      ['Spark', spark.vectors, 5],
    ]),
    figure(`delete 0.1 % of ${millions}, deletion vectors`, ours.deleted, [
      ['deltalake', lake.deleted, 1],
      ['Spark', spark.deleted, 5],
    ]),
  ];
}

/** The same statements leave the same rows in every table. */
async function checkRows(room: BenchRoom, own: string, others: readonly string[]): Promise<void> {
  const sums = async (location: string) => {
    const snapshot = await room.delta.snapshot(location);
    const relation = await room.delta.relation(snapshot, await snapshot.files(), ['id', 'k']);
    return JSON.stringify(
      await room.rows(`SELECT count(*)::VARCHAR AS n, sum(id)::VARCHAR AS ids, sum(k)::VARCHAR AS k FROM ${relation}`),
    );
  };
  const expected = await sums(own);
  for (const other of others) {
    const found = await sums(other);
    if (found !== expected) throw new Error(`${other} holds ${found} and not ${expected}`);
  }
}

if (process.argv[1]?.endsWith('bench/delta/dml.ts')) {
  const peers = { deltalake: process.env.DELTALAKE_PYTHON, spark: process.env.SPARK_PYTHON };
  for (const { what, ours, baseline, goal, met } of await benchDml(Number(process.argv[2] ?? 10_000_000), peers))
    process.stdout.write(`${what.padEnd(48)} ${ours.padEnd(8)} ${baseline.padEnd(34)} ${goal.padEnd(24)} ${met}\n`);
}
