import { fileKey } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { mappingMode } from '../schema/mapping.ts';
import { partitionFolder } from '../write/partition-path.ts';
import { byPartition } from './bins.ts';
import { maintenanceErrors } from './errors.ts';
import { partitionNames } from './partitions.ts';
import type { ManifestResult } from './types.ts';

const FOLDER = '_symlink_format_manifest';

/**
 * Lists of a table's data files for engines that read such (Presto, Athena, Hive): one file `manifest` a partition, with an
 * absolute path a line. They are of the latest version, and do not follow the table.
 */
export async function generateManifest(room: DeltaRoom, location: string): Promise<ManifestResult> {
  const snapshot = await room.cache.current(location);
  if (mappingMode(snapshot.metadata.configuration) !== 'none') throw maintenanceErrors.manifestMapped();
  const files = await snapshot.files();
  if (files.some(({ deletionVector }) => deletionVector)) throw maintenanceErrors.manifestWithVectors();
  const { store } = room.reader;
  const root = store.uri(location);
  const names = partitionNames(snapshot);
  const written = new Set<string>();
  const groups = names.length ? byPartition(files, names) : [[...files]];
  for (const group of groups) {
    const values = names.map((name): [string, string | null] => [name, group[0]?.partitionValues[name] ?? null]);
    const key = `${location}/${FOLDER}/${partitionFolder(values)}manifest`;
    const lines = group.map((file) => `${store.uri(fileKey(location, file.path, root, store))}\n`);
    await store.put(key, Buffer.from(lines.join('')));
    written.add(key);
  }
  // Partitions that the table no longer has.
  for await (const { key } of store.list(`${location}/${FOLDER}/`)) if (!written.has(key)) await store.delete(key);
  return { manifests: written.size };
}
