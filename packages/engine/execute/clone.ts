import type { PlanBody, TableRead } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import type { Modified } from './modify.ts';
import { type Author, tableWrite } from './write.ts';

type CreateTable = Extract<PlanBody, { kind: 'createTable' }>;
export type CloneSource = NonNullable<CreateTable['clone']>;

/** Runs CREATE TABLE … CLONE: a table of the same rows as another is, or was, in one commit. */
export async function runClone(
  delta: Delta,
  { target, mode }: CreateTable,
  source: CloneSource,
  author: Author,
): Promise<Modified> {
  const { versionAsOf, timestampAsOfMs } = source;
  const read = await readOf(delta, source);
  const { version, metrics } = await delta.clone(source.location, target.location, {
    mode: source.shallow ? 'shallow' : 'deep',
    replace: mode === 'replace',
    ...(versionAsOf === undefined ? {} : { sourceVersion: versionAsOf }),
    ...(timestampAsOfMs === undefined ? {} : { sourceTimestampMs: timestampAsOfMs }),
    properties: source.properties,
    sourceName: source.fullName,
    userName: author.principal,
    runId: author.runId,
    txnId: author.txnId,
  });
  const row = [
    metrics.sourceTableSize,
    metrics.sourceNumOfFiles,
    metrics.numRemovedFiles,
    metrics.numCopiedFiles,
    metrics.removedFilesSize,
    metrics.copiedFilesSize,
  ];
  const answer = { rows: [row.map(String)], reads: [read] };
  if (version === null) return answer;
  return { ...answer, write: await tableWrite(delta, target, version, 'CLONE', 0) };
}

async function readOf(delta: Delta, source: CloneSource): Promise<TableRead> {
  const { tableId, fullName, location, versionAsOf, timestampAsOfMs } = source;
  const snapshot = await delta.snapshot(location, {
    ...(versionAsOf === undefined ? {} : { version: versionAsOf }),
    ...(timestampAsOfMs === undefined ? {} : { timestampMs: timestampAsOfMs }),
  });
  const { numFiles, sizeBytes } = await snapshot.totals();
  return {
    tableId,
    fullName,
    version: snapshot.version,
    filesRead: source.shallow ? 0 : numFiles,
    filesTotal: numFiles,
    bytesRead: source.shallow ? 0 : sizeBytes,
  };
}
