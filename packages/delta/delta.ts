import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { BoathouseError } from '@boathouse/contracts';
import { createAlterOperations } from './alter/alter.ts';
import { createChangeOperations } from './changes/changes.ts';
import { Checkpointer } from './checkpoint/background.ts';
import { Checksums } from './checksum/background.ts';
import { createCatalogCommitter } from './commit/catalog-committer.ts';
import { createStoreCommitter } from './commit/committer.ts';
import { createTable } from './commit/create.ts';
import { committedBy } from './commit/publish.ts';
import { commitTo } from './commit/request.ts';
import { createDmlOperations } from './dml/dml.ts';
import { deltaErrors } from './errors.ts';
import { detail } from './history/detail.ts';
import { history } from './history/history.ts';
import { versionAt } from './history/times.ts';
import { ManagedTables } from './log/managed.ts';
import { tableStore } from './log/paths.ts';
import { listLog } from './log/read.ts';
import { fileFailure } from './maintenance/failure.ts';
import { createMaintenanceOperations } from './maintenance/maintenance.ts';
import type { DeltaRoom } from './room.ts';
import { createFooterReader } from './scan/footers.ts';
import { prune } from './scan/prune.ts';
import { relation, scanOf } from './scan/relation.ts';
import { createVectorFiles } from './scan/vector-files.ts';
import { SnapshotCache } from './snapshot/cache.ts';
import type { Delta, DeltaOptions } from './types.ts';
import { createAs } from './write/create-as.ts';
import { discardFiles } from './write/files.ts';
import { insert } from './write/insert.ts';
import { writeStaged } from './write/staged.ts';

/** Opens the room: the Delta Lake protocol over a store and an engine. */
export function createDelta(options: DeltaOptions): Delta {
  const { engine, logger } = options;
  const store = tableStore(options.store, options.allowOutside);
  const clock = options.clock ?? Date.now;
  const ids = options.ids ?? randomUUID;
  const managed = options.catalog && new ManagedTables(options.catalog);
  const committer = options.committer ?? managed;
  const reader = { store, engine, filesInMemory: options.filesInMemory, logger, committer, managed };
  const cache = new SnapshotCache(reader, logger);
  const footers = createFooterReader(engine);
  const checksums = new Checksums(store, logger);
  const checkpoints = new Checkpointer({ store, engine, clock }, cache, logger);
  const room: DeltaRoom = {
    reader,
    committer: options.committer ?? createStoreCommitter(store),
    catalogCommitter: options.catalog ? createCatalogCommitter(store, options.catalog, { ids, logger }) : null,
    cache,
    footers,
    vectors: createVectorFiles(store, clock),
    compiler: options.compiler,
    logger,
    clock,
    ids,
    pause: options.pause ?? ((maximumMs) => wait(Math.random() * maximumMs)),
    committed(done, configuration) {
      checksums.committed(done);
      checkpoints.committed(done.location, done.version, configuration);
    },
    isMine: async (location, version, txnId) => (await committedBy(reader, location, version)) === txnId,
  };

  const exists = async (location: string): Promise<boolean> => {
    try {
      await cache.current(location);
      return true;
    } catch (error) {
      if (error instanceof BoathouseError && error.code === 'DELTA_TABLE_NOT_FOUND') return false;
      throw error;
    }
  };

  return {
    ...createAlterOperations(room),
    ...createChangeOperations(room),
    ...createDmlOperations(room),
    ...createMaintenanceOperations(room),
    insert: (location, request) => insert(room, location, request),
    createAs: (location, request) => createAs(room, location, request),
    async snapshot(location, at = {}) {
      if (at.version !== undefined) return cache.atVersion(location, at.version);
      const latest = await cache.current(location);
      if (at.timestampMs === undefined) return latest;
      return cache.atVersion(location, await versionAt(reader, latest, at.timestampMs));
    },
    exists,
    async latestVersion(location) {
      return (await cache.current(location)).version;
    },
    async listNew(location, afterVersion) {
      const files = await listLog(reader, location, afterVersion + 1);
      const commits = files.flatMap(({ modifiedMs, file }) =>
        file.kind === 'commit' && file.version > afterVersion
          ? [{ version: file.version, timestampMs: modifiedMs }]
          : [],
      );
      if (!commits.length && afterVersion < 0) throw deltaErrors.tableNotFound(location);
      return commits.sort((left, right) => left.version - right.version);
    },
    prune,
    relation: (snapshot, files, needed, relationOptions) =>
      relation(scanOf(room), snapshot, files, needed, relationOptions),
    writeFiles: (target, relationSql, writeOptions = {}) => writeStaged(room, target, relationSql, writeOptions.engine),
    discardFiles: (location, files) => discardFiles(store, location, files),
    async create(location, request) {
      return createTable(room, location, request, await exists(location));
    },
    commit: (location, request) => commitTo(room, location, request),
    async history(location, limit) {
      return history(reader, await cache.current(location), limit);
    },
    async detail(location, { maxFiles = 1000 } = {}) {
      return detail(await cache.current(location), maxFiles);
    },
    fileFailure: (location, at, error) => fileFailure(room, location, at, error),
    forget: (location) => cache.forget(location),
    checkpoint: (location) => checkpoints.checkpoint(location),
    async idle() {
      await checkpoints.idle();
      await checksums.idle();
    },
  };
}
