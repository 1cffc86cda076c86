import { protocolErrors } from './errors.ts';

/** What a table property takes; a text says why it is wrong, null that it is right. */
type Rule = (value: string, name: string) => string | null;

const boolean: Rule = (value) => (/^(true|false)$/i.test(value) ? null : 'needs to be a boolean');
const integer =
  (minimum: number): Rule =>
  (value) =>
    /^-?\d{1,9}$/.test(value) && Number(value) >= minimum ? null : `needs to be an integer of at least ${minimum}`;
const oneOf =
  (...values: string[]): Rule =>
  (value) =>
    values.includes(value) ? null : `needs to be one of ${values.join(', ')}`;
const anything: Rule = () => null;
const interval: Rule = (value, name) => {
  if (intervalMs(value) === null) throw protocolErrors.badInterval(name, value);
  return null;
};
/** Kept, but what it asks for is not done here: only the value that asks for nothing is taken. */
const only =
  (...values: string[]): Rule =>
  (value) =>
    values.includes(value.toLowerCase()) ? null : `is not supported by this engine (only ${values.join(', ')})`;

/**
 * Table properties that Spark knows, with the values that we honour. Any other `delta.…` name is refused, because a property
 * that is kept but not obeyed promises something false. Names without that prefix are the user's own.
 */
const known: Readonly<Record<string, Rule>> = {
  'delta.appendOnly': boolean,
  'delta.autoOptimize': boolean,
  'delta.autoOptimize.autoCompact': anything,
  'delta.autoOptimize.optimizeWrite': anything,
  'delta.checkpoint.writeStatsAsJson': boolean,
  'delta.checkpoint.writeStatsAsStruct': boolean,
  'delta.checkpointInterval': integer(1),
  'delta.checkpointPolicy': oneOf('classic', 'v2'),
  'delta.checkpointRetentionDuration': interval,
  'delta.columnMapping.mode': oneOf('none', 'name', 'id'),
  'delta.compatibility.symlinkFormatManifest.enabled': only('false'),
  'delta.dataSkippingNumIndexedCols': integer(-1),
  'delta.dataSkippingStatsColumns': anything,
  'delta.deletedFileRetentionDuration': interval,
  'delta.dropFeatureTruncateHistory.retentionDuration': interval,
  'delta.enableChangeDataFeed': boolean,
  'delta.enableDeletionVectors': boolean,
  'delta.enableExpiredLogCleanup': boolean,
  'delta.enableFullRetentionRollback': boolean,
  'delta.enableIcebergCompatV1': boolean,
  'delta.enableIcebergCompatV2': boolean,
  'delta.enableInCommitTimestamps': boolean,
  'delta.enableRowTracking': boolean,
  'delta.enableTypeWidening': boolean,
  'delta.enableVariantShredding': boolean,
  'delta.isolationLevel': oneOf('Serializable', 'WriteSerializable', 'SnapshotIsolation'),
  'delta.logRetentionDuration': interval,
  'delta.parquet.compression.codec': oneOf('zstd', 'snappy', 'gzip', 'lz4_raw', 'brotli', 'uncompressed'),
  'delta.randomizeFilePrefixes': boolean,
  'delta.randomPrefixLength': integer(1),
  'delta.rowTrackingSuspended': boolean,
  'delta.sampleRetentionDuration': interval,
  'delta.setTransactionRetentionDuration': interval,
  'delta.targetFileSize': (value) =>
    /^\d+\s*([kmgt]i?)?b?$/i.test(value.trim()) ? null : 'needs to be a size in bytes, such as 128mb',
  'delta.tuneFileSizesForRewrites': boolean,
  'delta.universalFormat.enabledFormats': only(''),
};

/** Properties that the engine writes itself; a copy of a table (CREATE … LIKE, clone) may carry them. */
const internal = new Set([
  'delta.columnMapping.maxColumnId',
  'delta.inCommitTimestampEnablementVersion',
  'delta.inCommitTimestampEnablementTimestamp',
  'delta.rowTracking.materializedRowIdColumnName',
  'delta.rowTracking.materializedRowCommitVersionColumnName',
  'delta.requireCheckpointProtectionBeforeVersion',
]);

const canonicalNames = new Map([...Object.keys(known), ...internal].map((name) => [name.toLowerCase(), name]));

/** The spelling of a property's name as Delta keeps it. */
export const propertyName = (name: string): string => canonicalNames.get(name.toLowerCase()) ?? name;

/**
 * Properties as a user may set them, in Delta's spelling. Throws DELTA_UNKNOWN_CONFIGURATION, UNSUPPORTED_TABLE_CHANGE,
 * DELTA_INVALID_INTERVAL, DELTA_CANNOT_MODIFY_TABLE_PROPERTY.
 */
export function configurationOf(properties: Readonly<Record<string, string>>): Record<string, string> {
  const configuration: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    const lower = name.toLowerCase();
    if (!lower.startsWith('delta.') || lower.startsWith('delta.constraints.')) {
      configuration[name] = value;
      continue;
    }
    const canonical = propertyName(name);
    if (internal.has(canonical)) throw protocolErrors.internalProperty(canonical);
    const rule = known[canonical];
    if (!rule) throw protocolErrors.unknownProperty(name);
    const wrong = rule(value, canonical);
    if (wrong !== null) throw protocolErrors.badProperty(canonical, value, wrong);
    // Everybody who asks compares with the lower-case words.
    configuration[canonical] = rule === boolean ? value.toLowerCase() : value;
  }
  return configuration;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  microsecond: 1e-3,
  millisecond: 1,
  second: 1e3,
  minute: 6e4,
  hour: 36e5,
  day: 864e5,
  week: 6048e5,
};

/** Milliseconds of `interval 1 week 2 days` (the word may be missing); null for other texts, months and years among them. */
export function intervalMs(text: string): number | null {
  const parts = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, '');
  if (!/^(\d+(\.\d+)?\s+[a-z]+\s*)+$/.test(`${parts} `)) return null;
  let total = 0;
  for (const [, count, unit] of parts.matchAll(/(\d+(?:\.\d+)?)\s+([a-z]+)/g)) {
    const ms = UNIT_MS[unit!.replace(/s$/, '')];
    if (ms === undefined) return null;
    total += Number(count) * ms;
  }
  return total;
}

/** Milliseconds of a retention property such as `interval 30 days`. */
export const retentionMs = (
  configuration: Readonly<Record<string, string>>,
  name: string,
  fallbackMs: number,
): number => intervalMs(configuration[name] ?? '') ?? fallbackMs;
