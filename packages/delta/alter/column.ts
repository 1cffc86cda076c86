import { type DataType, parseType, typeText } from '@boathouse/contracts';
import { supports } from '../protocol/protocol.ts';
import { identifier } from '../schema/engine.ts';
import { DEFAULT } from '../schema/expressions.ts';
import { dataTypeOf, fieldOfDdl } from '../schema/json.ts';
import { joinPath } from '../schema/path.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { canWiden, storedTypeName } from '../schema/widening-types.ts';
import type { TableState } from './configure.ts';
import { checkIndependent } from './dependents.ts';
import { describedField } from './describe.ts';
import { alterErrors } from './errors.ts';
import { type Alter, type AlterRoom, countWhere } from './room.ts';
import { editFields, fieldAt, inserted, type Path, replaced } from './tree.ts';

const TYPE_CHANGES = 'delta.typeChanges';
const CHAR_VARCHAR = '__CHAR_VARCHAR_TYPE_STRING';

/** ALTER COLUMN: type, comment, nullability, default and place of one column. */
export const alterColumn: Alter<'alterColumn'> = async (context, change) => {
  const { table, room } = context;
  const { path: whole, inner } = located(table.fields, change.column);
  const { field: old, path } = fieldAt(table.fields, whole);
  let field = old;
  if (change.type !== undefined) {
    checkIndependent(table, path, room.compiler);
    field = retyped(table, field, inner, parseType(change.type), joinPath([...path, ...inner]));
  }
  const metadata = { ...field.metadata };
  if (change.comment === null) delete metadata.comment;
  else if (change.comment !== undefined) metadata.comment = change.comment;
  if (change.default === null) delete metadata[DEFAULT];
  else if (change.default !== undefined) metadata[DEFAULT] = change.default;
  field = { ...field, metadata };
  if (change.nullable !== undefined && change.nullable !== field.nullable) {
    if (!change.nullable) await checkNoNulls(context, path);
    field = { ...field, nullable: change.nullable };
  }
  let fields = replaced(table.fields, path, () => field);
  const { position } = change;
  if (position)
    fields = editFields(fields, path.slice(0, -1), (siblings) =>
      inserted(
        siblings.filter((one) => one !== field),
        field,
        position,
      ),
    );
  const place = position && (position.at === 'first' ? 'FIRST' : `AFTER ${position.column}`);
  return {
    operation: 'CHANGE COLUMN',
    readsRows: change.nullable === false,
    parameters: { column: JSON.stringify(describedField(field, path)), ...(place ? { position: place } : {}) },
    fields,
  };
};

/** Splits `xs.element` into the field `xs` and the way inside of its type. */
function located(fields: readonly DeltaField[], path: Path): { path: string[]; inner: string[] } {
  const inner: string[] = [];
  const left = [...path];
  while (left.length > 1 && /^(element|key|value)$/i.test(left.at(-1)!)) {
    const { field } = fieldAt(fields, left.slice(0, firstField(left)));
    if (field.type.kind === 'struct' && left.length - firstField(left) === 1) break;
    inner.unshift(left.pop()!.toLowerCase());
  }
  return { path: left, inner };
}
/** Length of the path without the parts that may be inside of a type. */
function firstField(path: readonly string[]): number {
  let length = path.length;
  while (length > 1 && /^(element|key|value)$/i.test(path[length - 1]!)) length--;
  return length;
}

/** A field with another type. Throws NOT_SUPPORTED_CHANGE_COLUMN, DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP. */
export function retyped(table: TableState, field: DeltaField, inner: Path, to: DataType, name: string): DeltaField {
  if (inner.length) {
    const changes: { from: string; to: string }[] = [];
    const type = changedInside(field.type, inner, (leaf) => {
      const wide = widened(table, leaf, to, name);
      if (wide) changes.push({ from: storedTypeName(leaf), to: storedTypeName(wide) });
      return wide ?? leaf;
    });
    return changes.reduce((one, { from, to: after }) => withChange(one, from, after, inner.join('.')), {
      ...field,
      type,
    });
  }
  const declared = dataTypeOf(field);
  if (typeText(declared) === typeText(to)) return field;
  const { [CHAR_VARCHAR]: _length, ...metadata } = field.metadata;
  const lengthOf = (type: DataType) => ('length' in type ? type.length : null);
  const isText = (type: DataType) => type.kind === 'string' || type.kind === 'varchar' || type.kind === 'char';
  if (isText(declared) && isText(to)) {
    const isWider =
      to.kind === 'string' ||
      (to.kind === 'varchar' && declared.kind !== 'string' && lengthOf(to)! >= lengthOf(declared)!);
    if (!isWider) throw alterErrors.typeChange(name, typeText(declared), typeText(to));
    const stored = fieldOfDdl(field.name, to, field.nullable, undefined);
    return { ...field, metadata: { ...metadata, ...stored.metadata } };
  }
  if (field.type.kind !== 'leaf') throw alterErrors.typeChange(name, typeText(declared), typeText(to));
  const wide = widened(table, field.type.type, to, name);
  if (!wide) return field;
  const changed = { ...field, type: { kind: 'leaf' as const, type: wide } };
  return withChange(changed, storedTypeName(field.type.type), storedTypeName(wide), null);
}

/** The wider type, or null where it is the same. Throws NOT_SUPPORTED_CHANGE_COLUMN and others. */
function widened(table: TableState, from: DataType, to: DataType, name: string): DataType | null {
  if (typeText(from) === typeText(to)) return null;
  if (!canWiden(from, to)) throw alterErrors.typeChange(name, typeText(from), typeText(to));
  const isOn = table.metadata.configuration['delta.enableTypeWidening']?.toLowerCase() === 'true';
  if (!isOn || !(supports(table.protocol, 'typeWidening') || supports(table.protocol, 'typeWidening-preview')))
    throw alterErrors.wideningOff(name, typeText(from), typeText(to));
  return to;
}

function changedInside(type: DeltaType, path: Path, change: (leaf: DataType) => DataType): DeltaType {
  const [first, ...rest] = path;
  if (first === undefined) return type.kind === 'leaf' ? { kind: 'leaf', type: change(type.type) } : type;
  if (type.kind === 'array' && first === 'element')
    return { ...type, element: changedInside(type.element, rest, change) };
  if (type.kind === 'map' && first === 'key') return { ...type, key: changedInside(type.key, rest, change) };
  if (type.kind === 'map' && first === 'value') return { ...type, value: changedInside(type.value, rest, change) };
  throw alterErrors.columnNotFound(joinPath(path), []);
}

/** Notes a change of type, so that readers know what older files hold. */
export function withChange(field: DeltaField, fromType: string, toType: string, fieldPath: string | null): DeltaField {
  const before = field.metadata[TYPE_CHANGES];
  const change = { toType, fromType, ...(fieldPath === null ? {} : { fieldPath }) };
  return {
    ...field,
    metadata: { ...field.metadata, [TYPE_CHANGES]: [...(Array.isArray(before) ? before : []), change] },
  };
}

async function checkNoNulls(context: AlterRoom, path: readonly string[]): Promise<void> {
  const value = path.map((part) => identifier(part)).join('.');
  const count = await countWhere(context, [path[0]!], `checked.${value} IS NULL`);
  if (count > 0) throw alterErrors.nullsThere(joinPath(path), count);
}
