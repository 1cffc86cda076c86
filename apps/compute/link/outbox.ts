import type { ComputeToServer, RunEvent } from '@boathouse/contracts';

type Message = ComputeToServer;

interface Entry {
  message: Message;
  /** Number that an acknowledgement must reach before the message may be forgotten. */
  until: number;
}

/** Runs whose event numbers are remembered after their end: a run of several statements goes on counting. */
const REMEMBERED_RUNS = 10_000;

/**
 * Messages of runs that the server has not acknowledged yet, in order. Pure state: whoever holds it sends what `add…`
 * returns, and `unacknowledged()` after a reconnect. A message without a number of its own (an outcome, a commit) is kept
 * until the next event of its run is acknowledged.
 */
export class Outbox {
  private readonly entries = new Map<string, Entry[]>();
  private readonly seqs = new Map<string, number>();

  addEvent(runId: string, event: RunEvent): Message {
    const seq = (this.seqs.get(runId) ?? 0) + 1;
    this.seqs.delete(runId);
    this.seqs.set(runId, seq);
    this.trim();
    return this.keep(runId, { type: 'event', runId, seq, event }, seq);
  }

  addMessage(runId: string, message: Message): Message {
    return this.keep(runId, message, (this.seqs.get(runId) ?? 0) + 1);
  }

  acknowledge(runId: string, seq: number): void {
    const left = this.entries.get(runId)?.filter((entry) => entry.until > seq);
    if (left?.length) this.entries.set(runId, left);
    else this.entries.delete(runId);
  }

  unacknowledged(): Message[] {
    return [...this.entries.values()].flat().map((entry) => entry.message);
  }

  private keep(runId: string, message: Message, until: number): Message {
    const entries = this.entries.get(runId) ?? [];
    entries.push({ message, until });
    this.entries.set(runId, entries);
    return message;
  }

  private trim(): void {
    for (const runId of this.seqs.keys()) {
      if (this.seqs.size <= REMEMBERED_RUNS) return;
      if (!this.entries.has(runId)) this.seqs.delete(runId);
    }
  }
}
