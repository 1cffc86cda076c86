import type { TableAlteration } from '@boathouse/contracts';
import type { Action, DomainMetadata, Metadata } from '../actions/types.ts';
import { removeOf } from '../commit/actions.ts';
import { commitChange } from '../commit/commit.ts';
import { listLog, readCommits } from '../log/read.ts';
import { reorg } from '../maintenance/reorg.ts';
import { commitOrDiscard } from '../maintenance/rewrite.ts';
import { featureName, features } from '../protocol/features.ts';
import { featuresOf, protocolOf, withoutFeature } from '../protocol/protocol.ts';
import type { DeltaRoom } from '../room.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { constraintsOf, defaultOf } from '../schema/expressions.ts';
import { MAX_COLUMN_ID, withoutMapping } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { withoutTypeChanges } from '../schema/widening.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { writeFiles, writerOf } from '../write/files.ts';
import { metadataWith, shapeOf, shapeWith } from '../write/shape.ts';
import { CLUSTERING, clusteringFields } from './clustering.ts';
import { alterErrors } from './errors.ts';
import type { AlterRequest } from './types.ts';

/** What is left to do before a feature can go. */
interface Removal {
  /** Properties that turn the feature on, or belong to it. */
  properties?: readonly string[];
  /** Why it cannot go yet, or null. */
  stays?: (snapshot: ReplayedSnapshot) => string | null;
  /** Fields without what the feature keeps in them; files are written anew where that changes what they hold. */
  fields?: (snapshot: ReplayedSnapshot) => DeltaField[];
  purgesVectors?: boolean;
  domain?: string;
  /** Whether an action of an older version needs the feature of its readers. */
  trace?: (action: Action) => boolean;
}

const configurationHas = (action: Action, name: string, off: string): boolean =>
  'metaData' in action && (action.metaData.configuration[name] ?? off).toLowerCase() !== off;

const removals: Readonly<Record<string, Removal>> = {
  deletionVectors: {
    properties: ['delta.enableDeletionVectors'],
    purgesVectors: true,
    trace: (action) =>
      ('add' in action && action.add.deletionVector !== undefined) ||
      ('remove' in action && action.remove.deletionVector !== undefined),
  },
  columnMapping: {
    properties: ['delta.columnMapping.mode', MAX_COLUMN_ID],
    fields: ({ fields }) => withoutMapping(fields),
    trace: (action) => configurationHas(action, 'delta.columnMapping.mode', 'none'),
  },
  typeWidening: {
    properties: ['delta.enableTypeWidening'],
    fields: ({ fields }) => withoutTypeChanges(fields),
    trace: (action) => 'metaData' in action && action.metaData.schemaString.includes('delta.typeChanges'),
  },
  v2Checkpoint: {
    properties: ['delta.checkpointPolicy'],
    trace: (action) => configurationHas(action, 'delta.checkpointPolicy', 'classic'),
  },
  vacuumProtocolCheck: {},
  inCommitTimestamp: {
    properties: [
      'delta.enableInCommitTimestamps',
      'delta.inCommitTimestampEnablementVersion',
      'delta.inCommitTimestampEnablementTimestamp',
    ],
  },
  rowTracking: {
    properties: [
      'delta.enableRowTracking',
      'delta.rowTrackingSuspended',
      'delta.rowTracking.materializedRowIdColumnName',
      'delta.rowTracking.materializedRowCommitVersionColumnName',
    ],
    domain: 'delta.rowTracking',
  },
  checkConstraints: {
    stays: ({ metadata }) => {
      const names = constraintsOf(metadata.configuration).map(({ name }) => name);
      return names.length ? `the table has the constraints ${names.join(', ')}; drop them first` : null;
    },
  },
  allowColumnDefaults: {
    stays: ({ fields }) => {
      const names = fields.filter((field) => defaultOf(field) !== null).map(({ name }) => name);
      return names.length ? `the columns ${names.join(', ')} have a DEFAULT; drop those first` : null;
    },
  },
  clustering: {
    stays: (snapshot) =>
      clusteringFields(snapshot.domain(CLUSTERING), snapshot.fields, snapshot.metadata.configuration).length
        ? 'the table is clustered; run ALTER TABLE … CLUSTER BY NONE first'
        : null,
    domain: CLUSTERING,
  },
  icebergCompatV1: { properties: ['delta.enableIcebergCompatV1'] },
  icebergCompatV2: { properties: ['delta.enableIcebergCompatV2'] },
  checkpointProtection: { properties: ['delta.requireCheckpointProtectionBeforeVersion'] },
};

type Change = Extract<TableAlteration, { kind: 'dropFeature' }>;

/**
 * ALTER TABLE … DROP FEATURE: what the feature left in the table goes first, then the feature itself. Older versions may
 * still need it of their readers: they stay protected by `checkpointProtection`, or with TRUNCATE HISTORY must be gone.
 */
export async function dropFeature(
  room: DeltaRoom,
  location: string,
  change: Change,
  request: AlterRequest,
): Promise<{ version: number }> {
  const name = featureName(change.feature) ?? change.feature;
  let snapshot = await room.cache.current(location);
  const present = featuresOf(snapshot.protocol);
  if (!present.has(name)) throw alterErrors.featureMissing(name);
  const removal = removals[name];
  if (!removal) throw alterErrors.featureStays(name, 'no engine can take it out of a table');
  const dependents = [...present].filter((one) => features[one]?.requires.includes(name));
  if (dependents.length) throw alterErrors.featureNeeded(name, dependents);
  const why = removal.stays?.(snapshot) ?? null;
  if (why !== null) throw alterErrors.featureStays(name, why);

  if (removal.purgesVectors) {
    await turnOff(room, snapshot, removal, request);
    await reorg(room, location, { ...request, txnId: undefined });
  } else if (removal.fields) await rewriteAll(room, snapshot, removal, request);
  snapshot = await room.cache.current(location);

  const isTraced = features[name]?.side === 'reader' && (await hasTraces(room, location, removal));
  if (isTraced && change.truncateHistory) {
    const retention = snapshot.metadata.configuration['delta.logRetentionDuration'] ?? 'interval 30 days';
    throw alterErrors.featureInHistory(name, retention);
  }
  return dropNow(room, snapshot, name, removal, isTraced, change, request);
}

const without = (metadata: Metadata, names: readonly string[]): Metadata => ({
  ...metadata,
  configuration: Object.fromEntries(Object.entries(metadata.configuration).filter(([key]) => !names.includes(key))),
});

async function turnOff(room: DeltaRoom, snapshot: ReplayedSnapshot, removal: Removal, request: AlterRequest) {
  const names = removal.properties ?? [];
  if (!names.some((name) => name in snapshot.metadata.configuration)) return;
  await commitChange(
    room,
    snapshot,
    {
      operation: 'UNSET TBLPROPERTIES',
      operationParameters: { properties: JSON.stringify(names), ifExists: 'true' },
      operationMetrics: {},
      reads: { kind: 'table' },
      metadata: without(snapshot.metadata, names),
    },
    { ...request, txnId: undefined },
  );
}

/** Writes every row anew under a schema without the feature, in the commit that changes the schema. */
async function rewriteAll(room: DeltaRoom, snapshot: ReplayedSnapshot, removal: Removal, request: AlterRequest) {
  const fields = removal.fields?.(snapshot) ?? [...snapshot.fields];
  const metadata = metadataWith(without(snapshot.metadata, removal.properties ?? []), fields);
  const needsFiles = JSON.stringify(fields) !== JSON.stringify(snapshot.fields);
  const files = needsFiles ? await snapshot.files() : [];
  const names = fields.map((field) => field.name);
  const written = files.length
    ? await writeFiles(
        writerOf(room, request.engine),
        shapeWith(shapeOf(snapshot), { fields, metadata }),
        await relation(scanOf(room), snapshot, files, names),
        { check: false, fill: false },
      )
    : { adds: [] };
  const timestamp = room.clock();
  await commitOrDiscard(
    room,
    snapshot,
    {
      operation: 'REORG',
      operationParameters: { predicate: [], applyPurge: 'false' },
      operationMetrics: { numAddedFiles: written.adds.length, numRemovedFiles: files.length },
      // Rows that others add meanwhile lie in files of the old form: they disturb it, though no row changes.
      reads: { kind: 'table' },
      metadata,
      adds: written.adds.map((add) => ({ ...add, dataChange: false })),
      removes: files.map((file) => ({ ...removeOf(file, timestamp), dataChange: false })),
    },
    { ...request, txnId: undefined },
  );
}

/** Whether a commit that is still there needs the feature of its readers. */
async function hasTraces(room: DeltaRoom, location: string, removal: Removal): Promise<boolean> {
  const files = await listLog(room.reader, location, 0);
  if (!removal.trace) return true;
  const commits = files.flatMap(({ key, file }) => (file.kind === 'commit' ? [{ version: file.version, key }] : []));
  for await (const { actions } of readCommits(room.reader, commits))
    if (actions.some((action) => removal.trace?.(action))) return true;
  return files.some(({ file }) => file.kind !== 'commit');
}

async function dropNow(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  name: string,
  removal: Removal,
  isTraced: boolean,
  change: Change,
  request: AlterRequest,
): Promise<{ version: number }> {
  const plain = withoutFeature(snapshot.protocol, name);
  const protocol = isTraced
    ? protocolOf(new Set([...featuresOf(plain), 'checkpointProtection']), plain.readerFeatures ?? [])
    : plain;
  const metadata = without(snapshot.metadata, removal.properties ?? []);
  const protectedBefore = { 'delta.requireCheckpointProtectionBeforeVersion': String(snapshot.version + 1) };
  const configuration = { ...metadata.configuration, ...(isTraced ? protectedBefore : {}) };
  const domain = removal.domain === undefined ? null : snapshot.domain(removal.domain);
  const domains: DomainMetadata[] =
    removal.domain === undefined || domain === null
      ? []
      : [{ domain: removal.domain, configuration: domain, removed: true }];
  const { version } = await commitChange(
    room,
    snapshot,
    {
      operation: 'DROP FEATURE',
      operationParameters: { featureName: name, truncateHistory: String(change.truncateHistory) },
      operationMetrics: {},
      reads: { kind: 'table' },
      metadata: { ...metadata, configuration },
      protocol,
      domains,
    },
    request,
  );
  return { version };
}
