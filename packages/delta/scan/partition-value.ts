import type { DataType } from '@boathouse/contracts';
import { literal } from '../schema/engine.ts';
import { timestampMicros } from '../stats/order.ts';

/**
 * PROTOCOL.md "Partition Value Serialization": text of the log → the engine's literal, to be cast to the column's type.
 * A timestamp without a zone is read in `zone`, that of the session, as Spark does: the log does not keep the writer's.
 */
export function partitionLiteral(text: string | null | undefined, type: DataType, zone: string): string {
  if (text === null || text === undefined || text === '') return 'NULL';
  if (type.kind === 'binary') return `encode(${literal(text)})`;
  if (type.kind === 'timestamp') {
    const micros = timestampMicros(text);
    if (micros !== null && (zone === 'UTC' || hasZone(text))) return `make_timestamptz(${micros})`;
    return `timezone(${literal(zone)}, CAST(${literal(text)} AS TIMESTAMP))`;
  }
  return literal(text);
}

/** Whether a timestamp's text says its zone. */
export const hasZone = (text: string): boolean => /(Z|[+-]\d{2}(:?\d{2})?)$/.test(text.trim().slice(10));
