/** What each table feature of the Delta protocol means, in a line. */
const words: Record<string, string> = {
  appendOnly: 'Rows can only be added where the table is set so.',
  invariants: 'Columns may be NOT NULL; writers check it.',
  checkConstraints: 'Writers check the CHECK constraints for every row.',
  changeDataFeed: 'Inserts, updates and deletes are recorded row by row.',
  generatedColumns: 'Columns can be computed from others when rows are written.',
  columnMapping: 'Columns are renamed and dropped without rewriting files.',
  identityColumns: 'Columns can number rows by themselves.',
  allowColumnDefaults: 'Columns may have a value for rows that give none.',
  deletionVectors: 'Rows are deleted by marking them, without rewriting their file.',
  timestampNtz: 'Has columns of timestamps without a time zone.',
  v2Checkpoint: 'Checkpoints may be divided over several files.',
  vacuumProtocolCheck: 'VACUUM checks first that it knows every feature.',
  inCommitTimestamp: 'The time of a version is written into its commit.',
  domainMetadata: 'Features keep settings of their own in the log.',
  typeWidening: 'Columns change to wider types without rewriting files.',
  'typeWidening-preview': 'Columns change to wider types without rewriting files (preview).',
  rowTracking: 'Every row keeps an id through updates and compaction.',
  clustering: 'OPTIMIZE lays rows of close values together.',
  icebergCompatV1: 'Iceberg readers can read the data files (version 1).',
  icebergCompatV2: 'Iceberg readers can read the data files (version 2).',
  variantType: 'Has columns of semi-structured values.',
  'variantType-preview': 'Has columns of semi-structured values (preview).',
  variantShredding: 'Common fields of semi-structured values are stored as columns.',
  'variantShredding-preview': 'Common fields of semi-structured values are stored as columns (preview).',
  checkpointProtection: 'Old checkpoints stay for versions that need them.',
  materializePartitionColumns: 'Data files hold the partition columns too.',
  catalogManaged: 'Commits go through the catalog.',
  'catalogOwned-preview': 'Commits go through the catalog (preview).',
};

export const featureWords = (feature: string): string =>
  words[feature] ?? 'A feature that this version does not describe.';
