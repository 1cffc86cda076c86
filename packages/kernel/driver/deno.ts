/** The few things of Deno and of the web that the driver uses: the backend's type check knows only Node. */
export interface DenoRuntime {
  stdout: { write(bytes: Uint8Array): Promise<number>; writeSync(bytes: Uint8Array): number };
  stderr: { write(bytes: Uint8Array): Promise<number>; writeSync(bytes: Uint8Array): number };
  inspect(value: unknown, options?: Record<string, unknown>): string;
  exit(code: number): never;
}

export interface WebWorker {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: Uint8Array | null }) => void) | null;
}

export interface RejectionEvent {
  preventDefault(): void;
  reason?: unknown;
  error?: unknown;
}

interface DenoGlobals {
  Deno: DenoRuntime;
  Worker: new (url: string, options: { type: 'module' }) => WebWorker;
  addEventListener(type: 'unhandledrejection' | 'error', listener: (event: RejectionEvent) => void): void;
}

export const deno = globalThis as unknown as DenoGlobals & Record<string, unknown>;
