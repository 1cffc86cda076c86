import type { Protocol } from '../actions/types.ts';
import type { LogReader } from '../log/read.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { parseChecksum, type ToldChecksum } from './checksum.ts';

/** A checksum only helps: one that cannot be read is told in the log and counts as none. */
export async function readChecksum(reader: LogReader, key: string): Promise<ToldChecksum | null> {
  try {
    return parseChecksum(new TextDecoder().decode(await reader.store.get(key)), key);
  } catch (error) {
    reader.logger?.warn({ checksum: key, error }, 'a version checksum cannot be read');
    return null;
  }
}

/**
 * PROTOCOL.md "Version Checksum File": holds a snapshot against what its writer told. Where they differ the log is right and
 * the checksum is passed over, which the log of the process says; where they agree, a large checkpoint need not be summed.
 */
export function verify(reader: LogReader, snapshot: ReplayedSnapshot, told: ToldChecksum): void {
  const { location, version } = snapshot;
  const differences = differencesOf(snapshot, told);
  if (differences.length)
    reader.logger?.warn({ location, version, differences }, 'a version checksum differs from the log, which counts');
  else snapshot.trust({ numFiles: told.numFiles, sizeBytes: told.sizeBytes, numRows: told.numRows });
}

function differencesOf(snapshot: ReplayedSnapshot, told: ToldChecksum): string[] {
  const { base, files, tombstones } = snapshot.state;
  const different: string[] = [];
  const [least, most] = base
    ? [base.numFiles - tombstones.size - files.size, base.numFiles + files.size]
    : [files.size, files.size];
  if (told.numFiles < least || told.numFiles > most)
    different.push(`numFiles is ${told.numFiles}, the log has ${base ? `${least} to ` : ''}${most}`);
  if (!base) {
    let sizeBytes = 0;
    for (const { size } of files.values()) sizeBytes += size;
    if (sizeBytes !== told.sizeBytes)
      different.push(`tableSizeBytes is ${told.sizeBytes}, the log has files of ${sizeBytes}`);
  }
  if (told.metadata && told.metadata.id !== snapshot.metadata.id)
    different.push(`metadata.id is ${told.metadata.id}, the log has ${snapshot.metadata.id}`);
  if (told.metadata && told.metadata.schemaString !== snapshot.metadata.schemaString)
    different.push('metadata.schemaString is another');
  if (told.protocol && protocolText(told.protocol) !== protocolText(snapshot.protocol))
    different.push('protocol is another');
  return different;
}

/** Features are sets. */
const protocolText = ({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): string =>
  JSON.stringify([minReaderVersion, minWriterVersion, sorted(readerFeatures), sorted(writerFeatures)]);
const sorted = (names: readonly string[] | undefined): string[] => [...(names ?? [])].sort();
