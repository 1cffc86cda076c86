import { z } from 'zod';
import { parseLossless, stringifyLossless } from '../actions/json.ts';
import { parseAction } from '../actions/schemas.ts';
import type { AddFile, DomainMetadata, Metadata, Protocol, Txn } from '../actions/types.ts';
import { SIZE_BINS } from './histogram.ts';
import type { Summary } from './summary.ts';

/** A version as its checksum tells it. Absent lists were too long to be told. */
export interface Checksum {
  summary: Summary;
  metadata: Metadata;
  protocol: Protocol;
  txns: readonly Txn[];
  domains: readonly DomainMetadata[];
  /** Every live file. */
  files?: readonly AddFile[];
  txnId?: string;
  inCommitTimestamp?: number;
}

/** Spark's limits: a checksum is small, or it says less. */
const MOST_TXNS = 100;
const MOST_DOMAINS = 10;
export const MOST_FILES = 50;

/** PROTOCOL.md "Version Checksum File", under Spark's names. One line of JSON. */
export function checksumText(checksum: Checksum): string {
  const { summary, metadata, protocol, txns, domains, files } = checksum;
  const hasVectors = protocol.writerFeatures?.includes('deletionVectors') ?? false;
  // Which transactions are forgotten by then depends on the clock: Spark says nothing of them either.
  const forgets = metadata.configuration['delta.setTransactionRetentionDuration'] !== undefined;
  return `${stringifyLossless({
    ...(checksum.txnId === undefined ? {} : { txnId: checksum.txnId }),
    tableSizeBytes: summary.sizeBytes,
    numFiles: summary.numFiles,
    ...(hasVectors ? { numDeletedRecordsOpt: summary.deletedRows, numDeletionVectorsOpt: summary.vectors } : {}),
    numMetadata: 1,
    numProtocol: 1,
    ...(checksum.inCommitTimestamp === undefined ? {} : { inCommitTimestampOpt: checksum.inCommitTimestamp }),
    ...(forgets || txns.length > MOST_TXNS ? {} : { setTransactions: txns }),
    ...(domains.length > MOST_DOMAINS ? {} : { domainMetadata: domains }),
    metadata,
    protocol,
    fileSizeHistogram: {
      sortedBinBoundaries: SIZE_BINS,
      fileCounts: summary.fileCounts,
      totalBytes: summary.totalBytes,
    },
    ...(hasVectors ? { deletedRecordCountsHistogramOpt: { deletedRecordCounts: summary.deletedCounts } } : {}),
    ...(files && files.length <= MOST_FILES ? { allFiles: files.map((add) => ({ ...add, dataChange: false })) } : {}),
    // Ours alone: others pass over names that they do not know.
    ...(summary.numRows === null ? {} : { 'boathouse.numRows': summary.numRows }),
  })}\n`;
}

/** What is read of a checksum: enough to hold it against a snapshot, and to know its sums. */
export interface ToldChecksum {
  numFiles: number;
  sizeBytes: number;
  numRows: number | null;
  metadata: Metadata | null;
  protocol: Protocol | null;
}

const Told = z.object({
  tableSizeBytes: z.int().nonnegative(),
  numFiles: z.int().nonnegative(),
  metadata: z.unknown(),
  protocol: z.unknown(),
  'boathouse.numRows': z.int().nonnegative().nullish(),
});

/** Throws where the text is no checksum. `where` names the file. */
export function parseChecksum(text: string, where: string): ToldChecksum {
  const told = Told.parse(parseLossless(text));
  const metadata = told.metadata ? parseAction('metaData', told.metadata, where) : null;
  const protocol = told.protocol ? parseAction('protocol', told.protocol, where) : null;
  return {
    numFiles: told.numFiles,
    sizeBytes: told.tableSizeBytes,
    numRows: told['boathouse.numRows'] ?? null,
    metadata: metadata && 'metaData' in metadata ? metadata.metaData : null,
    protocol: protocol && 'protocol' in protocol ? protocol.protocol : null,
  };
}
