import type { DataType } from '@boathouse/contracts';

/** A top-level column of the table's schema. Nested fields keep their metadata inside `type`. */
export interface DeltaField {
  name: string;
  type: DeltaType;
  nullable: boolean;
  metadata: Record<string, unknown>;
}

/** As DataType, but struct fields carry their Delta metadata (column mapping, comments, invariants). */
export type DeltaType =
  | { kind: 'leaf'; type: DataType }
  | { kind: 'array'; element: DeltaType; containsNull: boolean }
  | { kind: 'map'; key: DeltaType; value: DeltaType; valueContainsNull: boolean }
  | { kind: 'struct'; fields: DeltaField[] };
