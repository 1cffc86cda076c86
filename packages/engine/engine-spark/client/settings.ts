/**
 * What a session of Spark is set to: the values of Spark 4.2 itself, because a cluster may have been started with others
 * and the same text must give the same answer wherever it runs. The last three are for files that Spark writes for us.
 */
export const sessionSettings = (timeZone: string): Record<string, string> => ({
  'spark.sql.session.timeZone': timeZone,
  // `${env:X}` in a statement would tell of the server's environment.
  'spark.sql.variable.substitute': 'false',
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.ansi.doubleQuotedIdentifiers': 'false',
  'spark.sql.ansi.enforceReservedKeywords': 'false',
  'spark.sql.caseSensitive': 'false',
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.storeAssignmentPolicy': 'ANSI',
  'spark.sql.timestampType': 'TIMESTAMP_LTZ',
  'spark.sql.legacy.timeParserPolicy': 'CORRECTED',
  'spark.sql.mapKeyDedupPolicy': 'EXCEPTION',
  'spark.sql.groupByAliases': 'true',
  'spark.sql.groupByOrdinal': 'true',
  'spark.sql.orderByOrdinal': 'true',
  'spark.sql.execution.arrow.useLargeVarTypes': 'false',
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  'spark.sql.parquet.datetimeRebaseModeInWrite': 'CORRECTED',
  'spark.sql.parquet.writeLegacyFormat': 'false',
});
