import { type BoathouseError, userError } from '@boathouse/contracts';

/** What a protocol or a property does not allow, with Spark's codes. */
export const protocolErrors = {
  unknownProperty: (name: string) =>
    userError('DELTA_UNKNOWN_CONFIGURATION', `Unknown configuration was specified: ${name}. Leave it out.`, {
      sqlState: 'F0000',
    }),
  badProperty: (name: string, value: string, why: string) =>
    userError('UNSUPPORTED_TABLE_CHANGE', `The table property ${name} = ${value} is not valid: it ${why}.`, {
      sqlState: '0A000',
    }),
  badInterval: (name: string, value: string) =>
    userError(
      'DELTA_INVALID_INTERVAL',
      `The table property ${name} = ${value} is not a valid interval. Give one such as "interval 2 weeks", without months and years.`,
      { sqlState: '22006' },
    ),
  internalProperty: (name: string) =>
    userError(
      'DELTA_CANNOT_MODIFY_TABLE_PROPERTY',
      `The table property ${name} is kept by the engine itself and cannot be set. Leave it out.`,
      { sqlState: '42939' },
    ),
  managedTimestamps: () =>
    userError(
      'UNSUPPORTED_TABLE_CHANGE',
      'The table property delta.enableInCommitTimestamps cannot be false on a catalog-managed table: its commits carry their own time. Leave it out.',
      { sqlState: '0A000' },
    ),
  unknownFeature: (name: string) =>
    userError(
      'DELTA_UNSUPPORTED_FEATURES_IN_CONFIG',
      `Table features configured in the table properties are not recognized by this engine: ${name}. Leave them out.`,
      { sqlState: '56038' },
    ),
  badFeatureStatus: (name: string, value: string) =>
    userError(
      'DELTA_UNSUPPORTED_FEATURE_STATUS',
      `Expecting the status of table feature ${name} to be "supported", but got "${value}".`,
      { sqlState: '0AKDE' },
    ),
  manualEnablement: (features: readonly string[]) =>
    userError(
      'DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT',
      `The table needs the table features ${features.join(', ')}, which lock out clients that do not know them. Add them first: ALTER TABLE … SET TBLPROPERTIES (${features.map((name) => `'delta.feature.${name}' = 'supported'`).join(', ')}).`,
      { sqlState: '42000' },
    ),
  defaultsNotEnabled: () =>
    userError(
      'WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED',
      `A column DEFAULT needs the table feature allowColumnDefaults. Add it: TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported').`,
      { sqlState: '0AKDE' },
    ),
  badVersion: (name: string, value: string) =>
    userError(
      'DELTA_INVALID_PROTOCOL_VERSION',
      `${name} = ${value} is not a protocol version that this engine knows.`,
      {
        sqlState: 'KD004',
      },
    ),
  mappingChange: (from: string, to: string) =>
    userError(
      'DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE',
      `Changing column mapping mode from '${from}' to '${to}' is not supported. A table can go from none to name only.`,
      { sqlState: '0AKDC' },
    ),
  mappingOfFiles: () =>
    userError(
      'DELTA_COLUMN_MAPPING_OF_WRITTEN_FILES',
      "Files that were written before their table cannot have the field ids of delta.columnMapping.mode = 'id'. Use 'name', or write the rows as the table is made.",
      { sqlState: '0AKDC' },
    ),
  compatViolation: (version: string, why: string) =>
    userError('DELTA_ICEBERG_COMPAT_VIOLATION', `The validation of IcebergCompat${version} has failed: ${why}.`, {
      sqlState: 'KD00E',
    }),
} satisfies Record<string, (...values: never[]) => BoathouseError>;
