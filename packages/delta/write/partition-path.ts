import type { DataType } from '@boathouse/contracts';
import { timestampMicros } from '../stats/order.ts';

/**
 * The ways of a partition value: the engine's text → the log's text (PROTOCOL.md "Partition Value Serialization") → a
 * folder name (Hive) → the URI of `add.path`. Each step has its own escapes.
 */

/** The engine's text of a value as the log keeps it; NULL and the empty string are both null there. */
export function partitionText(value: string | null, type: DataType): string | null {
  if (value === null || value === '') return null;
  switch (type.kind) {
    case 'timestamp':
    case 'timestamp_ntz': {
      const micros = timestampMicros(value);
      if (micros === null) return value;
      const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
      const fraction = String(micros - seconds * 1_000_000n).padStart(6, '0');
      const iso = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
      return type.kind === 'timestamp' ? `${iso}.${fraction}Z` : `${iso.replace('T', ' ')}.${fraction}`;
    }
    case 'float':
    case 'double':
      return { inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN' }[value] ?? value;
    default:
      return value;
  }
}

const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__';
// biome-ignore lint/suspicious/noControlCharactersInRegex: Hive escapes control characters
const escaped = /[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^]/g;
const hive = (text: string): string =>
  text.replace(escaped, (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'));

/** Folder of a partition, relative to the table, with a trailing '/'; empty for a table without partitions. */
export const partitionFolder = (values: readonly (readonly [name: string, value: string | null])[]): string =>
  values.map(([name, value]) => `${hive(name)}=${value === null ? NULL_FOLDER : hive(value)}/`).join('');
