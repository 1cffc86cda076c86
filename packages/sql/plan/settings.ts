import { fail, type Range } from '../analyse/errors.ts';

/** INSERT and MERGE add columns that the table lacks. */
export const autoMerge = 'spark.databricks.delta.schema.autoMerge.enabled';

/** What a value of a setting must be; a list: one of these, compared without case. */
type Kind = 'boolean' | 'int' | 'positive' | 'bytes' | 'text' | readonly string[];

interface Setting {
  /** Shown where the session sets nothing. */
  value: string;
  kind: Kind;
  /** The values under which answers stay what they are; another one is refused. Absent: the setting changes no answer. */
  only?: readonly string[];
}

const on: Setting = { value: 'true', kind: 'boolean' };
const off: Setting = { value: 'false', kind: 'boolean' };
const fixed = (value: string, kind: Kind = 'boolean'): Setting => ({ value, kind, only: [value] });
const bytes = (value: string): Setting => ({ value, kind: 'bytes' });

/** Settings that people of Spark know, by their exact key. What is not here and begins with `spark.` is refused by name. */
const settings: Record<string, Setting> = {
  'spark.sql.ansi.enabled': fixed('true'),
  'spark.sql.caseSensitive': fixed('false'),
  'spark.sql.crossJoin.enabled': fixed('true'),
  'spark.sql.storeAssignmentPolicy': fixed('ANSI', ['ANSI', 'LEGACY', 'STRICT']),
  'spark.sql.mapKeyDedupPolicy': fixed('EXCEPTION', ['EXCEPTION', 'LAST_WIN']),
  'spark.sql.legacy.timeParserPolicy': fixed('CORRECTED', ['CORRECTED', 'EXCEPTION', 'LEGACY']),
  'spark.sql.timestampType': fixed('TIMESTAMP_LTZ', ['TIMESTAMP_LTZ', 'TIMESTAMP_NTZ']),
  'spark.sql.ansi.doubleQuotedIdentifiers': fixed('false'),
  'spark.sql.ansi.enforceReservedKeywords': fixed('false'),
  'spark.sql.groupByOrdinal': fixed('true'),
  'spark.sql.orderByOrdinal': fixed('true'),
  'spark.sql.groupByAliases': fixed('true'),
  'spark.sql.decimalOperations.allowPrecisionLoss': fixed('true'),
  'spark.sql.parser.escapedStringLiterals': fixed('false'),
  'spark.sql.legacy.setopsPrecedence.enabled': fixed('false'),
  'spark.sql.scripting.enabled': fixed('true'),
  'spark.sql.variable.substitute': on,
  'spark.sql.timeType.enabled': { value: 'false', kind: 'boolean' },
  'spark.sql.sources.default': fixed('delta', 'text'),
  'spark.sql.sources.partitionOverwriteMode': { value: 'STATIC', kind: ['STATIC', 'DYNAMIC'] },
  [autoMerge]: off,
  'spark.sql.shuffle.partitions': { value: '200', kind: 'positive' },
  'spark.default.parallelism': { value: '', kind: 'int' },
  'spark.sql.autoBroadcastJoinThreshold': bytes('10485760b'),
  'spark.sql.adaptive.autoBroadcastJoinThreshold': bytes('10485760b'),
  'spark.sql.broadcastTimeout': { value: '300', kind: 'int' },
  'spark.sql.adaptive.enabled': on,
  'spark.sql.adaptive.coalescePartitions.enabled': on,
  'spark.sql.adaptive.skewJoin.enabled': on,
  'spark.sql.adaptive.localShuffleReader.enabled': on,
  'spark.sql.adaptive.advisoryPartitionSizeInBytes': bytes('67108864b'),
  'spark.sql.cbo.enabled': off,
  'spark.sql.cbo.joinReorder.enabled': off,
  'spark.sql.codegen.wholeStage': on,
  'spark.sql.execution.arrow.pyspark.enabled': off,
  'spark.sql.execution.arrow.maxRecordsPerBatch': { value: '10000', kind: 'int' },
  'spark.sql.files.maxPartitionBytes': bytes('134217728b'),
  'spark.sql.files.openCostInBytes': bytes('4194304'),
  'spark.sql.files.maxRecordsPerFile': { value: '0', kind: 'int' },
  'spark.sql.inMemoryColumnarStorage.compressed': on,
  'spark.sql.inMemoryColumnarStorage.batchSize': { value: '10000', kind: 'int' },
  'spark.sql.join.preferSortMergeJoin': on,
  'spark.sql.leafNodeDefaultParallelism': { value: '', kind: 'positive' },
  'spark.sql.optimizer.dynamicPartitionPruning.enabled': on,
  'spark.sql.optimizer.maxIterations': { value: '100', kind: 'int' },
  'spark.sql.parquet.filterPushdown': on,
  'spark.sql.parquet.enableVectorizedReader': on,
  'spark.sql.parquet.compression.codec': { value: 'zstd', kind: 'text' },
  'spark.sql.sources.parallelPartitionDiscovery.threshold': { value: '32', kind: 'int' },
  'spark.sql.statistics.histogram.enabled': off,
  'spark.databricks.adaptive.autoOptimizeShuffle.enabled': off,
  'spark.databricks.delta.autoCompact.enabled': off,
  'spark.databricks.delta.optimizeWrite.enabled': off,
  'spark.databricks.delta.snapshotPartitions': { value: '50', kind: 'positive' },
  'spark.databricks.io.cache.enabled': off,
  'spark.databricks.photon.enabled': off,
};

/** Set when Spark starts: never by a session. */
const statics: ReadonlySet<string> = new Set([
  'spark.sql.warehouse.dir',
  'spark.sql.extensions',
  'spark.sql.catalogImplementation',
  'spark.sql.globalTempDatabase',
  'spark.sql.streaming.ui.enabled',
  'spark.sql.hive.metastore.version',
  'spark.sql.hive.metastore.jars',
  'spark.sql.event.truncate.length',
  'spark.sql.session.localRelationCacheThreshold',
  'spark.sql.sources.schemaStringLengthThreshold',
]);

/** Of the cluster, not of a session. */
const ofCluster =
  /^spark\.(executor|driver|memory|master|app|submit|kryo|rpc|eventLog|history|ui|jars|yarn|kubernetes)\b/;

const find = (key: string): Setting | undefined => (Object.hasOwn(settings, key) ? settings[key] : undefined);

/** The value of a setting in a session: what was set, else the default; undefined where nobody has set it. */
export const settingOf = (session: { settings: Record<string, string> }, key: string): string | undefined =>
  session.settings[key] ?? find(key)?.value;

/** What SET key shows. A key of Spark that is not here may have a value there: refused. */
export function shownSetting(
  session: { settings: Record<string, string> },
  key: string,
  range: Range,
): string | undefined {
  const value = settingOf(session, key);
  if (value === undefined && key.toLowerCase().startsWith('spark.')) throw unknownSetting(key, range);
  return value;
}

const unknownSetting = (key: string, range: Range) =>
  fail(
    'UNSUPPORTED_SETTING',
    `The setting ${key} is not supported, because nothing would honour it. Leave it out.`,
    range,
  );

/** All settings that a session shows, by key. */
export const shownSettings = (session: { settings: Record<string, string> }): [string, string][] =>
  Object.entries(session.settings).sort(([a], [b]) => (a < b ? -1 : 1));

const patterns: Partial<Record<string, RegExp>> = {
  boolean: /^\s*(true|false)\s*$/i,
  int: /^\s*[+-]?\d+\s*$/,
  positive: /^\s*[+-]?\d+\s*$/,
  bytes: /^\s*-?\d+(\.\d+)?\s*[bkmgtp]?b?\s*$/i,
};

/**
 * Checks SET key = value. Throws Spark's INVALID_CONF_VALUE and CANNOT_MODIFY_…, and UNSUPPORTED_SETTING for what would
 * change answers and is not honoured.
 */
export function checkSetting(key: string, value: string, range: Range): void {
  if (statics.has(key))
    throw fail('CANNOT_MODIFY_STATIC_CONFIG', `The value of the static configuration ${key} cannot be changed.`, range);
  if (ofCluster.test(key))
    throw fail('CANNOT_MODIFY_CONFIG', `The value of the configuration ${key} cannot be changed by a session.`, range);
  const setting = find(key);
  if (!setting) {
    if (!key.toLowerCase().startsWith('spark.')) return;
    throw unknownSetting(key, range);
  }
  checkKind(key, value, setting.kind, range);
  if (setting.only && !setting.only.some((allowed) => allowed.toLowerCase() === value.trim().toLowerCase())) {
    throw fail(
      'UNSUPPORTED_SETTING',
      `The setting ${key} = ${value} is not supported: answers are those of ${setting.only.join(' or ')}.`,
      range,
    );
  }
}

function checkKind(key: string, value: string, kind: Kind, range: Range): void {
  const wrong = (why: string, message: string) =>
    fail(`INVALID_CONF_VALUE.${why}`, `The value '${value}' in the config "${key}" is invalid: ${message}`, range);
  if (typeof kind !== 'string') {
    if (kind.some((allowed) => allowed.toLowerCase() === value.trim().toLowerCase())) return;
    throw wrong('OUT_OF_RANGE_OF_OPTIONS', `it should be one of ${kind.join(', ')}.`);
  }
  const pattern = patterns[kind];
  if (pattern && !pattern.test(value)) throw wrong('TYPE_MISMATCH', `it should be a ${kind}.`);
  if (kind === 'positive' && Number(value) <= 0) throw wrong('REQUIREMENT', 'it must be positive.');
}
