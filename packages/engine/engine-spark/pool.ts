import type { PlanEngine } from '@boathouse/contracts';
import { DEFAULT_PATIENCE, type Patience, SparkSession } from './client/session.ts';
import { sessionSettings } from './client/settings.ts';

/** A session that nobody used for so long is closed; servers drop theirs after an hour. */
const IDLE_MS = 15 * 60_000;

interface Entry {
  session: Promise<SparkSession>;
  lastUsedMs: number;
  users: number;
}

/** Sessions at attached Sparks: one for each engine, person and set of settings, for many statements at a time. */
export class SparkPool {
  private readonly entries = new Map<string, Entry>();
  private readonly patience: Patience;
  private readonly clock: () => number;

  constructor(options: { patience?: Patience; clock?: () => number } = {}) {
    this.patience = options.patience ?? DEFAULT_PATIENCE;
    this.clock = options.clock ?? Date.now;
  }

  /** Works in a session, which stays open for the next. Throws what opening one throws. */
  async use<T>(
    engine: PlanEngine,
    { user, timeZone }: { user: string; timeZone: string },
    work: (session: SparkSession) => Promise<T>,
  ): Promise<T> {
    this.sweep();
    const settings = { ...sessionSettings(timeZone), ...engine.settings };
    const { name: _, ...address } = engine;
    const key = JSON.stringify([address, user, settings]);
    const entry = this.entries.get(key) ?? {
      session: SparkSession.open(engine, user, settings, this.patience),
      lastUsedMs: 0,
      users: 0,
    };
    this.entries.set(key, entry);
    entry.users++;
    try {
      const session = await entry.session;
      try {
        return await work(session);
      } finally {
        if (session.forgotten) this.forget(key, entry);
      }
    } catch (error) {
      await entry.session.catch(() => this.forget(key, entry));
      throw error;
    } finally {
      entry.users--;
      entry.lastUsedMs = this.clock();
      if (!entry.users && this.entries.get(key) !== entry) void close(entry);
    }
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    const open = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(open.map(close));
  }

  /** Nobody new gets the session; it is closed when the last statement in it has ended. */
  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }

  private sweep(): void {
    const now = this.clock();
    for (const [key, entry] of this.entries) {
      if (entry.users || now - entry.lastUsedMs <= IDLE_MS) continue;
      this.forget(key, entry);
      void close(entry);
    }
  }
}

const close = (entry: Entry): Promise<void> =>
  entry.session.then(
    (session) => session.close(),
    () => {},
  );
