import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delta } from '../types.ts';
import { column, openRoom, type Room } from './support.ts';

const DAY_MS = 864e5;
const SEEDS = Number(process.env.DELTA_SEEDS ?? (process.env.BOATHOUSE_TEST_LONG === '1' ? 60 : 4));
const STEPS = 12;

/** A small generator of numbers in [0, 1): the same seed gives the same run. */
function randomOf(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const columns = [column('id', 'bigint'), column('v', 'string'), column('p', 'int')];

class Run {
  readonly room: Room;
  readonly random: () => number;
  readonly delta: Delta;
  readonly steps: string[] = [];
  private readonly isPartitioned: boolean;
  private readonly isClustered: boolean;
  readonly tracksRows: boolean;
  private ahead = 0;
  private next = 0;

  constructor(room: Room, seed: number) {
    this.room = room;
    this.random = randomOf(seed);
    this.isPartitioned = this.random() < 0.5;
    this.isClustered = !this.isPartitioned && this.random() < 0.5;
    this.tracksRows = this.random() < 0.5;
    this.delta = room.other({ clock: () => Date.now() + this.ahead });
  }

  private pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }

  async create(): Promise<void> {
    const properties = {
      'delta.enableChangeDataFeed': 'true',
      ...(this.random() < 0.5 ? { 'delta.enableDeletionVectors': 'true' } : {}),
      ...(this.random() < 0.3 ? { 'delta.columnMapping.mode': 'name' } : {}),
      ...(this.tracksRows ? { 'delta.enableRowTracking': 'true' } : {}),
    };
    const partitionColumns = this.isPartitioned ? ['p'] : [];
    const clusterBy = this.isClustered ? ['id', 'v'] : undefined;
    this.steps.push(JSON.stringify({ properties, partitionColumns, clusterBy }));
    await this.delta.create('t', { columns, partitionColumns, properties, ...(clusterBy ? { clusterBy } : {}) });
  }

  /** Changes rows. */
  async change(): Promise<void> {
    const kind = this.pick(['append', 'append', 'delete', 'update'] as const);
    this.steps.push(kind);
    if (kind === 'append') {
      const count = 1 + Math.floor(this.random() * 40);
      const snapshot = await this.delta.snapshot('t');
      const from = this.next;
      this.next += count;
      const sql = `SELECT i + ${from} AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE 'v' || i END AS v, i % 3 AS p FROM range(${count}) AS r(i)`;
      const { location, fields, metadata, protocol } = snapshot;
      const { partitionColumns, configuration } = metadata;
      const adds = await this.delta.writeFiles({ location, fields, partitionColumns, configuration, protocol }, sql);
      await this.delta.commit('t', { operation: 'WRITE', mode: 'append', adds });
      return;
    }
    const where = `target."id" % ${2 + Math.floor(this.random() * 6)} = 0`;
    if (kind === 'delete') await this.delta.delete('t', { where });
    else await this.delta.update('t', { where, set: [{ column: 'v', value: `'u' || target."id"` }] });
  }

  /** Rearranges files. */
  async maintain(): Promise<void> {
    const kind = this.pick(['optimize', 'layout', 'reorg', 'analyze'] as const);
    this.steps.push(kind);
    if (kind === 'optimize') await this.delta.optimize('t');
    if (kind === 'layout')
      await this.delta.optimize('t', this.isClustered ? { full: this.random() < 0.5 } : { zOrderBy: ['v', 'id'] });
    if (kind === 'reorg') await this.delta.reorg('t');
    if (kind === 'analyze') await this.delta.analyze('t');
  }

  /** Rows of a version, with their ids where the table tracks them. */
  async rows(version?: number): Promise<unknown> {
    const snapshot = await this.delta.snapshot('t', { version });
    const metadata = this.tracksRows ? { rowId: 'row id', rowCommitVersion: 'row version' } : {};
    const names = columns.map(({ name }) => name);
    const source = await this.delta.relation(snapshot, await snapshot.files(), names, { metadata });
    return this.room.engine.rows(`SELECT * FROM ${source} ORDER BY ALL`);
  }

  /** What the change feed from the beginning adds up to. */
  async replayed(toVersion: number): Promise<unknown> {
    const { relation } = await this.delta.changes('t', { fromVersion: 0, toVersion });
    return this.room.engine.rows(`
      SELECT id, v, p, sum(CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END)::INTEGER AS n
      FROM ${relation} GROUP BY id, v, p HAVING n <> 0 ORDER BY ALL`);
  }

  async counted(): Promise<unknown> {
    const snapshot = await this.delta.snapshot('t');
    const names = columns.map(({ name }) => name);
    const source = await this.delta.relation(snapshot, await snapshot.files(), names);
    return this.room.engine.rows(
      `SELECT id, v, p, count(*)::INTEGER AS n FROM ${source} GROUP BY id, v, p ORDER BY ALL`,
    );
  }

  later(ms: number): void {
    this.ahead += ms;
  }
}

async function playOut(run: Run): Promise<void> {
  await run.create();
  for (let step = 0; step < STEPS; step++) {
    await run.change();
    if (run.random() < 0.6) {
      const before = await run.rows();
      await run.maintain();
      assert.deepEqual(await run.rows(), before, 'maintenance changes no row and no row id');
    }
    if (run.random() < 0.15) {
      const toVersion = Math.floor(run.random() * ((await run.delta.latestVersion('t')) + 1));
      run.steps.push(`restore ${toVersion}`);
      const wanted = await run.rows(toVersion);
      await run.delta.restore('t', { toVersion });
      assert.deepEqual(await run.rows(), wanted, 'a restore gives the rows of its version');
    }
  }
  const latest = await run.delta.latestVersion('t');
  assert.deepEqual(await run.replayed(latest), await run.counted(), 'the feed adds up to the table');
  // Nothing that a version within the retention needs is old enough to go.
  run.later(6 * DAY_MS);
  const kept = await Promise.all([0, Math.floor(latest / 2), latest].map((version) => run.rows(version)));
  await run.delta.vacuum('t');
  run.steps.push('vacuum');
  assert.deepEqual(
    await Promise.all([0, Math.floor(latest / 2), latest].map((version) => run.rows(version))),
    kept,
    'a vacuum takes nothing from versions within the retention',
  );
  run.later(2 * DAY_MS);
  await run.delta.vacuum('t');
  assert.deepEqual(await run.rows(), kept[2], 'a vacuum takes nothing from the latest version');
}

test('whatever is compacted, laid out, purged, restored and vacuumed: rows stay, and the feed tells how they came about', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const room = await openRoom();
    const run = new Run(room, seed);
    try {
      await playOut(run);
    } catch (error) {
      throw new Error(`seed ${seed}: ${run.steps.join(', ')}`, { cause: error });
    } finally {
      await room.close();
    }
  }
});
