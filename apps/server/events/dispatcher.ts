import { Client, type Pool } from 'pg';
import type { Logger } from 'pino';
import type { EventBus } from '../bus.ts';
import { eventSchemas, isEventKind } from './kinds.ts';
import { OUTBOX_CHANNEL } from './outbox.ts';

export interface DispatcherOptions {
  pool: Pool;
  databaseUrl: string;
  bus: EventBus;
  log: Logger;
  serverId: string;
  /** The net under NOTIFY, for a lost connection. */
  pollMs?: number;
}

export interface Dispatcher {
  start(): Promise<void>;
  /** Delivers what is due now; for tests and for callers that cannot wait for the notification. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

type Row = { id: string; kind: string; payload: unknown; age_ms: number };

/** Commits may become visible out of the order of their ids for this long: a cursor alone would skip the late ones. */
const SETTLE_MS = 30_000;
const PRUNE_EVERY_MS = 60_000;

/**
 * Delivers outbox rows to this server's bus, in order. Every server delivers every row to itself; `deliveredAt` says that
 * at least one has, so that a restart catches up with what nobody has told yet.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { pool, bus, log } = options;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let pruneTimer: NodeJS.Timeout | null = null;
  let stopped = false;
  /** All ids up to here are done; above it `seen` says which are. */
  let low = 0n;
  const seen = new Set<string>();
  let active: Promise<void> | null = null;
  let again = false;

  async function deliver(): Promise<void> {
    const { rows } = await pool.query<Row>(
      `SELECT id::text AS id, kind, payload, (extract(epoch FROM now() - "createdAt") * 1000)::float8 AS age_ms
         FROM outbox WHERE id > $1 ORDER BY id LIMIT 5000`,
      [low.toString()],
    );
    const fresh: string[] = [];
    let settled = true;
    for (const row of rows) {
      if (!seen.has(row.id)) {
        seen.add(row.id);
        fresh.push(row.id);
        tell(row);
      }
      // The first row that is still young stops the cursor: behind an older one nothing can appear any more.
      settled &&= row.age_ms > SETTLE_MS;
      if (settled) low = BigInt(row.id);
    }
    for (const id of seen) if (BigInt(id) <= low) seen.delete(id);
    if (fresh.length > 0) {
      await pool.query(
        'UPDATE outbox SET "deliveredAt" = now() WHERE id = ANY($1::bigint[]) AND "deliveredAt" IS NULL',
        [fresh],
      );
    }
  }

  function tell(row: Row): void {
    if (!isEventKind(row.kind)) {
      log.warn({ kind: row.kind, id: row.id }, 'an event of an unknown kind was skipped');
      return;
    }
    const parsed = eventSchemas[row.kind].safeParse(row.payload);
    if (!parsed.success) {
      log.error({ kind: row.kind, id: row.id, err: parsed.error }, 'an event that is not of its kind was skipped');
      return;
    }
    // The writer has told its own listeners at once; telling them again would only repeat it.
    if (row.kind === 'run.changed' && 'serverId' in parsed.data && parsed.data.serverId === options.serverId) return;
    bus.emit(row.kind, parsed.data);
  }

  /** One delivery at a time; a call during one asks for another round after it. */
  function flush(): Promise<void> {
    if (active) {
      again = true;
      return active;
    }
    active = (async () => {
      try {
        do {
          again = false;
          await deliver();
        } while (again && !stopped);
      } catch (error) {
        if (!stopped) log.warn({ err: error }, 'events could not be delivered; trying again');
      } finally {
        active = null;
      }
    })();
    return active;
  }

  async function connect(): Promise<void> {
    if (stopped) return;
    const next = new Client({ connectionString: options.databaseUrl, application_name: 'boathouse-outbox' });
    next.on('notification', () => void flush());
    const lost = () => {
      if (client === next) client = null;
    };
    next.on('error', lost);
    next.on('end', lost);
    await next.connect();
    await next.query(`LISTEN ${OUTBOX_CHANNEL}`);
    client = next;
  }

  async function tick(): Promise<void> {
    if (!client)
      await connect().catch((error) => log.warn({ err: error }, 'the database does not answer; trying again'));
    await flush();
  }

  return {
    async start() {
      // What was delivered before this start is history; what was not is caught up with.
      const { rows } = await pool.query<{ low: string }>(
        `SELECT coalesce((SELECT min(id) - 1 FROM outbox WHERE "deliveredAt" IS NULL), (SELECT max(id) FROM outbox), 0)::text AS low`,
      );
      low = BigInt(rows[0]?.low ?? '0');
      await connect();
      await flush();
      timer = setInterval(() => void tick(), options.pollMs ?? 1000);
      pruneTimer = setInterval(() => {
        pool.query(`DELETE FROM outbox WHERE "deliveredAt" < now() - interval '10 minutes'`).catch(() => undefined);
      }, PRUNE_EVERY_MS);
      timer.unref();
      pruneTimer.unref();
    },
    flush,
    async stop() {
      stopped = true;
      if (timer) clearInterval(timer);
      if (pruneTimer) clearInterval(pruneTimer);
      await active;
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}
