import { invariant } from '@boathouse/contracts';
import type { Action, AddFile, DomainMetadata, Metadata, Protocol } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { writerFeatures } from '../protocol/check.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { CommitProvenance } from '../types.ts';
import { commitInfoOf } from './actions.ts';
import type { Change } from './change.ts';
import { type Isolation, isBlindAppend } from './conflict.ts';

/** The table that a commit is put on top of; null for version 0. */
export interface Base {
  version: number;
  timestampMs: number;
  protocol: Protocol;
  metadata: Pick<Metadata, 'configuration'>;
  domain(name: string): string | null;
}

export interface Assembly {
  location: string;
  change: Change;
  base: Base | null;
  provenance: Partial<CommitProvenance>;
  isolation: Isolation;
  txnId: string;
  /** Milliseconds: now. */
  timestamp: number;
}

const IN_COMMIT_TIMESTAMPS = 'delta.enableInCommitTimestamps';

/** Pure: the actions of a commit in their order, with everything that depends on its version. */
export function assemble(assembly: Assembly): Action[] {
  const { change, base, provenance, txnId, timestamp } = assembly;
  const version = base ? base.version + 1 : 0;
  const protocol = change.protocol ?? base?.protocol;
  invariant(protocol, 'a first commit has a protocol');
  const configuration = change.metadata?.configuration ?? base?.metadata.configuration ?? {};
  const hasTime = configuration[IN_COMMIT_TIMESTAMPS] === 'true';
  const inCommitTimestamp = hasTime ? Math.max(timestamp, base ? base.timestampMs + 1 : timestamp) : null;
  const tracked = trackRows(assembly, protocol, version);
  const metadata = change.metadata && withEnablement(change.metadata, base, version, inCommitTimestamp);
  return [
    commitInfoOf({
      operation: change.operation,
      parameters: { ...change.operationParameters, ...provenance.operationParameters },
      metrics: Object.fromEntries(
        Object.entries(change.operationMetrics).map(([name, value]) => [name, String(value)]),
      ),
      provenance,
      txnId,
      timestamp,
      inCommitTimestamp,
      readVersion: base ? base.version : null,
      blindAppend: isBlindAppend(change),
      isolation: assembly.isolation,
    }),
    ...(change.protocol ? [{ protocol: change.protocol }] : []),
    ...(metadata ? [{ metaData: metadata }] : []),
    ...(change.txn ? [{ txn: { ...change.txn, lastUpdated: timestamp } }] : []),
    ...[...(change.domains ?? []), ...tracked.domains].map((domainMetadata) => ({ domainMetadata })),
    ...(change.removes ?? []).map((remove) => ({ remove })),
    ...tracked.adds.map((add) => ({ add })),
    ...(change.cdcs ?? []).map((cdc) => ({ cdc })),
  ];
}

/** PROTOCOL.md "In-Commit Timestamps": a table that gets them later says from which version and time on. */
function withEnablement(
  metadata: Metadata,
  base: Base | null,
  version: number,
  inCommitTimestamp: number | null,
): Metadata {
  if (inCommitTimestamp === null || !base || base.metadata.configuration[IN_COMMIT_TIMESTAMPS] === 'true')
    return metadata;
  return {
    ...metadata,
    configuration: {
      ...metadata.configuration,
      'delta.inCommitTimestampEnablementVersion': String(version),
      'delta.inCommitTimestampEnablementTimestamp': String(inCommitTimestamp),
    },
  };
}

const ROW_TRACKING = 'delta.rowTracking';

/**
 * PROTOCOL.md "Row Tracking": every add gets ids for its rows from the high-water mark on, and the version as that of its rows,
 * unless it keeps those that it had. The mark goes up in the same commit.
 */
function trackRows(
  { change, base, location }: Assembly,
  protocol: Protocol,
  version: number,
): { adds: readonly AddFile[]; domains: DomainMetadata[] } {
  const adds = change.adds ?? [];
  if (!adds.length || !writerFeatures(protocol).includes('rowTracking')) return { adds, domains: [] };
  const before = highWaterMark(base?.domain(ROW_TRACKING) ?? null);
  let mark = before;
  const tracked = adds.map((add): AddFile => {
    const defaultRowCommitVersion = add.defaultRowCommitVersion ?? version;
    if (add.baseRowId !== undefined) return { ...add, defaultRowCommitVersion };
    const { numRecords } = fileStats(add);
    if (numRecords === null) throw deltaErrors.rowsUncounted(location, add.path);
    const baseRowId = mark + 1n;
    mark += BigInt(numRecords);
    return { ...add, baseRowId: exact(baseRowId), defaultRowCommitVersion };
  });
  const domain = { domain: ROW_TRACKING, configuration: `{"rowIdHighWaterMark":${mark}}`, removed: false };
  return { adds: tracked, domains: mark === before ? [] : [domain] };
}

const exact = (value: bigint): number | bigint => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);

function highWaterMark(configuration: string | null): bigint {
  const found = /"rowIdHighWaterMark"\s*:\s*(-?\d+)/.exec(configuration ?? '');
  return found ? BigInt(found[1]!) : -1n;
}
