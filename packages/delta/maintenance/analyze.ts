import { commitChange } from '../commit/commit.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { computeStatistics } from './statistics.ts';
import type { AnalyzeRequest, AnalyzeResult } from './types.ts';

/** Every file is added again with statistics of what is in it: rows, files and deletion vectors stay as they are. */
export async function analyze(room: DeltaRoom, location: string, request: AnalyzeRequest): Promise<AnalyzeResult> {
  const snapshot = await room.cache.current(location);
  const { files } = await prune(snapshot, request.prune ?? []);
  if (!files.length) return { version: null, metrics: { numFiles: 0 } };
  const stats = await computeStatistics(room, request.engine ?? room.reader.engine, snapshot, files);
  const { version } = await commitChange(
    room,
    snapshot,
    {
      operation: 'COMPUTE STATS',
      operationParameters: { predicate: request.prune ?? [] },
      operationMetrics: { numFiles: files.length },
      reads: { kind: 'files', paths: new Set(files.map(({ path }) => path)) },
      adds: files.map((file, index) => ({ ...file, stats: stats[index]!, dataChange: false })),
      dataChange: false,
    },
    request,
  );
  return { version, metrics: { numFiles: files.length } };
}
