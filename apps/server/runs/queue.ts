/** Work of one session one after another, of different sessions side by side. */
export class SessionQueue {
  private readonly tails = new Map<string, Promise<void>>();

  busy(sessionId: string): boolean {
    return this.tails.has(sessionId);
  }

  /** Resolves with what the work gives. A failing predecessor does not keep what follows from running. */
  add<T>(sessionId: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(sessionId);
    const mine = before ? before.then(work, work) : work();
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.tails.set(sessionId, settled);
    void settled.then(() => {
      if (this.tails.get(sessionId) === settled) this.tails.delete(sessionId);
    });
    return mine;
  }
}
