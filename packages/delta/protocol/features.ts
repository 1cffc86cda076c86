import type { DeltaField, DeltaType } from '../schema/types.ts';

/** What decides which features a table needs. */
export interface TableDescription {
  configuration: Readonly<Record<string, string>>;
  fields: readonly DeltaField[];
}

/**
 * PROTOCOL.md "Valid Feature Names in Table Features", one row a feature. `read` and `write` say what we do: 'yes', or 'no',
 * refused by name.
 */
export interface FeatureRow {
  /** Whether readers must know it too. */
  side: 'reader' | 'writer';
  /** Versions that imply the feature without a list (null: listed only, or no reader side). */
  legacyReader: number | null;
  legacyWriter: number | null;
  read: 'yes' | 'no';
  write: 'yes' | 'no';
  /** Features that must be there too. */
  requires: readonly string[];
  /** Whether a table that looks so must have the feature. */
  needed: ((table: TableDescription) => boolean) | null;
  /**
   * Whether an existing table gets the feature as soon as it is needed. Spark asks for `delta.feature.<name> = supported`
   * where a mere change of schema would lock out readers that do not know the type.
   */
  upgrades: boolean;
}

const someField = (fields: readonly DeltaField[], test: (field: DeltaField) => boolean): boolean =>
  fields.some((field) => test(field) || someInType(field.type, test));
function someInType(type: DeltaType, test: (field: DeltaField) => boolean): boolean {
  if (type.kind === 'struct') return someField(type.fields, test);
  if (type.kind === 'array') return someInType(type.element, test);
  return type.kind === 'map' && (someInType(type.key, test) || someInType(type.value, test));
}
const hasLeaf = (type: DeltaType, kind: string): boolean => {
  if (type.kind === 'leaf') return type.type.kind === kind;
  if (type.kind === 'struct') return type.fields.some((field) => hasLeaf(field.type, kind));
  return type.kind === 'array' ? hasLeaf(type.element, kind) : hasLeaf(type.key, kind) || hasLeaf(type.value, kind);
};

const metadata = (prefix: string) => (table: TableDescription) =>
  someField(table.fields, (field) => Object.keys(field.metadata).some((key) => key.startsWith(prefix)));
const isTrue = (name: string) => (table: TableDescription) => table.configuration[name]?.toLowerCase() === 'true';
const type = (kind: string) => (table: TableDescription) => table.fields.some((field) => hasLeaf(field.type, kind));

/** A feature of a legacy writer version. */
const legacy = (legacyWriter: number, needed: FeatureRow['needed']): FeatureRow => ({
  side: 'writer',
  legacyReader: null,
  legacyWriter,
  read: 'yes',
  write: 'yes',
  requires: [],
  needed,
  upgrades: true,
});
/** A feature that is only ever listed. */
const listed = (side: FeatureRow['side'], more: Partial<FeatureRow> = {}): FeatureRow => ({
  side,
  legacyReader: null,
  legacyWriter: null,
  read: 'yes',
  write: 'yes',
  requires: [],
  needed: null,
  upgrades: true,
  ...more,
});

export const features: Readonly<Record<string, FeatureRow>> = {
  appendOnly: legacy(2, isTrue('delta.appendOnly')),
  invariants: legacy(2, metadata('delta.invariants')),
  checkConstraints: legacy(3, ({ configuration }) =>
    Object.keys(configuration).some((key) => key.startsWith('delta.constraints.')),
  ),
  changeDataFeed: legacy(4, isTrue('delta.enableChangeDataFeed')),
  generatedColumns: legacy(4, metadata('delta.generationExpression')),
  columnMapping: {
    ...legacy(5, ({ configuration }) => (configuration['delta.columnMapping.mode'] ?? 'none') !== 'none'),
    side: 'reader',
    legacyReader: 2,
  },
  identityColumns: legacy(6, metadata('delta.identity.')),
  allowColumnDefaults: listed('writer', { needed: metadata('CURRENT_DEFAULT'), upgrades: false }),
  deletionVectors: listed('reader', { needed: isTrue('delta.enableDeletionVectors') }),
  timestampNtz: listed('reader', { needed: type('timestamp_ntz'), upgrades: false }),
  v2Checkpoint: listed('reader', { needed: ({ configuration }) => configuration['delta.checkpointPolicy'] === 'v2' }),
  vacuumProtocolCheck: listed('reader'),
  inCommitTimestamp: listed('writer', { needed: isTrue('delta.enableInCommitTimestamps') }),
  domainMetadata: listed('writer'),
  typeWidening: listed('reader', { needed: isTrue('delta.enableTypeWidening') }),
  'typeWidening-preview': listed('reader'),
  rowTracking: listed('writer', { requires: ['domainMetadata'], needed: isTrue('delta.enableRowTracking') }),
  clustering: listed('writer', { requires: ['domainMetadata'] }),
  icebergCompatV1: listed('writer', { requires: ['columnMapping'], needed: isTrue('delta.enableIcebergCompatV1') }),
  icebergCompatV2: listed('writer', { requires: ['columnMapping'], needed: isTrue('delta.enableIcebergCompatV2') }),
  variantType: listed('reader', { needed: type('variant'), upgrades: false }),
  'variantType-preview': listed('reader'),
  variantShredding: listed('reader', { needed: isTrue('delta.enableVariantShredding') }),
  'variantShredding-preview': listed('reader'),
  checkpointProtection: listed('writer'),
  materializePartitionColumns: listed('writer'),
  // Its commits go through a catalog (`commit/publish.ts`). Without one what is published is read, and nothing is written.
  catalogManaged: listed('reader', { requires: ['inCommitTimestamp', 'vacuumProtocolCheck'] }),
  'catalogOwned-preview': listed('reader', { write: 'no' }),
};

/** Spark takes names without case. */
const canonicalNames = new Map(Object.keys(features).map((name) => [name.toLowerCase(), name]));
export const featureName = (name: string): string | null => canonicalNames.get(name.toLowerCase()) ?? null;
