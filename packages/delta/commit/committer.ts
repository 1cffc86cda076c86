import type { Committer, ObjectStore } from '@boathouse/contracts';
import { versionText } from '../log/names.ts';

/** PROTOCOL.md "Delta Log Entries": a version is created by putting its file where none is. `logKey` ends in `_delta_log`. */
export const createStoreCommitter = (store: ObjectStore): Committer => ({
  commit: (logKey, version, body) => store.putIfAbsent(`${logKey}/${versionText(version)}.json`, body),
});
