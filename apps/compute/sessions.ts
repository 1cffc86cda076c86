/** Reason of an abort where this process ends: nobody cancelled the run, so it is not told as cancelled. */
export const STOPPING = Symbol('the compute process is stopping');

/** One thing to run: `run` gets a signal that a cancel aborts. It never rejects. */
export interface Job {
  runId: string;
  sessionId: string;
  run(signal: AbortSignal): Promise<void>;
}

interface Entry {
  job: Job;
  controller: AbortController;
  done: Promise<void>;
}

/** Runs jobs of one session one after another and different sessions side by side. */
export class SessionQueues {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly entries = new Map<string, Set<Entry>>();

  add(job: Job): Promise<void> {
    const controller = new AbortController();
    const before = this.tails.get(job.sessionId) ?? Promise.resolve();
    const done = before.then(() => job.run(controller.signal));
    const entry: Entry = { job, controller, done };
    const ofRun = this.entries.get(job.runId) ?? new Set();
    ofRun.add(entry);
    this.entries.set(job.runId, ofRun);
    const tail = done.finally(() => {
      ofRun.delete(entry);
      if (!ofRun.size && this.entries.get(job.runId) === ofRun) this.entries.delete(job.runId);
      if (this.tails.get(job.sessionId) === tail) this.tails.delete(job.sessionId);
    });
    this.tails.set(job.sessionId, tail);
    return tail;
  }

  /** Cancels a run, running or waiting. */
  cancel(runId: string): void {
    for (const entry of this.entries.get(runId) ?? []) entry.controller.abort();
  }

  /** Ids of runs that wait or run. */
  active(): string[] {
    return [...this.entries.keys()];
  }

  /** Stops everything and waits for it to end. */
  async stop(): Promise<void> {
    for (const entries of this.entries.values()) for (const entry of entries) entry.controller.abort(STOPPING);
    await Promise.allSettled(this.tails.values());
  }
}
