import type { Column } from '@boathouse/contracts';
import { fieldsOf } from '../schema/columns.ts';
import { mappingMode } from '../schema/mapping.ts';
import { joinPath, splitPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';
import { CLUSTERING, clusteringFields } from './clustering.ts';
import { checkIndependent } from './dependents.ts';
import { describedField } from './describe.ts';
import { alterErrors } from './errors.ts';
import type { Alter, AlterRoom } from './room.ts';
import { editFields, fieldAt, hasField, inserted, type Path, startsWith } from './tree.ts';

/** ADD, REPLACE, DROP and RENAME COLUMN. Files stay as they are. */

export const addColumns: Alter<'addColumns'> = async ({ table }, { columns }) => {
  let fields = [...table.fields];
  const described = columns.map(({ parent, column, position }) => {
    const field = newField(column);
    fields = editFields(fields, parent, (siblings) => {
      if (hasField(siblings, field.name)) throw alterErrors.columnExists(joinPath([...parent, field.name]));
      return inserted(siblings, field, position);
    });
    const place = position && (position.at === 'first' ? 'FIRST' : `AFTER ${position.column}`);
    return { column: describedField(field, [...parent, field.name]), ...(place ? { position: place } : {}) };
  });
  return { operation: 'ADD COLUMNS', parameters: { columns: JSON.stringify(described) }, fields };
};

/** A column as it comes to a table with rows. */
export function newField(column: Column): DeltaField {
  if (column.default !== undefined) throw alterErrors.addedDefault(column.name);
  if (!column.nullable) throw alterErrors.addedRule(column.name, 'NOT NULL');
  if (column.generatedAs !== undefined) throw alterErrors.addedRule(column.name, 'GENERATED ALWAYS AS');
  if (column.identity) throw alterErrors.addedRule(column.name, 'an IDENTITY column');
  return fieldsOf([column])[0]!;
}

export const replaceColumns: Alter<'replaceColumns'> = async (context, { columns }) => {
  const { table } = context;
  const wanted = fieldsOf(columns);
  const gone = table.fields.filter((field) => !hasField(wanted, field.name));
  if (gone.length && mappingMode(table.metadata.configuration) === 'none')
    throw alterErrors.replaceColumns(`dropping ${gone.map(({ name }) => name).join(', ')} needs column mapping`);
  for (const field of gone) checkDroppable(context, [field.name]);
  const fields = wanted.map((field) => {
    const old = table.fields.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    if (!old) return field;
    if (typeText(old) !== typeText(field))
      throw alterErrors.replaceColumns(`the type of ${old.name} would change; use ALTER COLUMN … TYPE`);
    // What lies in files is found by the old field: only what people say about it is new.
    return { ...old, name: field.name, nullable: old.nullable, metadata: { ...old.metadata, ...commentOf(field) } };
  });
  return {
    operation: 'REPLACE COLUMNS',
    parameters: { columns: JSON.stringify(fields.map((field) => describedField(field, [field.name]))) },
    fields,
  };
};

const commentOf = (field: DeltaField): Record<string, unknown> =>
  field.metadata.comment === undefined ? {} : { comment: field.metadata.comment };
/** Types by structure and names; ids and comments of nested fields do not count. */
const typeText = (field: DeltaField): string => JSON.stringify(describedType(field.type));
function describedType(type: DeltaField['type']): unknown {
  switch (type.kind) {
    case 'leaf':
      return type.type;
    case 'struct':
      return type.fields.map((field) => [field.name.toLowerCase(), describedType(field.type)]);
    case 'array':
      return { array: describedType(type.element) };
    case 'map':
      return { key: describedType(type.key), value: describedType(type.value) };
  }
}

export const dropColumns: Alter<'dropColumns'> = async (context, { columns }) => {
  const { table } = context;
  if (mappingMode(table.metadata.configuration) === 'none')
    throw alterErrors.needsMapping('DELTA_UNSUPPORTED_DROP_COLUMN', 'DROP COLUMN');
  let fields = [...table.fields];
  const dropped: string[][] = [];
  for (const column of columns) {
    const { path } = fieldAt(fields, column);
    checkDroppable(context, path);
    fields = editFields(fields, path.slice(0, -1), (siblings) => {
      const left = siblings.filter(({ name }) => name.toLowerCase() !== path.at(-1)!.toLowerCase());
      if (!left.length) throw alterErrors.lastColumn();
      return left;
    });
    dropped.push(path);
  }
  return {
    operation: 'DROP COLUMNS',
    parameters: { columns: JSON.stringify(dropped.map(joinPath)) },
    fields,
    metadata: withStatsColumns(context, (path) => (dropped.some((gone) => startsWith(path, gone)) ? null : path)),
  };
};

/** Throws for columns that partitions, clustering, constraints or generated columns rest on. */
function checkDroppable({ table, snapshot, room }: AlterRoom, path: Path): void {
  if (path.length === 1 && table.metadata.partitionColumns.includes(path[0]!))
    throw alterErrors.dropPartition(path[0]!);
  const clustering = clusteringFields(snapshot.domain(CLUSTERING), table.fields, table.metadata.configuration);
  const names = clustering.map((fields) => fields.map(({ name }) => name));
  if (names.some((column) => startsWith(column, path))) throw alterErrors.dropClustering(joinPath(path));
  checkIndependent(table, path, room.compiler);
}

export const renameColumn: Alter<'renameColumn'> = async (context, { column, to }) => {
  const { table, room } = context;
  if (mappingMode(table.metadata.configuration) === 'none')
    throw alterErrors.needsMapping('DELTA_UNSUPPORTED_RENAME_COLUMN', 'RENAME COLUMN');
  const { path } = fieldAt(table.fields, column);
  const old = path.at(-1)!;
  const renamed = [...path.slice(0, -1), to];
  checkIndependent(table, path, room.compiler);
  const fields = editFields(table.fields, path.slice(0, -1), (siblings) => {
    const others = siblings.filter(({ name }) => name !== old);
    if (hasField(others, to)) throw alterErrors.columnExists(joinPath(renamed));
    return siblings.map((field) => (field.name === old ? { ...field, name: to } : field));
  });
  const metadata = withStatsColumns(context, (one) =>
    startsWith(one, path) ? [...renamed, ...one.slice(path.length)] : one,
  );
  return {
    operation: 'RENAME COLUMN',
    parameters: { oldColumnPath: joinPath(path), newColumnPath: joinPath(renamed) },
    fields,
    metadata: {
      ...metadata,
      partitionColumns: metadata.partitionColumns.map((name) => (path.length === 1 && name === old ? to : name)),
    },
  };
};

const STATS_COLUMNS = 'delta.dataSkippingStatsColumns';

/** The list of columns with statistics follows the schema; null takes a column out of it. */
function withStatsColumns({ table }: AlterRoom, change: (path: string[]) => string[] | null) {
  const { metadata } = table;
  const listed = metadata.configuration[STATS_COLUMNS];
  if (listed === undefined) return metadata;
  const paths = listed.split(/,(?=(?:[^`]*`[^`]*`)*[^`]*$)/).map((path) => splitPath(path.trim()));
  const changed = paths.flatMap((path) => {
    const next = change(path);
    return next ? [joinPath(next)] : [];
  });
  return { ...metadata, configuration: { ...metadata.configuration, [STATS_COLUMNS]: changed.join(',') } };
}
