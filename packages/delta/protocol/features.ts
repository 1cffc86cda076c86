import type { DeltaField, DeltaType } from '../schema/types.ts';

/**
 * PROTOCOL.md "Valid Feature Names in Table Features". `read` and `write` say what we do: 'yes'; 'no', refused by name;
 * 'unless active', refused where `active` finds the table using it (a legacy version or a listed feature alone is harmless).
 */
export interface FeatureRow {
  /** Versions that imply the feature without a list (null: listed only, or no reader side). */
  legacyReader: number | null;
  legacyWriter: number | null;
  read: 'yes' | 'no';
  write: 'yes' | 'no' | 'unless active';
  active?: (table: { configuration: Readonly<Record<string, string>>; fields: readonly DeltaField[] }) => boolean;
}

const someField = (fields: readonly DeltaField[], test: (field: DeltaField) => boolean): boolean =>
  fields.some((field) => test(field) || someInType(field.type, test));
function someInType(type: DeltaType, test: (field: DeltaField) => boolean): boolean {
  if (type.kind === 'struct') return someField(type.fields, test);
  if (type.kind === 'array') return someInType(type.element, test);
  return type.kind === 'map' && (someInType(type.key, test) || someInType(type.value, test));
}
const hasMetadata = (prefix: string) => (table: { fields: readonly DeltaField[] }) =>
  someField(table.fields, (field) => Object.keys(field.metadata).some((key) => key.startsWith(prefix)));

export const features: Readonly<Record<string, FeatureRow>> = {
  appendOnly: { legacyReader: null, legacyWriter: 2, read: 'yes', write: 'yes' },
  invariants: {
    legacyReader: null,
    legacyWriter: 2,
    read: 'yes',
    write: 'unless active',
    active: hasMetadata('delta.invariants'),
  },
  checkConstraints: {
    legacyReader: null,
    legacyWriter: 3,
    read: 'yes',
    write: 'unless active',
    active: ({ configuration }) => Object.keys(configuration).some((key) => key.startsWith('delta.constraints.')),
  },
  // Appends and whole-table overwrites need no change files: readers derive the changes from add and remove.
  changeDataFeed: { legacyReader: null, legacyWriter: 4, read: 'yes', write: 'yes' },
  generatedColumns: {
    legacyReader: null,
    legacyWriter: 4,
    read: 'yes',
    write: 'unless active',
    active: hasMetadata('delta.generationExpression'),
  },
  identityColumns: {
    legacyReader: null,
    legacyWriter: 6,
    read: 'yes',
    write: 'unless active',
    active: hasMetadata('delta.identity.'),
  },
  columnMapping: {
    legacyReader: 2,
    legacyWriter: 5,
    read: 'yes',
    write: 'unless active',
    active: ({ configuration }) => (configuration['delta.columnMapping.mode'] ?? 'none') !== 'none',
  },
  allowColumnDefaults: {
    legacyReader: null,
    legacyWriter: null,
    read: 'yes',
    write: 'unless active',
    active: hasMetadata('CURRENT_DEFAULT'),
  },
  deletionVectors: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  timestampNtz: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  v2Checkpoint: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  vacuumProtocolCheck: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  inCommitTimestamp: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  domainMetadata: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'yes' },
  typeWidening: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
  'typeWidening-preview': { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
  rowTracking: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
  clustering: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
  icebergCompatV1: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
  icebergCompatV2: { legacyReader: null, legacyWriter: null, read: 'yes', write: 'no' },
};
