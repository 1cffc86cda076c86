import type { DataType } from '@boathouse/contracts';
import type { Node } from './range.ts';

/** One part of a name, without its back-ticks. Names compare case-insensitively but keep their spelling. */
export interface Identifier extends Node {
  name: string;
  /** Written in back-ticks. */
  quoted: boolean;
}

/** `catalog.schema.table` and the like: at least one part. `delta.`/path`` is a name of two parts. */
export interface Name extends Node {
  parts: Identifier[];
}

/** A data type as written. Collations and types that no table of ours can hold are refused while parsing. */
export interface TypeRef extends Node {
  type: DataType;
}

/** `key = value` of TBLPROPERTIES, OPTIONS and WITH (…): the key's dotted text and the value's text. */
export interface Property extends Node {
  key: string;
  /** Null where the key stands alone. */
  value: string | null;
}

/** The name as one would write it, without quoting: for messages. */
export function nameText(name: Name): string {
  return name.parts.map((part) => part.name).join('.');
}
