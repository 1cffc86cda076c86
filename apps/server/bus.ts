import type { Logger } from 'pino';

/** Events inside one server process, by kind. The outbox's dispatcher feeds it; who needs news listens. */
export interface EventBus {
  /** Returns the function that ends the subscription. */
  on(kind: string, listener: (payload: unknown) => void): () => void;
  emit(kind: string, payload: unknown): void;
}

/** A listener that throws is logged and does not keep the others from hearing. */
export function createBus(log: Logger): EventBus {
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  return {
    on(kind, listener) {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(listener));
      return () => set.delete(listener);
    },
    emit(kind, payload) {
      for (const listener of [...(listeners.get(kind) ?? [])]) {
        try {
          listener(payload);
        } catch (error) {
          log.error({ err: error, kind }, 'a listener failed');
        }
      }
    },
  };
}
