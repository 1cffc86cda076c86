import { type Column, parseType, typeText } from '@boathouse/contracts';
import { deltaErrors } from '../errors.ts';
import { DEFAULT, defaultOf, GENERATION, generationOf } from './expressions.ts';
import { identityMetadata, identityOf } from './identity.ts';
import { dataTypeOf, fieldOfDdl } from './json.ts';
import type { DeltaField } from './types.ts';

/** Wire columns → fields of a new schema. Throws DELTA_UNSUPPORTED_DATA_TYPES, DELTA_DUPLICATE_COLUMNS_FOUND and others. */
export function fieldsOf(columns: readonly Column[]): DeltaField[] {
  const seen = new Set<string>();
  return columns.map((column) => {
    const name = column.name.toLowerCase();
    if (seen.has(name)) throw deltaErrors.duplicateColumn(column.name);
    seen.add(name);
    const field = fieldOfDdl(column.name, parseType(column.type), column.nullable, column.comment);
    return { ...field, metadata: { ...field.metadata, ...rulesOf(column, field) } };
  });
}

function rulesOf(column: Column, field: DeltaField): Record<string, unknown> {
  const metadata: Record<string, unknown> = {};
  if (column.generatedAs !== undefined) metadata[GENERATION] = column.generatedAs;
  if (column.default !== undefined) metadata[DEFAULT] = column.default;
  if (column.identity) {
    if (field.type.kind !== 'leaf' || field.type.type.kind !== 'bigint')
      throw deltaErrors.identityType(column.name, column.type);
    const { always, start, step } = column.identity;
    if (BigInt(step) === 0n) throw deltaErrors.identityStep(column.name);
    const identity = { start: BigInt(start), step: BigInt(step), highWaterMark: null, allowExplicitInsert: !always };
    Object.assign(metadata, identityMetadata(identity));
  }
  return metadata;
}

export const columnsOf = (fields: readonly DeltaField[]): Column[] =>
  fields.map((field) => {
    const generatedAs = generationOf(field);
    const given = defaultOf(field);
    const identity = identityOf(field);
    return {
      name: field.name,
      type: typeText(dataTypeOf(field)),
      nullable: field.nullable,
      ...(typeof field.metadata.comment === 'string' ? { comment: field.metadata.comment } : {}),
      ...(given === null ? {} : { default: given }),
      ...(generatedAs === null ? {} : { generatedAs }),
      ...(identity === null
        ? {}
        : {
            identity: {
              always: !identity.allowExplicitInsert,
              start: String(identity.start),
              step: String(identity.step),
            },
          }),
    };
  });

/** A column by its name without case, as Spark resolves it. */
export const findField = (fields: readonly DeltaField[], name: string): DeltaField | undefined =>
  fields.find((field) => field.name === name) ??
  fields.find((field) => field.name.toLowerCase() === name.toLowerCase());

/** Partition columns by the schema's own spelling. Throws DELTA_INVALID_PARTITION_COLUMN. */
export function partitionColumnsOf(fields: readonly DeltaField[], names: readonly string[]): string[] {
  const found = names.map((name) => {
    const field = findField(fields, name);
    if (!field) throw deltaErrors.invalidPartition(name, 'there is no such column');
    if (field.type.kind !== 'leaf') throw deltaErrors.invalidPartition(name, 'its type is nested');
    // Its text in the log is bytes taken for UTF-8: not every value would come back.
    if (field.type.type.kind === 'binary') throw deltaErrors.invalidPartition(name, 'its type is binary');
    return field.name;
  });
  if (found.length > 0 && found.length === fields.length)
    throw deltaErrors.invalidPartition(found.join(', '), 'a table needs a column beside them');
  return found;
}
