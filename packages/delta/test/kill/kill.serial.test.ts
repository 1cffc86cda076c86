import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createLocalStore } from '@boathouse/storage';
import { z } from 'zod';
import { commitKey } from '../../log/names.ts';
import { vectorKey } from '../../scan/deletion-vector.ts';
import type { Delta } from '../../types.ts';
import { random } from '../simulation/world.ts';
import { openRoom, type Room } from '../support.ts';
import { applied, columns, kinds, type Operation, type Rows, restored } from './operations.ts';

/** `KILL_ROUNDS` tries more rounds, `KILL_SEED` other moments. */
const rounds = Number(process.env.KILL_ROUNDS ?? (process.env.BOATHOUSE_TEST_LONG ? 100 : 4));
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);

const Told = z.union([
  z.object({ begins: z.int(), latest: z.int(), floor: z.int() }),
  z.object({ done: z.int(), version: z.int().nullable() }),
]);
const { below, chance, uuid } = random(seed);

/** A table with everything that is known of it. */
class Table {
  readonly room: Room;
  private readonly states = new Map<number, Rows>();
  private nextId = 0;
  /** Earliest version whose files are all there. */
  private floor = 0;

  constructor(room: Room) {
    this.room = room;
  }

  static async create(properties: Record<string, string>): Promise<Table> {
    const table = new Table(await openRoom());
    await table.room.delta.create('t', { columns, properties });
    table.states.set(0, new Map());
    const first = table.operation('append');
    await table.apply(first, (await table.room.delta.insert('t', insertOf(first))).version);
    return table;
  }

  operation(kind: Operation['kind']): Operation {
    const count = 20 + below(200);
    const first = this.nextId;
    this.nextId += count;
    return { kind, txnId: uuid(), first, count, of: 2 + below(4) };
  }

  /** One round: a process works until it is killed at some moment of an operation. Gives where it died. */
  async killed(kind: Operation['kind']): Promise<string> {
    // Work before and after: the table is worth something, and who survives its moment dies later.
    const operations = ['append' as const, kinds[below(6)]!, kind, kinds[below(kinds.length)]!].map((each) =>
      this.operation(each),
    );
    const byItself = chance(0.6);
    const die = byItself ? { operation: 2, call: 1 + below(8), after: chance(0.5) } : null;
    const task = JSON.stringify({ root: this.room.root, operations, floor: this.floor, die });
    const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), task], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const waitMs = below(80);
    let begun = -1;
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (die || begun >= 2 || !text.includes('{"begins":2')) return;
      begun = 2;
      setTimeout(() => child.kill('SIGKILL'), waitMs);
    });
    const [code, signal] = await once(child, 'close');
    assert.ok(signal === 'SIGKILL' || code === 0, `the process ended by itself with ${code}`);
    const told = text
      .split('\n')
      .slice(0, -1)
      .map((line) => Told.parse(JSON.parse(line)));
    await this.follow(operations, told);
    return signal
      ? `${kind}: ${die ? `at call ${die.call}${die.after ? ' after its effect' : ''}` : `after ${waitMs} ms`}`
      : `${kind}: not`;
  }

  /** Brings the model to where the log is: what was done, and what was under way as far as the log has it. */
  private async follow(operations: readonly Operation[], told: readonly z.infer<typeof Told>[]): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      const begins = told.find((message) => 'begins' in message && message.begins === index);
      const done = told.find((message) => 'done' in message && message.done === index);
      if (!begins || !('latest' in begins)) return;
      const inLog = await this.versionOf(operation.txnId, begins.latest);
      if (done && 'version' in done)
        assert.equal(done.version ?? inLog, inLog, `the ${operation.kind} that was acknowledged is in the log`);
      const target = restored(begins.latest, operation, begins.floor);
      if (inLog !== null) await this.apply(operation, inLog, target);
      if (operation.kind === 'vacuum') this.floor = await this.room.delta.latestVersion('t');
    }
  }

  private async apply(operation: Operation, version: number, target = 0): Promise<void> {
    this.states.set(
      version,
      applied(this.at(version), operation, () => this.at(target)),
    );
  }

  private at(version: number): Rows {
    let found: Rows = new Map();
    for (const [known, rows] of this.states) if (known <= version) found = rows;
    return found;
  }

  private async versionOf(txnId: string, from: number): Promise<number | null> {
    const latest = await this.room.delta.latestVersion('t');
    for (let version = from + 1; version <= latest; version++) {
      const body = Buffer.from(await this.room.store.get(commitKey('t', version))).toString();
      if (body.includes(`"txnId":"${txnId}"`)) return version;
    }
    return null;
  }

  /** The table reads exactly, the next writer works, and a vacuum leaves the files of the table alone. */
  async check(): Promise<void> {
    // Opened anew: who comes after a crash knows nothing.
    const delta = this.room.other();
    await this.same(delta);
    const next = this.operation('append');
    const { version } = await delta.insert('t', insertOf(next));
    await this.apply(next, version);
    await delta.vacuum('t', { retentionMs: 0, force: true });
    this.floor = await delta.latestVersion('t');
    const { problems } = await delta.fsck('t');
    assert.deepEqual(problems, []);
    const snapshot = await delta.snapshot('t');
    const live = (await snapshot.files()).flatMap(({ path, deletionVector }) => [
      `t/${path}`,
      ...(deletionVector && deletionVector.storageType !== 'i'
        ? [vectorKey(this.room.store, 't', deletionVector)]
        : []),
    ]);
    const there: string[] = [];
    for await (const { key } of this.room.store.list('t/')) if (!key.startsWith('t/_delta_log/')) there.push(key);
    assert.deepEqual(there.sort(), [...new Set(live)].sort(), 'no file is left over');
    createLocalStore(this.room.root);
    for (const name of readdirSync(join(this.room.root, '.boathouse-tmp')))
      assert.equal(name.split('-')[1], String(process.pid), 'what the dead left unfinished is swept');
    await this.same(delta);
    await delta.idle();
  }

  private async same(delta: Delta): Promise<void> {
    const snapshot = await delta.snapshot('t');
    const relation = await delta.relation(snapshot, await snapshot.files(), ['id', 'v']);
    const rows = await this.room.engine.rows(`SELECT id, v FROM ${relation} ORDER BY id`);
    const expected = [...this.at(snapshot.version)].sort(([left], [right]) => left - right);
    assert.deepEqual(
      rows.map(({ id, v }) => [Number(id), Number(v)]),
      expected,
    );
  }
}

const insertOf = ({ first, count, txnId }: Operation) => ({
  mode: 'append' as const,
  rows: `SELECT range AS id, range % 97 AS v FROM range(${first}, ${first + count})`,
  txnId,
});

let tables: Table[];
before(async () => {
  const feed = { 'delta.enableChangeDataFeed': 'true', 'delta.checkpointInterval': '7' };
  tables = [
    await Table.create(feed),
    await Table.create({ ...feed, 'delta.enableDeletionVectors': 'true', 'delta.enableRowTracking': 'true' }),
  ];
});
after(async () => {
  for (const { room } of tables) await room.close();
});

test('a process killed in the middle of any operation leaves a table that reads exactly, takes the next write and keeps no orphans', {
  timeout: 60_000 + rounds * 30_000,
}, async (context) => {
  const died = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const table = tables[round % 2]!;
    const kind = kinds[(seed + (round >> 1)) % kinds.length]!;
    const where = await table.killed(kind).catch((error: unknown) => {
      throw new Error(`round ${round} of KILL_SEED=${seed}`, { cause: error });
    });
    try {
      await table.check();
    } catch (error) {
      throw new Error(`after ${where}, round ${round} of KILL_SEED=${seed}`, { cause: error });
    }
    died.set(where, (died.get(where) ?? 0) + 1);
  }
  context.diagnostic(
    `seed ${seed}, ${rounds} rounds: ${[...died].map(([where, times]) => `${where} (${times})`).join(', ')}`,
  );
  assert.ok(
    [...died.keys()].some((where) => !where.endsWith(': not')),
    'processes were killed at work',
  );
});
