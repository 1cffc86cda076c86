import type { ColumnDefinition, TableConstraint } from './definition.ts';
import type { Expression } from './expression.ts';
import type { Identifier, Name, Property, TypeRef } from './name.ts';
import type { Query } from './query.ts';
import type { Node } from './range.ts';

/** Where a column goes: FIRST or AFTER another one of its level. */
export type ColumnPosition = { first: true } | { first: false; after: Identifier };

/** A column of ADD COLUMNS: its path, whose last part is the new name. */
export interface AddedColumn extends Node {
  path: Name;
  definition: ColumnDefinition;
  position?: ColumnPosition;
}

/** What ALTER COLUMN changes; one or several of them. */
export type ColumnChange =
  | { kind: 'type'; type: TypeRef }
  | { kind: 'comment'; comment: string }
  | { kind: 'setNotNull' }
  | { kind: 'dropNotNull' }
  | { kind: 'setDefault'; value: Expression; text: string }
  | { kind: 'dropDefault' }
  | { kind: 'syncIdentity' }
  | { kind: 'position'; position: ColumnPosition };

export type TableChange =
  | { kind: 'setProperties'; properties: Property[] }
  | { kind: 'unsetProperties'; keys: string[]; ifExists: boolean }
  | { kind: 'addColumns'; columns: AddedColumn[] }
  | { kind: 'replaceColumns'; columns: ColumnDefinition[] }
  | { kind: 'dropColumns'; columns: Name[]; ifExists: boolean }
  | { kind: 'renameColumn'; column: Name; to: Identifier }
  | { kind: 'alterColumns'; columns: { column: Name; change: ColumnChange }[] }
  | { kind: 'addConstraint'; constraint: TableConstraint; checkText?: string }
  | { kind: 'dropConstraint'; name: Identifier; ifExists: boolean }
  | { kind: 'clusterBy'; columns: Name[] }
  | { kind: 'dropFeature'; feature: string; truncateHistory: boolean }
  | { kind: 'rename'; to: Name };

/** ALTER TABLE t …; the text of expressions is kept, because the table's log stores it. */
export interface AlterTable extends Node {
  kind: 'alterTable';
  /** ALTER VIEW may set properties and rename too. */
  what: 'table' | 'view';
  table: Name;
  change: TableChange;
}

/** ALTER VIEW v AS query. */
export interface AlterViewQuery extends Node {
  kind: 'alterViewQuery';
  name: Name;
  query: Query;
}
