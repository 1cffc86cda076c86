import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoathouseError } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { createDelta } from '../../index.ts';
import type { Delta } from '../../types.ts';
import { column, type Engine } from '../support.ts';
import { type Committed, type Effect, Model, type Row } from './model.ts';
import { Crashed, countedEngine, type Faults, UnreliableStore, World } from './world.ts';

const COLUMNS = [column('id', 'bigint'), column('v', 'bigint')];
const PROCESSES = 3;
const OPERATIONS = 3;
const EPOCHS = 2;
/** Longer than anything runs in an epoch, shorter than the pause between two: so VACUUM has something to remove. */
const RETENTION_MS = 10 * 60_000;

interface Attempt {
  txnId: string;
  effect: Effect;
  sawAtLeast: number;
  /** How it ended: its version, refused for sure, or unknown (a failing store, a crash). */
  end: { kind: 'committed'; version: number | null } | { kind: 'refused'; code: string } | { kind: 'unknown' };
}

interface Reading {
  version: number;
  rows: Row[];
}

export interface Outcome {
  /** Null, or what is wrong. */
  wrong: string | null;
  story: string[];
  committed: number;
  refused: number;
  unknown: number;
}

/**
 * One seeded history: several processes append, delete, update, merge, restore, alter, optimize, vacuum, checkpoint and read one
 * table over a store that fails and processes that die; then the log and every reading are held against the model.
 */
export async function simulate(engine: Engine, seed: number, faults: Faults): Promise<Outcome> {
  // In memory where the system has a folder there: the simulation asks for no durability of the device.
  const folder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const root = await mkdtemp(join(folder, 'boathouse-simulation-'));
  const history = new History(engine, seed, faults, root);
  try {
    await history.run();
    const wrong = await history.check().catch((error: unknown) => `the table cannot be read: ${String(error)}`);
    const count = (kind: Attempt['end']['kind']) => history.attempts.filter(({ end }) => end.kind === kind).length;
    const story = [`seed ${seed}`, ...history.world.story];
    return { wrong, story, committed: count('committed'), refused: count('refused'), unknown: count('unknown') };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

class History {
  readonly world: World;
  readonly attempts: Attempt[] = [];
  private readonly readings: Reading[] = [];
  private readonly engine: Engine;
  private readonly root: string;
  private readonly store: ReturnType<typeof createLocalStore>;
  private nextId = 0;
  /** Rows whose append was acknowledged: a merge may name them. */
  private readonly known: number[] = [];
  private latest = 0;
  private serializable = false;

  constructor(engine: Engine, seed: number, faults: Faults, root: string) {
    this.world = new World(seed, faults);
    this.engine = engine;
    this.root = root;
    this.store = createLocalStore(root);
  }

  private open(name: string | null): Delta {
    const { world } = this;
    return createDelta({
      store: name === null ? this.store : new UnreliableStore(world, this.store, name),
      engine: name === null ? this.engine : countedEngine(world, this.engine),
      clock: () => world.nowMs,
      ids: () => world.random.uuid(),
      pause: async () => undefined,
    });
  }

  async run(): Promise<void> {
    const vectors = this.world.random.chance(0.5);
    this.serializable = this.world.random.chance(0.3);
    const first = this.open(null);
    await first.create('t', {
      columns: COLUMNS,
      properties: {
        'delta.checkpointInterval': '3',
        ...(this.serializable ? { 'delta.isolationLevel': 'Serializable' } : {}),
        ...(vectors ? { 'delta.enableDeletionVectors': 'true' } : {}),
        ...(this.world.random.chance(0.3) ? { 'delta.enableChangeDataFeed': 'true' } : {}),
        ...(this.world.random.chance(0.3) ? { 'delta.enableRowTracking': 'true' } : {}),
      },
    });
    await first.idle();
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const names = Array.from({ length: PROCESSES }, (_, index) => `p${epoch}.${index}`);
      await this.world.run(names.map((name) => this.process(name)));
      this.world.nowMs += 2 * RETENTION_MS;
    }
  }

  private async process(name: string): Promise<void> {
    const delta = this.open(name);
    try {
      for (let turn = 0; turn < OPERATIONS; turn++) await this.operation(delta);
      await delta.idle();
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
    }
  }

  /** One operation; a refusal or a failing store ends it, a crash ends the process. */
  private async operation(delta: Delta): Promise<void> {
    const { random } = this.world;
    const choice = random.below(14);
    if (choice >= 12) return this.reading(delta);
    const attempt: Attempt = {
      txnId: random.uuid(),
      effect: this.effect(choice),
      sawAtLeast: this.latest,
      end: { kind: 'unknown' },
    };
    this.attempts.push(attempt);
    this.world.story.push(`begins ${attempt.txnId} ${JSON.stringify(attempt.effect)}`);
    try {
      const version = await this.perform(delta, choice, attempt);
      attempt.end = { kind: 'committed', version };
      if (version !== null) this.latest = Math.max(this.latest, version);
      if (attempt.effect.kind === 'append') this.known.push(...attempt.effect.rows.map(({ id }) => id));
    } catch (error) {
      if (error instanceof Crashed) throw error;
      if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
        attempt.end = { kind: 'refused', code: error.code };
      else if (!(error instanceof BoathouseError)) throw error;
    }
    this.world.story.push(`ended ${attempt.txnId} ${JSON.stringify(attempt.end)}`);
  }

  private effect(choice: number): Effect {
    const { random } = this.world;
    const of = 2 + random.below(3);
    const fresh = (count: number): Row[] =>
      Array.from({ length: count }, () => ({ id: this.nextId++, v: random.below(100) }));
    if (choice < 3) return { kind: 'append', rows: fresh(1 + random.below(4)) };
    if (choice < 5) return { kind: 'delete', of, remainder: random.below(of) };
    if (choice < 7) return { kind: 'update', of, remainder: random.below(of), plus: 100 };
    if (choice === 10) return { kind: 'restore', to: Math.max(0, this.latest - random.below(4)) };
    if (choice === 11) return { kind: 'alter', days: 30 + random.below(1000) };
    if (choice > 7) return { kind: 'none' };
    const old = [...new Set(this.known.filter(() => random.chance(0.3)))];
    return { kind: 'merge', rows: [...old.map((id) => ({ id, v: random.below(100) })), ...fresh(1)] };
  }

  private async perform(delta: Delta, choice: number, { effect, txnId }: Attempt): Promise<number | null> {
    switch (effect.kind) {
      case 'append': {
        const adds = await delta.writeFiles(
          { location: 't', columns: COLUMNS, partitionColumns: [] },
          valuesOf(effect.rows),
        );
        return (await delta.commit('t', { mode: 'append', adds, operation: 'WRITE', txnId })).version;
      }
      case 'delete':
        return (await delta.delete('t', { where: hit(effect), txnId })).version;
      case 'update':
        return (
          await delta.update('t', {
            where: hit(effect),
            set: [{ column: 'v', value: `target."v" + ${effect.plus}` }],
            txnId,
          })
        ).version;
      case 'merge':
        return (
          await delta.merge('t', {
            source: `(${valuesOf(effect.rows)})`,
            on: 'target."id" = source."id"',
            matched: [{ condition: null, action: { kind: 'update', set: [{ column: 'v', value: 'source."v"' }] } }],
            notMatched: [
              {
                condition: null,
                values: [
                  { column: 'id', value: 'source."id"' },
                  { column: 'v', value: 'source."v"' },
                ],
              },
            ],
            notMatchedBySource: [],
            txnId,
          })
        ).version;
      case 'restore':
        return (await delta.restore('t', { toVersion: effect.to, txnId })).version;
      case 'alter': {
        const properties = { 'delta.logRetentionDuration': `interval ${effect.days} days` };
        return (await delta.alter('t', { kind: 'setProperties', properties }, { txnId })).version;
      }
      case 'none':
        if (choice === 8) return (await delta.optimize('t', { txnId })).version;
        return (await delta.vacuum('t', { retentionMs: RETENTION_MS, force: true, txnId })).version;
    }
  }

  private async reading(delta: Delta): Promise<void> {
    try {
      const snapshot = await delta.snapshot('t');
      this.readings.push({ version: snapshot.version, rows: await this.rowsOf(delta, snapshot) });
    } catch (error) {
      if (error instanceof Crashed || !(error instanceof BoathouseError)) throw error;
      if (error.code !== 'STORAGE_UNAVAILABLE') throw error;
    }
  }

  private async rowsOf(delta: Delta, snapshot: Awaited<ReturnType<Delta['snapshot']>>): Promise<Row[]> {
    const relation = await delta.relation(snapshot, await snapshot.files(), ['id', 'v']);
    const rows = await this.world.move(() => this.engine.rows(`SELECT id, v FROM ${relation}`));
    return rows.map((row) => ({ id: Number(row.id), v: Number(row.v) }));
  }

  /** The log says what was committed in which order; a process that sees it afresh must find exactly that. */
  async check(): Promise<string | null> {
    const log = await this.log();
    const byTxn = new Map(this.attempts.map((attempt) => [attempt.txnId, attempt]));
    const model = new Model(this.serializable);
    const found = new Map<string, number>();
    for (const { version, txnId } of log) {
      const attempt = txnId === null ? undefined : byTxn.get(txnId);
      if (attempt && attempt.effect.kind !== 'none') {
        if (found.has(attempt.txnId)) return `${attempt.txnId} was committed twice`;
        found.set(attempt.txnId, version);
      }
      const committed: Committed = attempt
        ? { version, effect: attempt.effect, sawAtLeast: attempt.sawAtLeast }
        : { version, effect: { kind: 'none' }, sawAtLeast: version };
      model.apply(committed);
    }
    for (const { txnId, end, effect } of this.attempts) {
      if (effect.kind === 'none') continue;
      if (end.kind === 'committed' && end.version !== null && found.get(txnId) !== end.version)
        return `${txnId} was acknowledged as version ${end.version}, and the log has it at ${found.get(txnId)}`;
      if (end.kind === 'refused' && found.has(txnId)) return `${txnId} was refused (${end.code}), and the log has it`;
    }
    const fresh = this.open(null);
    const snapshot = await fresh.snapshot('t');
    const readings = [...this.readings, { version: snapshot.version, rows: await this.rowsOf(fresh, snapshot) }];
    for (const { version, rows } of readings) {
      const wrong = model.wrong(version, rows);
      if (wrong) return wrong;
    }
    return null;
  }

  private async log(): Promise<{ version: number; txnId: string | null }[]> {
    const folder = join(this.root, 't', '_delta_log');
    const names = (await readdir(folder)).filter((name) => /^\d{20}\.json$/.test(name)).sort();
    return Promise.all(
      names.map(async (name) => {
        const first = (await readFile(join(folder, name), 'utf8')).split('\n')[0]!;
        const found = /"txnId":"([^"]*)"/.exec(first);
        return { version: Number(name.slice(0, 20)), txnId: found?.[1] ?? null };
      }),
    );
  }
}

const valuesOf = (rows: readonly Row[]): string =>
  `SELECT * FROM (VALUES ${rows.map(({ id, v }) => `(${id}::BIGINT, ${v}::BIGINT)`).join(', ')}) AS rows(id, v)`;

const hit = ({ of, remainder }: { of: number; remainder: number }): string => `target."v" % ${of} = ${remainder}`;
