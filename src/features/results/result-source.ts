import { RESULT_OFFSET_HEADER, type ResultManifest, readRunResult } from '@boathouse/contracts';
import { type Table, tableFromIPC } from 'apache-arrow';
import { errorOf, urlOf } from '@/lib/api';

/** Rows `offset … offset + rows` of a result, decoded lazily: Arrow keeps the bytes, cells are read when they show. */
export interface ResultWindow {
  offset: number;
  rows: number;
  table: Table;
}

/**
 * Windows of one stored result. The server sends whole record batches around what is asked for; windows are kept, the
 * least recently used dropped, so that a million rows scroll in bounded memory.
 */
export class ResultSource {
  readonly runId: string;
  readonly manifest: ResultManifest;
  private readonly windows: ResultWindow[] = [];
  private readonly pending = new Map<number, { request: Promise<void>; signal: AbortSignal | undefined }>();
  private readonly maxWindows = 12;

  constructor(runId: string, manifest: ResultManifest, firstPage?: Uint8Array) {
    this.runId = runId;
    this.manifest = manifest;
    if (firstPage) this.keep(0, tableFromIPC(firstPage));
  }

  private keep(offset: number, table: Table): void {
    this.windows.push({ offset, rows: table.numRows, table });
    if (this.windows.length > this.maxWindows) this.windows.shift();
  }

  /** The window that holds the row, if it is here already. */
  windowOf(row: number): ResultWindow | undefined {
    const index = this.windows.findLastIndex((window) => row >= window.offset && row < window.offset + window.rows);
    if (index < 0) return undefined;
    const window = this.windows[index]!;
    if (index !== this.windows.length - 1) {
      this.windows.splice(index, 1);
      this.windows.push(window);
    }
    return window;
  }

  /** The batch that holds the row: asking for its beginning gives exactly one window. */
  private batchStart(row: number): number {
    const batches = this.manifest.batches;
    let low = 0;
    let high = batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (batches[middle]!.rowOffset <= row) low = middle;
      else high = middle - 1;
    }
    return batches[low]?.rowOffset ?? 0;
  }

  /** Fetches what is missing between two rows (end exclusive). Throws BoathouseError. */
  async load(from: number, to: number, signal?: AbortSignal): Promise<void> {
    const last = Math.min(to, this.manifest.rowCount);
    for (let row = Math.max(0, from); row < last; ) {
      const window = this.windowOf(row);
      if (window) {
        row = window.offset + window.rows;
        continue;
      }
      const start = this.batchStart(row);
      let asked = this.pending.get(start);
      // A request that somebody else gave up brings nothing for us.
      if (!asked || asked.signal?.aborted) {
        const mine = { request: this.fetch(row, signal), signal };
        const forget = () => {
          if (this.pending.get(start) === mine) this.pending.delete(start);
        };
        mine.request.then(forget, forget);
        this.pending.set(start, mine);
        asked = mine;
      }
      try {
        await asked.request;
      } catch (error) {
        // Who asked has given it up while we waited for it too.
        if (asked.signal?.aborted && !signal?.aborted) continue;
        throw error;
      }
      if (!this.windowOf(row)) return; // the answer was shorter than the manifest says: nothing more to wait for
    }
  }

  private async fetch(row: number, signal?: AbortSignal): Promise<void> {
    const url = urlOf(readRunResult, { id: this.runId }, { offset: row, rows: 1, hash: this.manifest.hash });
    const response = await fetch(url, { credentials: 'same-origin', ...(signal ? { signal } : {}) });
    if (!response.ok) throw await errorOf(response);
    const offset = Number(response.headers.get(RESULT_OFFSET_HEADER) ?? 0);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    this.keep(offset, table);
  }

  /** Value of a cell, or undefined where its window is not here yet. */
  value(row: number, column: number): unknown {
    const window = this.windowOf(row);
    if (!window) return undefined;
    return window.table.getChildAt(column)?.get(row - window.offset) ?? null;
  }
}

const shared = new Map<string, WeakRef<ResultSource>>();
const gone = new FinalizationRegistry<string>((key) => {
  if (!shared.get(key)?.deref()) shared.delete(key);
});

/**
 * The one source of a result: its grid and its chart read the same windows, also where one takes the other's place. It lives
 * as long as somebody holds it.
 */
export function resultSource(runId: string, manifest: ResultManifest, firstPage?: Uint8Array): ResultSource {
  const key = `${runId} ${manifest.hash}`;
  const known = shared.get(key)?.deref();
  if (known) return known;
  const source = new ResultSource(runId, manifest, firstPage);
  shared.set(key, new WeakRef(source));
  gone.register(source, key);
  return source;
}
