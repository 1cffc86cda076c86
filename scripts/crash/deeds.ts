import { randomUUID } from 'node:crypto';
import { type Api, Refused, type RunSeen, type RunStateSeen, sleep } from './api.ts';
import type { Chance } from './random.ts';

/** What somebody asked for, and what they were told of it. */
export interface Deed {
  kind: 'insert' | 'cell' | 'create' | 'load' | 'update';
  runId: string;
  /** Table that it writes, `catalog.schema.name`. */
  table: string;
  /** Rows that it writes, all of them or none. */
  rows: number;
  /** Null: not told yet. `refused`: the server said no before there was a run. */
  told: RunStateSeen | 'refused' | null;
  why: string;
  /** The same request again, with the same run id. */
  ask: () => Promise<unknown>;
}

export const ended = (run: RunSeen | null): run is RunSeen =>
  run !== null && run.state !== 'queued' && run.state !== 'running';

/** Refusals that end by themselves: what was cut off still holds the name, or the pipeline. */
const passing = new Set(['TABLE_BEING_CREATED', 'UPDATE_ALREADY_ACTIVE']);

/** Asks, and asks again with the same id until the end is known or the time is over. True where it is known. */
export async function settle(api: Api, deed: Deed, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  let refusals = 0;
  while (deed.told === null && performance.now() < end) {
    try {
      const run = await api.run(deed.runId);
      if (run === null) await deed.ask();
      else if (ended(run)) {
        deed.told = run.state;
        deed.why = run.error ? `${run.error.code}: ${run.error.message}` : '';
      }
      refusals = 0;
    } catch (error) {
      deed.why = String(error);
      // A request that is wrong stays wrong; anything else may be the crash.
      if (error instanceof Refused && error.status < 500 && !passing.has(error.code) && ++refusals >= 5)
        deed.told = 'refused';
      await sleep(60);
    }
    if (deed.told === null) await sleep(15);
  }
  return deed.told !== null;
}

export const newDeed = (
  deed: Pick<Deed, 'kind' | 'table' | 'rows'>,
  ask: (runId: string) => Promise<unknown>,
): Deed => {
  const runId = randomUUID();
  return { ...deed, runId, told: null, why: '', ask: () => ask(runId) };
};

/** Three rows with the run's own id: they are there together, once, or not at all. */
export const insert = (api: Api, table: string): Deed =>
  newDeed({ kind: 'insert', table, rows: 3 }, (runId) =>
    api.startRun(runId, `insert into ${table} values ${[0, 1, 2].map((part) => `('${runId}', ${part})`).join(', ')}`),
  );

/** The same three rows, written by a TypeScript cell. */
export const cell = (api: Api, table: string, { notebookId, cellId }: { notebookId: string; cellId: string }): Deed =>
  newDeed({ kind: 'cell', table, rows: 3 }, (runId) => {
    const query = `select '${runId}' as id, cast(id as int) as part from range(3)`;
    const text = `await spark.sql("${query}").write.mode("append").saveAsTable("${table}")`;
    return api.request('POST', '/api/2.0/boathouse/runs', { id: runId, notebookId, cellId, text });
  });

export const create = (api: Api, name: string, rows: number): Deed =>
  newDeed({ kind: 'create', table: name, rows }, (runId) =>
    api.startRun(runId, `create table ${name} as select id from range(${rows})`),
  );

/** Sends a file and loads it into a new table. An upload that was cut is sent again with the next try. */
export function load(api: Api, name: string, rows: number): Deed {
  const body = `id,text\n${Array.from({ length: rows }, (_, row) => `${row},some text of row ${row}`).join('\n')}\n`;
  let uploadId: string | null = null;
  return newDeed({ kind: 'load', table: name, rows }, async (runId) => {
    uploadId ??= (
      await api.request<{ uploadId: string }>('POST', '/api/2.0/boathouse/uploads?fileName=crash.csv', body)
    ).uploadId;
    const [catalog, schema, table] = name.split('.');
    await api.request('POST', `/api/2.0/boathouse/uploads/${uploadId}/load`, {
      runId,
      catalog,
      schema,
      table,
      columns: [
        { from: 'id', name: 'id', type: 'bigint' },
        { from: 'text', name: 'text', type: 'string' },
      ],
    });
  });
}

/** One person at work until the signal: each deed is noted before it is asked for. */
export async function work(api: Api, stop: AbortSignal, deeds: Deed[], next: () => Deed, luck: Chance): Promise<void> {
  const pauseMs = luck.between(0, 60);
  while (!stop.aborted) {
    const deed = next();
    deeds.push(deed);
    await deed.ask().catch((error: unknown) => {
      deed.why = String(error);
    });
    while (!stop.aborted && !(await settle(api, deed, 200)));
    await sleep(pauseMs);
  }
}
