import type { Metadata, Protocol } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { isManaged } from '../log/managed.ts';
import { checkCompat, compatOf } from '../protocol/compat.ts';
import { protocolErrors } from '../protocol/errors.ts';
import { newProtocol, type ProtocolRequest, upgradedProtocol } from '../protocol/protocol.ts';
import { MAX_COLUMN_ID, mappingMode, withMapping } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { metadataWith } from '../write/shape.ts';

/** A table's metadata and protocol with its schema read. */
export interface TableState {
  metadata: Metadata;
  fields: readonly DeltaField[];
  protocol: Protocol;
}

export interface ConfigureOptions {
  request: ProtocolRequest;
  /** Features that the operation itself needs. */
  features?: readonly string[];
  /** The table before; absent for a new one. */
  previous?: TableState;
  /** The table is defined anew, and its old files go. */
  isReplaced?: boolean;
  /** Data files are there already, with the columns' own names. */
  hasFiles: boolean;
  ids: () => string;
}

const IN_COMMIT_TIMESTAMPS = 'delta.enableInCommitTimestamps';
const ROW_ID = 'delta.rowTracking.materializedRowIdColumnName';
const ROW_VERSION = 'delta.rowTracking.materializedRowCommitVersionColumnName';
const CHANGE_COLUMNS = ['_change_type', '_commit_version', '_commit_timestamp'];

/**
 * Brings metadata into the form that its own properties and schema ask for: column mapping assigned (PROTOCOL.md "Column
 * Mapping"), names of the hidden columns of row tracking, the smallest protocol that allows it all.
 */
export function configured(metadata: Metadata, fields: readonly DeltaField[], options: ConfigureOptions): TableState {
  const { previous, request } = options;
  const isNew = !previous || options.isReplaced === true;
  const configuration = { ...metadata.configuration };
  if (isNew && compatOf(configuration) && configuration['delta.columnMapping.mode'] === undefined)
    configuration['delta.columnMapping.mode'] = 'name';
  const mapped = mapping(configuration, fields, options);
  if (configuration['delta.enableRowTracking']?.toLowerCase() === 'true') {
    const old = previous?.metadata.configuration ?? {};
    configuration[ROW_ID] ??= old[ROW_ID] ?? `_row-id-col-${options.ids()}`;
    configuration[ROW_VERSION] ??= old[ROW_VERSION] ?? `_row-commit-version-col-${options.ids()}`;
  }
  if (configuration['delta.enableChangeDataFeed']?.toLowerCase() === 'true') {
    const reserved = mapped.find(({ name }) => CHANGE_COLUMNS.includes(name.toLowerCase()));
    if (reserved) throw deltaErrors.duplicateColumn(reserved.name);
  }
  const table = { configuration, fields: mapped };
  const protocol = previous
    ? upgradedProtocol(previous.protocol, table, request, options.features, options.isReplaced)
    : newProtocol(table, request, options.features);
  checkCompat(configuration, mapped, protocol);
  // PROTOCOL.md "Catalog-managed tables": their commits carry their own time.
  if (isManaged(protocol)) {
    if (configuration[IN_COMMIT_TIMESTAMPS]?.toLowerCase() === 'false') throw protocolErrors.managedTimestamps();
    configuration[IN_COMMIT_TIMESTAMPS] = 'true';
  }
  return { metadata: metadataWith({ ...metadata, configuration }, mapped), fields: mapped, protocol };
}

function mapping(
  configuration: Record<string, string>,
  fields: readonly DeltaField[],
  { previous, isReplaced, hasFiles, ids }: ConfigureOptions,
): readonly DeltaField[] {
  const mode = mappingMode(configuration);
  const before = previous && !isReplaced ? mappingMode(previous.metadata.configuration) : null;
  if (before !== null && before !== mode && !(before === 'none' && mode === 'name'))
    throw protocolErrors.mappingChange(before, mode);
  if (mode === 'none') return fields;
  if (mode === 'id' && hasFiles) throw protocolErrors.mappingOfFiles();
  const isEnabling = before === 'none';
  const { fields: mapped, maxId } = withMapping(fields, {
    maxId: Number(previous?.metadata.configuration[MAX_COLUMN_ID] ?? 0),
    nameFor: (field) => (isEnabling || hasFiles ? field.name : `col-${ids()}`),
    nested: compatOf(configuration) === 'V2',
  });
  configuration[MAX_COLUMN_ID] = String(maxId);
  return mapped;
}
