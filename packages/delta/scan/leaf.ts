import { findField } from '../schema/columns.ts';
import { type MappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { isWidened } from '../schema/widening.ts';

export interface Leaf {
  /** Physical names from the column inwards, as statistics have them. */
  path: string[];
  field: DeltaField;
  /** Whether the type of anything on the way was widened. */
  isWidened: boolean;
}

/** A column, or a field inside of structs as `a.b`; a column whose own name has a dot is found first. */
export function findLeaf(fields: readonly DeltaField[], name: string, mode: MappingMode): Leaf | null {
  const whole = findField(fields, name);
  if (whole) return { path: [physicalName(whole, mode)], field: whole, isWidened: isWidened(whole) };
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const outer = findField(fields, name.slice(0, dot));
    if (outer?.type.kind !== 'struct') continue;
    const inner = findLeaf(outer.type.fields, name.slice(dot + 1), mode);
    if (!inner) continue;
    return {
      path: [physicalName(outer, mode), ...inner.path],
      field: inner.field,
      isWidened: inner.isWidened || isWidened(outer),
    };
  }
  return null;
}
