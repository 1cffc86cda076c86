import { z } from 'zod';
import type { DeltaField, DeltaType } from './types.ts';

/** PROTOCOL.md "Type Widening": older files hold the narrower type; the scan casts them. */
const TYPE_CHANGES = 'delta.typeChanges';
const Changes = z.array(z.object({ fromType: z.string(), toType: z.string() }));

const integers = ['byte', 'short', 'integer', 'long'];
const isWidening = (from: string, to: string): boolean => {
  if (integers.includes(from)) {
    if (integers.includes(to)) return integers.indexOf(from) < integers.indexOf(to);
    return to.startsWith('decimal') || (to === 'double' && from !== 'long');
  }
  if (from.startsWith('decimal')) return to.startsWith('decimal');
  return (from === 'float' && to === 'double') || (from === 'date' && to === 'timestamp_ntz');
};

export const isWidened = (field: DeltaField): boolean => field.metadata[TYPE_CHANGES] !== undefined;

/** Changes of type that the protocol does not have, as `from → to`: a reader must refuse them. */
export function unknownTypeChanges(fields: readonly DeltaField[]): string[] {
  return fields.flatMap((field) => [...ofField(field), ...inside(field.type)]);
}

function ofField(field: DeltaField): string[] {
  if (!isWidened(field)) return [];
  const changes = Changes.safeParse(field.metadata[TYPE_CHANGES]);
  if (!changes.success) return [`type change of column ${field.name}`];
  return changes.data
    .filter(({ fromType, toType }) => !isWidening(fromType, toType))
    .map(({ fromType, toType }) => `type change ${fromType} → ${toType}`);
}

function inside(type: DeltaType): string[] {
  if (type.kind === 'struct') return unknownTypeChanges(type.fields);
  if (type.kind === 'array') return inside(type.element);
  return type.kind === 'map' ? [...inside(type.key), ...inside(type.value)] : [];
}

/** Fields that know nothing of older types: for tables whose files were all written anew. */
export const withoutTypeChanges = (fields: readonly DeltaField[]): DeltaField[] =>
  fields.map((field) => {
    const { [TYPE_CHANGES]: _changes, ...metadata } = field.metadata;
    return { ...field, type: plain(field.type), metadata };
  });

function plain(type: DeltaType): DeltaType {
  switch (type.kind) {
    case 'leaf':
      return type;
    case 'struct':
      return { ...type, fields: withoutTypeChanges(type.fields) };
    case 'array':
      return { ...type, element: plain(type.element) };
    case 'map':
      return { ...type, key: plain(type.key), value: plain(type.value) };
  }
}
