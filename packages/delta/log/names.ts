/** PROTOCOL.md "Delta Log Entries", "Checkpoints": names of files in `_delta_log`. */

export const logFolder = (location: string): string => `${location}/_delta_log/`;
export const versionText = (version: number): string => String(version).padStart(20, '0');
export const commitKey = (location: string, version: number): string =>
  `${logFolder(location)}${versionText(version)}.json`;
/** PROTOCOL.md "Version Checksum File". */
export const checksumKey = (location: string, version: number): string =>
  `${logFolder(location)}${versionText(version)}.crc`;
/** PROTOCOL.md "Catalog-managed tables": where a commit lies before it is published, below the log's folder. */
export const stagedPath = (version: number, id: string): string => `_staged_commits/${versionText(version)}.${id}.json`;
export const lastCheckpointKey = (location: string): string => `${logFolder(location)}_last_checkpoint`;

export type LogFile =
  | { kind: 'commit'; version: number }
  | { kind: 'classic'; version: number }
  | { kind: 'part'; version: number; part: number; parts: number }
  | { kind: 'v2'; version: number; format: 'json' | 'parquet' }
  | { kind: 'checksum'; version: number }
  /** PROTOCOL.md "Log Compaction Files": the commits `from` to `version` in one. */
  | { kind: 'compacted'; version: number; from: number };

const commit = /^(\d{20})\.json$/;
const classic = /^(\d{20})\.checkpoint\.parquet$/;
const part = /^(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;
const v2 = /^(\d{20})\.checkpoint\.[0-9a-fA-F-]{36}\.(json|parquet)$/;
const checksum = /^(\d{20})\.crc$/;
const compacted = /^(\d{20})\.(\d{20})\.compacted\.json$/;

/** What a name says, or null: hidden and foreign files are safely ignored. */
export function parseLogName(name: string): LogFile | null {
  let match = commit.exec(name);
  if (match) return { kind: 'commit', version: Number(match[1]) };
  match = classic.exec(name);
  if (match) return { kind: 'classic', version: Number(match[1]) };
  match = part.exec(name);
  if (match) return { kind: 'part', version: Number(match[1]), part: Number(match[2]), parts: Number(match[3]) };
  match = v2.exec(name);
  if (match) return { kind: 'v2', version: Number(match[1]), format: match[2] === 'json' ? 'json' : 'parquet' };
  match = checksum.exec(name);
  if (match) return { kind: 'checksum', version: Number(match[1]) };
  match = compacted.exec(name);
  if (match && Number(match[1]) < Number(match[2]))
    return { kind: 'compacted', version: Number(match[2]), from: Number(match[1]) };
  return null;
}
