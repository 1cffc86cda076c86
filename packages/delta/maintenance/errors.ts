import { userError } from '@boathouse/contracts';

/** Failures of maintenance: codes are Spark's where Spark has one. */
export const maintenanceErrors = {
  notPartitionColumn: (condition: string, partitions: readonly string[]) =>
    userError(
      'DELTA_NON_PARTITION_COLUMN_REFERENCE',
      `The condition "${condition}" refers to a column that is no partition column. ${partitions.length ? `Use only ${partitions.join(', ')}.` : 'The table is not partitioned: leave the condition out.'}`,
      { sqlState: '42P10' },
    ),
  zOrderPartition: (column: string) =>
    userError(
      'DELTA_ZORDERING_ON_PARTITION_COLUMN',
      `Rows cannot be Z-ordered by "${column}": it is a partition column, and the same in all rows of a file. Leave it out.`,
      { sqlState: '42P10' },
    ),
  zOrderMissing: (column: string, known: readonly string[]) =>
    userError(
      'DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST',
      `Rows cannot be Z-ordered by "${column}": there is no such column. The table has: ${known.join(', ')}.`,
      { sqlState: '42703' },
    ),
  zOrderType: (column: string, type: string) =>
    userError(
      'DELTA_ZORDERING_COLUMN_TYPE',
      `Rows cannot be laid out by "${column}": values of type ${type} have no order. Use a column of a simple type.`,
      { sqlState: '42P10' },
    ),
  zOrderNoStatistics: (columns: readonly string[]) =>
    userError(
      'DELTA_ZORDERING_ON_COLUMN_WITHOUT_STATS',
      `Z-order by ${columns.join(', ')} would not help: no statistics are collected for it. Add it to delta.dataSkippingStatsColumns, or raise delta.dataSkippingNumIndexedCols.`,
      { sqlState: 'KD00D' },
    ),
  clusteredZOrder: (columns: readonly string[]) =>
    userError(
      'DELTA_CLUSTERING_WITH_ZORDER_BY',
      `The table is clustered by its own columns: it cannot be Z-ordered by ${columns.join(', ')}. Leave ZORDER BY out.`,
      { sqlState: '42613' },
    ),
  clusteredWhere: () =>
    userError(
      'DELTA_CLUSTERING_WITH_PARTITION_PREDICATE',
      'OPTIMIZE of a clustered table takes no condition. Leave WHERE out.',
      { sqlState: '0A000' },
    ),
  fullNotClustered: () =>
    userError(
      'DELTA_OPTIMIZE_FULL_NOT_SUPPORTED',
      'OPTIMIZE FULL is for tables with clustering columns. Leave FULL out, or give the table CLUSTER BY.',
      { sqlState: '42601' },
    ),
  retentionTooShort: (asked: string, safe: string) =>
    userError(
      'DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT',
      `VACUUM with a retention of ${asked} is refused: the table keeps removed files for ${safe}, because readers and writers at work may need them. Use at least ${safe}, or switch the check off where nobody else uses the table.`,
      { sqlState: '22003' },
    ),
  vacuumManaged: (location: string) =>
    userError(
      'DELTA_UNSUPPORTED_VACUUM_ON_MANAGED_TABLE',
      `The table at "${location}" is managed by its catalog, which alone may remove its files. Ask the catalog to vacuum it.`,
      { sqlState: '42809' },
    ),
  vacuumLiteNotPossible: (location: string) =>
    userError(
      'DELTA_CANNOT_VACUUM_LITE',
      `VACUUM LITE of the table at "${location}" is not possible: commits that are older than the last vacuum were removed from its log. Run VACUUM FULL.`,
      { sqlState: '55000' },
    ),
  vacuumUnderWay: (path: string) =>
    userError(
      'DELTA_CONCURRENT_DELETE_READ',
      `RESTORE could not bring back "${path}": a VACUUM is removing files of that age. Run RESTORE again when it has ended.`,
      { status: 409 },
    ),
  restoreVersion: (version: number, why: string) =>
    userError('DELTA_CANNOT_RESTORE_TABLE_VERSION', `The table cannot be restored to version ${version}. ${why}`, {
      sqlState: '22003',
    }),
  restoreEarlier: (wanted: string, why: string) =>
    userError('DELTA_CANNOT_RESTORE_TIMESTAMP_EARLIER', `The table cannot be restored to ${wanted}. ${why}`, {
      sqlState: '22003',
    }),
  restoreGreater: (wanted: string, last: string) =>
    userError(
      'DELTA_CANNOT_RESTORE_TIMESTAMP_GREATER',
      `The table cannot be restored to ${wanted}: its latest version is of ${last}. Use that time or an earlier one.`,
      { sqlState: '22003' },
    ),
  restoreNoTarget: () =>
    userError('DELTA_RESTORE_TARGET_MISSING', 'Say to which version, or to which time, the table is to be restored.', {
      sqlState: '42601',
    }),
  missingFiles: (version: number, paths: readonly string[], more: number) =>
    userError(
      'DELTA_MISSING_FILES_UNEXPECTED_VERSION',
      `Version ${version} cannot be restored: data files of it are gone, probably by VACUUM: ${paths.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Restore a later version, or allow missing files to get what is left.`,
      { sqlState: 'XXKDS' },
    ),
  cloneIntoItself: (location: string) =>
    userError(
      'DELTA_CLONE_INTO_SOURCE',
      `The table at "${location}" cannot be cloned into itself. Choose another location.`,
      {
        sqlState: '42613',
      },
    ),
  cloneOther: (location: string) =>
    userError(
      'DELTA_CLONE_INCOMPATIBLE_TARGET',
      `The table at "${location}" was not made as a clone of this source. Replace it, or clone to another location.`,
      { status: 409, sqlState: '42809' },
    ),
  noParquet: (location: string) =>
    userError(
      'DELTA_CONVERSION_NO_PARQUET_FILES',
      `There is no Parquet file in "${location}". CONVERT TO DELTA makes a table of a folder of Parquet files.`,
      { status: 404, sqlState: '42809' },
    ),
  convertPartition: (path: string, expected: readonly string[]) =>
    userError(
      'DELTA_CONVERSION_UNEXPECTED_PARTITION',
      `The file "${path}" does not lie in folders ${expected.length ? expected.map((name) => `${name}=…`).join('/') : 'without partitions'}. Give the partition columns as the folders have them (PARTITIONED BY).`,
      { sqlState: 'KD006' },
    ),
  convertValue: (path: string, column: string, type: string) =>
    userError(
      'DELTA_FAILED_CAST_PARTITION_VALUE',
      `The folder of the file "${path}" has a value for partition column "${column}" that is no ${type}. Give the column another type.`,
      { sqlState: '22018' },
    ),
  convertSchema: (path: string, detail: string) =>
    userError(
      'DELTA_CONVERSION_MERGE_SCHEMA_FAILED',
      `The schema of the Parquet file "${path}" does not fit those of the other files: ${detail}. Give columns of one name the same type.`,
      { sqlState: '42KDF' },
    ),
  manifestWithVectors: () =>
    userError(
      'DELTA_UNSUPPORTED_GENERATE_WITH_DELETION_VECTORS',
      'A manifest lists whole files, but files of this table have deletion vectors. Run REORG TABLE … APPLY (PURGE) first.',
      { sqlState: '0A000' },
    ),
  manifestMapped: () =>
    userError(
      'DELTA_UNSUPPORTED_MANIFEST_GENERATION_WITH_COLUMN_MAPPING',
      'A manifest cannot be made for a table with column mapping: engines that read manifests do not know its physical names.',
      { sqlState: '0AKDC' },
    ),
};
