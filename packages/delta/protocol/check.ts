import type { Protocol } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { features } from './features.ts';
import { featuresOf, READER_MAXIMUM, WRITER_MAXIMUM } from './protocol.ts';

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
export const writerFeatures = (protocol: Protocol): string[] =>
  protocol.minWriterVersion >= WRITER_MAXIMUM ? (protocol.writerFeatures ?? []) : [...featuresOf(protocol)];

/** Refuses, by name, what we would break by writing. Throws DELTA_UNSUPPORTED_FEATURES_FOR_WRITE. */
export function checkWritable(location: string, protocol: Protocol): void {
  const unknown: string[] = [];
  if (protocol.minWriterVersion > WRITER_MAXIMUM) unknown.push(`writer version ${protocol.minWriterVersion}`);
  for (const name of writerFeatures(protocol)) if (features[name]?.write !== 'yes') unknown.push(name);
  if (unknown.length) throw deltaErrors.unsupportedWrite(location, unknown);
}
