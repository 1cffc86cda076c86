import { isFinal, type RunEvent, type RunEventRow } from '@boathouse/contracts';
import type { Logger } from 'pino';
import { advance } from './machine.ts';
import type { RunRecord } from './record.ts';
import type { RunStore } from './store.ts';

export interface ActiveRunOptions {
  store: RunStore;
  log: Logger;
  clock: () => number;
  leaseMs: number;
  /** Called after rows are durable, in order. */
  published: (run: RunRecord, rows: RunEventRow[]) => void;
  /** The server stops: what cannot be written now is the next server's to find. */
  stopping: () => boolean;
  /** Somebody else moved the run on: this server has nothing more to say. */
  superseded: () => void;
}

/**
 * The log of a run that this server drives. Events apply to the record at once and become durable in the order of their
 * calls; those that come while a write is under way go together into the next.
 */
export class ActiveRun {
  readonly record: RunRecord;
  private readonly options: ActiveRunOptions;
  private pending: RunEventRow[] = [];
  private durableSeq: number;
  private writing: Promise<void> | null = null;
  private gone = false;

  constructor(record: RunRecord, options: ActiveRunOptions) {
    this.record = record;
    this.options = options;
    this.durableSeq = record.lastSeq;
  }

  get ended(): boolean {
    return this.gone || isFinal(this.record.state);
  }

  /** Appends events; resolves when they are durable. Events that do not belong in the log any more are dropped. */
  append(...events: RunEvent[]): Promise<void> {
    for (const event of events) {
      const atMs = this.options.clock();
      const next = advance(this.record, event, atMs);
      if (!next) continue;
      Object.assign(this.record, next);
      this.record.lastSeq++;
      this.pending.push({ runId: this.record.id, seq: this.record.lastSeq, atMs, event });
    }
    return this.flush();
  }

  /** Appends without waiting: what follows is written after it in any case. */
  note(...events: RunEvent[]): void {
    this.append(...events).catch((error: unknown) => {
      this.options.log.error({ err: error, runId: this.record.id }, 'the log of a run could not be written');
    });
  }

  /** Resolves when everything appended so far is durable. */
  flush(): Promise<void> {
    this.writing ??= this.write();
    return this.writing;
  }

  private async write(): Promise<void> {
    try {
      // The first await lets everything that is appended in the same turn go into one statement.
      await Promise.resolve();
      while (this.pending.length > 0 && !this.gone) {
        const rows = this.pending;
        this.pending = [];
        const snapshot = { ...this.record };
        const written = await this.store(snapshot, rows);
        if (!written) {
          this.gone = true;
          this.options.superseded();
          return;
        }
        this.durableSeq = snapshot.lastSeq;
        this.options.published(snapshot, rows);
      }
    } finally {
      // In the same turn as the last look at `pending`: nothing can be appended in between and be forgotten.
      this.writing = null;
    }
  }

  /** A database that is away for a moment loses no event: the write is tried again. */
  private async store(snapshot: RunRecord, rows: RunEventRow[]): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const written = await this.options.store.append(snapshot, this.durableSeq, rows, this.options.leaseMs);
        if (written || attempt === 1) return written;
        // The answer to an earlier attempt may have been lost after it was done.
        const stored = await this.options.store.get(snapshot.id);
        return stored?.lastSeq === snapshot.lastSeq;
      } catch (error) {
        if (attempt >= 20 || this.options.stopping()) throw error;
        this.options.log.warn(
          { err: error, runId: snapshot.id, attempt },
          'the log of a run could not be written; trying again',
        );
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * attempt, 1000)));
      }
    }
  }
}
