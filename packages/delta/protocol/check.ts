import type { Protocol } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { DeltaField } from '../schema/types.ts';
import { features } from './features.ts';

/** PROTOCOL.md "Table Features": highest versions that any protocol has. */
const READER_MAXIMUM = 3;
const WRITER_MAXIMUM = 7;

/** Refuses, by name, what we could read only wrongly. Throws DELTA_UNSUPPORTED_FEATURES_FOR_READ. */
export function checkReadable(location: string, protocol: Protocol): void {
  const unknown: string[] = [];
  if (protocol.minReaderVersion > READER_MAXIMUM) unknown.push(`reader version ${protocol.minReaderVersion}`);
  if (protocol.minReaderVersion === READER_MAXIMUM && !protocol.readerFeatures)
    unknown.push('reader version 3 without a list of readerFeatures');
  if (protocol.minReaderVersion >= READER_MAXIMUM) {
    for (const name of protocol.readerFeatures ?? []) if (features[name]?.read !== 'yes') unknown.push(name);
  }
  if (unknown.length) throw deltaErrors.unsupportedRead(location, unknown);
}

/** Features in force for writers: listed, or implied by a legacy version. */
export function writerFeatures(protocol: Protocol): string[] {
  if (protocol.minWriterVersion >= WRITER_MAXIMUM) return protocol.writerFeatures ?? [];
  return Object.entries(features).flatMap(([name, row]) =>
    row.legacyWriter !== null && row.legacyWriter <= protocol.minWriterVersion ? [name] : [],
  );
}

/** Refuses, by name, what we would break by writing. Throws DELTA_UNSUPPORTED_FEATURES_FOR_WRITE. */
export function checkWritable(
  location: string,
  protocol: Protocol,
  table: { configuration: Readonly<Record<string, string>>; fields: readonly DeltaField[] },
): void {
  const unknown: string[] = [];
  if (protocol.minWriterVersion > WRITER_MAXIMUM) unknown.push(`writer version ${protocol.minWriterVersion}`);
  for (const name of writerFeatures(protocol)) {
    const row = features[name];
    if (!row || row.write === 'no' || (row.write === 'unless active' && row.active?.(table))) unknown.push(name);
  }
  if (unknown.length) throw deltaErrors.unsupportedWrite(location, unknown);
}

/**
 * The protocol of a new table: what Spark gives by default, reader 1 and writer 2; with timestamp_ntz columns table
 * features, since no legacy version has that type.
 */
export function protocolFor(fields: readonly DeltaField[]): Protocol {
  if (!usesNtz(fields)) return { minReaderVersion: 1, minWriterVersion: 2 };
  return {
    minReaderVersion: READER_MAXIMUM,
    minWriterVersion: WRITER_MAXIMUM,
    readerFeatures: ['timestampNtz'],
    writerFeatures: ['timestampNtz', 'appendOnly', 'invariants'],
  };
}

/** A protocol that allows both what was allowed and what the new schema needs (a replaced table never loses features). */
export function widenProtocol(current: Protocol, fields: readonly DeltaField[]): Protocol {
  if (!usesNtz(fields) || current.readerFeatures?.includes('timestampNtz')) return current;
  const reader = Object.entries(features).flatMap(([name, row]) =>
    row.legacyReader !== null &&
    row.legacyReader <= current.minReaderVersion &&
    current.minReaderVersion < READER_MAXIMUM
      ? [name]
      : [],
  );
  return {
    minReaderVersion: READER_MAXIMUM,
    minWriterVersion: WRITER_MAXIMUM,
    readerFeatures: [...new Set([...(current.readerFeatures ?? reader), 'timestampNtz'])],
    writerFeatures: [...new Set([...writerFeatures(current), 'timestampNtz'])],
  };
}

const usesNtz = (fields: readonly DeltaField[]): boolean => JSON.stringify(fields).includes('"timestamp_ntz"');
