import { type ApiRunOutput, type ObjectStore, type Principal, type RunEventRow, userError } from '@boathouse/contracts';
import { decodeRows, readWindow } from '@boathouse/engine/results';
import { expired } from '../results/index.ts';
import type { RunRecord, RunService } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { readAttempts } from './attempts.ts';
import type { TaskRow } from './rows.ts';

export interface OutputDoors {
  base: Pick<BaseServices, 'pool' | 'store'>;
  runs: RunService;
}

type NotebookOutput = NonNullable<ApiRunOutput['notebook_output']>;

const MAX_ROWS = 1000;
/** Databricks' own limit is 5 MB. */
const MAX_TEXT = 5_000_000;
const LOG_PAGE = 1000;

/** What a notebook task gave: rows of the last result as JSON, else what its last cell printed; or its error. */
export async function taskOutput(
  { base, runs }: OutputDoors,
  principal: Principal,
  workspaceId: string,
  task: TaskRow,
): Promise<Pick<ApiRunOutput, 'notebook_output' | 'error'>> {
  const error = task.state === 'succeeded' || task.stateMessage === '' ? {} : { error: task.stateMessage };
  const attempt = (await readAttempts(base.pool, [task.id])).at(-1);
  for (const cell of [...(attempt?.snapshot?.cells ?? [])].reverse()) {
    const run = cell.runId === null ? null : await runs.get(workspaceId, cell.runId);
    const output = run && (await outputOf({ base, runs }, principal, run));
    if (output) return { notebook_output: output, ...error };
  }
  return { notebook_output: { truncated: false }, ...error };
}

async function outputOf(
  { base, runs }: OutputDoors,
  principal: Principal,
  run: RunRecord,
): Promise<NotebookOutput | null> {
  const withheld = await runs.withheld(principal, run);
  if (withheld) throw userError('PERMISSION_DENIED', withheld.message, { status: 403 });
  if (run.result && run.result.columns.length > 0) return rowsText(base.store, run.result);
  const printed: string[] = [];
  for (let rows: RunEventRow[] = [], after = 0; ; after = rows.at(-1)!.seq) {
    rows = await runs.runStore.events(run.id, after, LOG_PAGE);
    for (const { event } of rows) if (event.type === 'stream' && event.name === 'stdout') printed.push(event.text);
    if (rows.length < LOG_PAGE) break;
  }
  const text = printed.join('');
  return text === '' ? null : { result: text.slice(0, MAX_TEXT), truncated: text.length > MAX_TEXT };
}

async function rowsText(store: ObjectStore, manifest: NonNullable<RunRecord['result']>): Promise<NotebookOutput> {
  const window = await readWindow(store, manifest, 0, MAX_ROWS).catch(expired);
  const { rows } = decodeRows(window.bytes);
  const lines: string[] = [];
  let size = 2;
  for (const row of rows.slice(0, MAX_ROWS)) {
    const line = JSON.stringify(Object.fromEntries(manifest.columns.map((column, index) => [column.name, row[index]])));
    size += line.length + 1;
    if (size > MAX_TEXT) break;
    lines.push(line);
  }
  return { result: `[${lines.join(',')}]`, truncated: manifest.truncated || lines.length < manifest.rowCount };
}
