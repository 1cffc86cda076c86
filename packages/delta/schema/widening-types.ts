import { type DataType, typeText } from '@boathouse/contracts';

/** PROTOCOL.md "Type Widening": which types a column may change to without its files being written anew. */
const DIGITS: Partial<Record<DataType['kind'], number>> = { tinyint: 10, smallint: 10, int: 10, bigint: 20 };
const INTEGERS: readonly DataType['kind'][] = ['tinyint', 'smallint', 'int', 'bigint'];

export function canWiden(from: DataType, to: DataType): boolean {
  if (INTEGERS.includes(from.kind)) {
    if (INTEGERS.includes(to.kind)) return INTEGERS.indexOf(from.kind) < INTEGERS.indexOf(to.kind);
    if (to.kind === 'double') return from.kind !== 'bigint';
    return to.kind === 'decimal' && to.precision - to.scale >= (DIGITS[from.kind] ?? 38);
  }
  if (from.kind === 'decimal' && to.kind === 'decimal')
    return (
      typeText(from) !== typeText(to) &&
      to.scale >= from.scale &&
      to.precision - to.scale >= from.precision - from.scale
    );
  return (from.kind === 'float' && to.kind === 'double') || (from.kind === 'date' && to.kind === 'timestamp_ntz');
}

const NAMES: Partial<Record<DataType['kind'], string>> = {
  tinyint: 'byte',
  smallint: 'short',
  int: 'integer',
  bigint: 'long',
};
/** A leaf's name in the log. */
export const storedTypeName = (type: DataType): string => NAMES[type.kind] ?? typeText(type);
