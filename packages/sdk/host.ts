/** What this library needs of the kernel that it lives in. */
export interface SdkHost {
  /** Asks the host process. Rejects with an error that has a `code`. */
  call(method: string, params: unknown): Promise<unknown>;
  print(name: 'stdout' | 'stderr', text: string): void;
  show(data: Record<string, unknown>): void;
  plain(value: unknown): string;
  /** Runs the text of a CommonJS script. */
  load(text: string, fileName: string): unknown;
  /** Keeps the running cell open until the promise has settled. */
  hold<T>(promise: Promise<T>): Promise<T>;
  /** Shows the values of last expressions. */
  presenter(present: (value: unknown) => Promise<void>): void;
}
