import { z } from 'zod';
import { deltaErrors } from '../errors.ts';
import { parseLossless, stringifyLossless } from './json.ts';
import type { Action } from './types.ts';

/**
 * The border of the log: one schema an action. Unknown fields and unknown actions are ignored, as the protocol asks
 * ("Requirements for Readers"); what we read is checked. Writers put NULL for absent fields: `present` drops those first.
 */
const int64 = z.union([z.int(), z.bigint()]);
const text = z.record(z.string(), z.string());
const nullableText = z.record(z.string(), z.string().nullable());

function present(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}

const DeletionVector = z.preprocess(
  present,
  z.object({
    storageType: z.enum(['u', 'i', 'p']),
    pathOrInlineDv: z.string(),
    offset: z.int().optional(),
    sizeInBytes: z.int(),
    cardinality: z.int(),
  }),
);

const AddFile = z.object({
  path: z.string(),
  partitionValues: nullableText.default({}),
  size: z.int(),
  modificationTime: z.int().default(0),
  dataChange: z.boolean(),
  stats: z.string().optional(),
  tags: nullableText.optional(),
  deletionVector: DeletionVector.optional(),
  baseRowId: int64.optional(),
  defaultRowCommitVersion: int64.optional(),
  clusteringProvider: z.string().optional(),
});

const RemoveFile = z.object({
  path: z.string(),
  deletionTimestamp: z.int().optional(),
  dataChange: z.boolean().default(true),
  extendedFileMetadata: z.boolean().optional(),
  partitionValues: nullableText.optional(),
  size: z.int().optional(),
  tags: nullableText.optional(),
  deletionVector: DeletionVector.optional(),
  baseRowId: int64.optional(),
  defaultRowCommitVersion: int64.optional(),
});

const CdcFile = z.object({
  path: z.string(),
  partitionValues: nullableText.default({}),
  size: z.int(),
  dataChange: z.boolean().transform((): false => false),
  tags: nullableText.optional(),
});

const Metadata = z.object({
  id: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  format: z.preprocess(present, z.object({ provider: z.string(), options: text.default({}) })),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()).default([]),
  configuration: text.default({}),
  createdTime: z.int().optional(),
});

const Protocol = z.object({
  minReaderVersion: z.int(),
  minWriterVersion: z.int(),
  readerFeatures: z.array(z.string()).optional(),
  writerFeatures: z.array(z.string()).optional(),
});

const Txn = z.object({ appId: z.string(), version: int64, lastUpdated: z.int().optional() });
const DomainMetadata = z.object({ domain: z.string(), configuration: z.string(), removed: z.boolean() });
const CommitInfo = z.looseObject({
  timestamp: z.int().optional(),
  inCommitTimestamp: z.int().optional(),
  operation: z.string().optional(),
  operationParameters: z.record(z.string(), z.unknown()).optional(),
  operationMetrics: z.record(z.string(), z.unknown()).optional(),
  readVersion: z.int().optional(),
  isolationLevel: z.string().optional(),
  isBlindAppend: z.boolean().optional(),
  userName: z.string().optional(),
  engineInfo: z.string().optional(),
  txnId: z.string().optional(),
});

const kinds = {
  add: AddFile,
  remove: RemoveFile,
  cdc: CdcFile,
  metaData: Metadata,
  protocol: Protocol,
  txn: Txn,
  domainMetadata: DomainMetadata,
  commitInfo: CommitInfo,
} as const;
export type ActionKind = keyof typeof kinds;
export const replayedKinds: readonly ActionKind[] = ['add', 'remove', 'metaData', 'protocol', 'txn', 'domainMetadata'];

/** One action of a known kind. `where` names the file in the error. Throws DELTA_LOG_CORRUPT. */
export function parseAction(kind: ActionKind, value: unknown, where: string): Action {
  const parsed = kinds[kind].safeParse(present(value));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw deltaErrors.corrupt(
      where,
      `its "${kind}" action is wrong at "${issue?.path.join('.') ?? ''}" (${issue?.message ?? 'invalid'})`,
    );
  }
  return { [kind]: parsed.data } as Action;
}

/** Actions of a JSON commit file in their order. Throws DELTA_LOG_CORRUPT naming file and line. */
export function parseCommit(body: string, where: string): Action[] {
  const actions: Action[] = [];
  const single = new Set<string>();
  const lines = body.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = parseLossless(line);
    } catch {
      throw deltaErrors.corrupt(where, `line ${index + 1} is not JSON`);
    }
    if (value === null || typeof value !== 'object')
      throw deltaErrors.corrupt(where, `line ${index + 1} is not an object`);
    for (const [kind, inner] of Object.entries(value)) {
      if (kind === 'metaData' || kind === 'protocol') {
        if (single.has(kind)) throw deltaErrors.duplicateAction(where, kind);
        single.add(kind);
      }
      if (kind in kinds && inner !== null) actions.push(parseAction(kind as ActionKind, inner, where));
    }
  }
  return actions;
}

/** Newline-delimited JSON of a commit. */
export const serializeCommit = (actions: readonly Action[]): string =>
  actions.map((action) => stringifyLossless(action) + '\n').join('');
