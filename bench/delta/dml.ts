import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Figure, median } from '../support.ts';
import { type BenchRoom, openBenchRoom } from './room.ts';

/**
 * Changes spread over a table: a merge of 1 % of its rows (half of them new), and a delete of 0.1 %, beside the Python package
 * `deltalake` on a table of the same rows, one after the other. Seconds, medians.
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

/** A Python process that holds `deltalake`, so that its start and imports are not measured. */
async function openPeer(python: string) {
  const script = `
import sys, time, json
import pyarrow.parquet as pq
from deltalake import DeltaTable
print('ready', flush=True)
for line in sys.stdin:
    job = json.loads(line)
    source = pq.read_table(job['source']) if 'source' in job else None
    start = time.monotonic()
    table = DeltaTable(job['table'])
    if source is None:
        table.delete(job['where'])
    else:
        (table.merge(source, 't.id = s.id', source_alias='s', target_alias='t')
            .when_matched_update_all().when_not_matched_insert_all().execute())
    print(time.monotonic() - start, flush=True)
`;
  const child = spawn(python, ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the peer ended');
    return value;
  };
  await line();
  return {
    async run(job: Record<string, string>): Promise<number> {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return Number(await line());
    },
    close: () => child.stdin.end(),
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const told = (values: number[]) => (values.length ? `${median(values).toFixed(2)} s` : 'not run');

/** `python`: an interpreter with `deltalake` and `pyarrow`; without it only our side is measured. */
export async function benchDml(rows = 10_000_000, python = process.env.DELTALAKE_PYTHON): Promise<Figure[]> {
  const room = await openBenchRoom();
  const peer = python ? await openPeer(python) : null;
  const found = { copied: [], vectors: [], theirs: [], deleted: [], deletedTheirs: [] } as Record<string, number[]>;
  try {
    await makeTable(room, 'copied', rows, {});
    await makeTable(room, 'vectors', rows, { 'delta.enableDeletionVectors': 'true' });
    if (peer) await makeTable(room, 'theirs', rows, {});
    const theirs = join(room.folder, 'theirs');
    for (let round = 0; round < ROUNDS; round++) {
      const source = join(room.folder, `source-${round}.parquet`);
      await room.rows(`COPY (${sourceOf(rows, round)}) TO '${source}' (FORMAT parquet)`);
      const read = `SELECT * FROM read_parquet('${source}')`;
      found.copied!.push(await seconds(() => mergeOurs(room, 'copied', read)));
      found.vectors!.push(await seconds(() => mergeOurs(room, 'vectors', read)));
      if (peer) found.theirs!.push(await peer.run({ table: theirs, source }));
      const where = (table: string) => `${table}id % ${DELETED_PART} = ${500 + round}`;
      found.deleted!.push(await seconds(() => room.delta.delete('vectors', { where: where('target.') })));
      if (peer) found.deletedTheirs!.push(await peer.run({ table: theirs, where: where('') }));
    }
    const counts = await Promise.all(
      ['copied', 'vectors', ...(peer ? ['theirs'] : [])].map(async (location) => {
        const snapshot = await room.delta.snapshot(location);
        const relation = await room.delta.relation(snapshot, await snapshot.files(), ['id']);
        return Number((await room.rows(`SELECT count(*) AS n FROM ${relation}`))[0]?.n);
      }),
    );
    const expected = rows + (ROUNDS * rows) / MERGED_PART / 2;
    if (counts[0] !== expected) throw new Error(`the merged table has ${counts[0]} rows and not ${expected}`);
    if (peer && counts[1] !== counts[2]) throw new Error(`rows differ: ${counts[1]} of ours, ${counts[2]} of theirs`);
  } finally {
    peer?.close();
    await room.close();
  }
  const figure = (what: string, ours: number[], theirs: number[], times: number): Figure => ({
    benchmark: 'delta',
    what,
    ours: told(ours),
    baseline: `${told(theirs)} (deltalake)`,
    goal: times === 1 ? 'faster' : `${times}×`,
    met: theirs.length ? median(theirs) / median(ours) >= times : null,
    values: { ours: median(ours), theirs: median(theirs) },
  });
  const millions = `${rows / 1e6} M rows`;
  return [
    figure(`merge 1 % of ${millions}, copy-on-write`, found.copied!, found.theirs!, 1),
    figure(`merge 1 % of ${millions}, deletion vectors`, found.vectors!, found.theirs!, 2),
    figure(`delete 0.1 % of ${millions}, deletion vectors`, found.deleted!, found.deletedTheirs!, 1),
  ];
}

if (process.argv[1]?.endsWith('bench/delta/dml.ts')) {
  for (const { what, ours, baseline, goal, met } of await benchDml(Number(process.argv[2] ?? 10_000_000)))
    process.stdout.write(`${what.padEnd(48)} ${ours.padEnd(10)} ${baseline.padEnd(22)} ${goal.padEnd(8)} ${met}\n`);
}
