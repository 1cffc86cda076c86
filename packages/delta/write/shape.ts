import type { Column } from '@boathouse/contracts';
import type { Metadata, Protocol } from '../actions/types.ts';
import { fieldsOf, partitionColumnsOf } from '../schema/columns.ts';
import { schemaJson } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';

/** All that rules the contents of a table's data files. `partitionColumns` are in the schema's spelling. */
export interface TableShape {
  /** Storage key of the table's folder. */
  readonly location: string;
  readonly fields: readonly DeltaField[];
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
}

interface ShapedSnapshot {
  readonly location: string;
  readonly fields: readonly DeltaField[];
  readonly metadata: {
    readonly partitionColumns: readonly string[];
    readonly configuration: Readonly<Record<string, string>>;
  };
  readonly protocol: Protocol;
}

/** The shape of a table at a version. */
export const shapeOf = ({ location, fields, metadata, protocol }: ShapedSnapshot): TableShape => ({
  location,
  fields,
  partitionColumns: metadata.partitionColumns,
  configuration: metadata.configuration,
  protocol,
});

/** The shape of a table as other metadata (a new schema, new properties) would have it. */
export const shapeWith = (
  shape: TableShape,
  change: { fields?: readonly DeltaField[]; metadata?: Metadata; protocol?: Protocol },
): TableShape => ({
  location: shape.location,
  fields: change.fields ?? shape.fields,
  partitionColumns: change.metadata?.partitionColumns ?? shape.partitionColumns,
  configuration: change.metadata?.configuration ?? shape.configuration,
  protocol: change.protocol ?? shape.protocol,
});

/** Metadata with another schema. */
export const metadataWith = (metadata: Metadata, fields: readonly DeltaField[]): Metadata => ({
  ...metadata,
  schemaString: schemaJson(fields),
});

/** The plain shape of a table that is being defined by wire columns. Throws DELTA_INVALID_PARTITION_COLUMN and others. */
export function definedShape(target: {
  location: string;
  columns: readonly Column[];
  partitionColumns: readonly string[];
  properties?: Readonly<Record<string, string>>;
}): TableShape {
  const fields = fieldsOf(target.columns);
  return {
    location: target.location,
    fields,
    partitionColumns: partitionColumnsOf(fields, target.partitionColumns),
    configuration: target.properties ?? {},
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  };
}
