import type { DataType } from '@boathouse/contracts';
import { literal } from '../schema/engine.ts';
import { timestampMicros } from '../stats/order.ts';

/**
 * PROTOCOL.md "Partition Value Serialization": text of the log → the engine's literal, to be cast to the column's type.
 * A timestamp without a zone is read as UTC, the zone of our sessions.
 */
export function partitionLiteral(text: string | null | undefined, type: DataType): string {
  if (text === null || text === undefined || text === '') return 'NULL';
  if (type.kind === 'binary') return `encode(${literal(text)})`;
  if (type.kind === 'timestamp') {
    const micros = timestampMicros(text);
    if (micros !== null) return `make_timestamptz(${micros})`;
  }
  return literal(text);
}
