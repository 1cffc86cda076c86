import type { TableHistoryEntry } from '@boathouse/contracts';
import type { CommitInfo } from '../actions/types.ts';
import { type LogReader, readCommit } from '../log/read.ts';
import { inCommitTimestamp } from '../snapshot/cache.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { commitTimes } from './times.ts';

/** Newest first, at most `limit`. Reads the commit files one after another and keeps of each only its entry. */
export async function history(
  reader: LogReader,
  snapshot: ReplayedSnapshot,
  limit: number,
): Promise<TableHistoryEntry[]> {
  const times = await commitTimes(reader, snapshot);
  const entries: TableHistoryEntry[] = [];
  for (const { version, key, timestampMs } of times.slice(Math.max(0, times.length - limit)).reverse()) {
    const actions = await readCommit(reader, key);
    const info = actions.find((action) => 'commitInfo' in action)?.commitInfo ?? {};
    entries.push(entryOf(version, inCommitTimestamp(actions) ?? timestampMs, info));
  }
  return entries;
}

const entryOf = (version: number, timestampMs: number, info: CommitInfo): TableHistoryEntry => ({
  version,
  timestampMs,
  operation: info.operation ?? '',
  operationParameters: parameters(info.operationParameters),
  operationMetrics: texts(info.operationMetrics),
  userName: info.userName ?? null,
  engineInfo: info.engineInfo ?? null,
  isBlindAppend: info.isBlindAppend ?? null,
  userId: text(info.userId),
  job: record(info.job),
  notebook: record(info.notebook),
  clusterId: text(info.clusterId),
  readVersion: info.readVersion ?? null,
  isolationLevel: text(info.isolationLevel),
  userMetadata: text(info.userMetadata),
});

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const record = (value: unknown): Record<string, string> | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? texts(Object.fromEntries(Object.entries(value)))
    : null;

const parameters = (values: Record<string, unknown> | undefined): Record<string, string | null> => ({
  ...Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) => (value === null ? [[name, null]] : [])),
  ),
  ...texts(values),
});

/** Spark writes these as texts, other writers as any JSON. */
const texts = (values: Record<string, unknown> | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );
