import { randomUUID } from 'node:crypto';
import type { TableEngine } from '@boathouse/contracts';

/** What the engine keeps of a snapshot lies in a schema of its own, which no planned text names. */
const SCHEMA = 'boathouse_delta';
const TABLES_KEPT = 48;

interface Entry {
  select: string;
  uses: number;
  table: Promise<string> | null;
}

interface Owned {
  engine: TableEngine;
  names: Set<string>;
}

/** Tables go with whoever asked for them: a snapshot that nobody holds any more takes nothing of the engine's memory. */
const forgotten = new FinalizationRegistry<Owned>(({ engine, names }) => {
  for (const name of names) drop(engine, name);
});

const drop = (engine: TableEngine, name: string): void => {
  // A closed engine has dropped everything already.
  engine.rows(`DROP TABLE IF EXISTS ${name}`).catch(() => undefined);
};

/** Answers of SELECTs over immutable files: asked once they run as they are, asked again they become tables. */
export class KeptTables {
  private readonly owned: Owned;
  private readonly entries = new Map<string, Entry>();

  constructor(engine: TableEngine) {
    this.owned = { engine, names: new Set() };
    forgotten.register(this, this.owned);
  }

  /** A relation with the rows of the SELECT; `key` names it. */
  async relation(key: string, select: () => Promise<string>): Promise<string> {
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { select: await select(), uses: 0, table: null };
      this.entries.set(key, entry);
    }
    entry.uses++;
    if (entry.uses === 1) return `(${entry.select})`;
    const { select: text } = entry;
    const mine = entry.table === null;
    entry.table ??= this.create(text);
    try {
      return await entry.table;
    } catch (error) {
      entry.table = null;
      // Somebody else's statement was stopped while it made the table: this one runs without.
      if (mine) throw error;
      return `(${text})`;
    }
  }

  private async create(select: string): Promise<string> {
    const { engine, names } = this.owned;
    const name = `${SCHEMA}."${randomUUID()}"`;
    await engine.rows(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    names.add(name);
    await engine.rows(`CREATE TABLE ${name} AS ${select}`);
    if (names.size > TABLES_KEPT) this.forgetOldest();
    return name;
  }

  private forgetOldest(): void {
    for (const [key, { table }] of this.entries) {
      if (!table) continue;
      this.entries.delete(key);
      table.then(
        (name) => {
          this.owned.names.delete(name);
          drop(this.owned.engine, name);
        },
        () => undefined,
      );
      return;
    }
  }
}
