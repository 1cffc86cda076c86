import { createLocalStore, openS3Store } from '@boathouse/storage';
import { createDelta } from '../index.ts';
import { fileCatalog } from './file-catalog.ts';
import { openEngine } from './support.ts';

// Started by the tests: appends one row a commit, with a transaction for each, until done or killed. The store is a folder,
// or options of an S3 store as JSON.
const [where, appId, count, kind] = process.argv.slice(2) as [string, string, string, string | undefined];
const engine = await openEngine();
const store = where.startsWith('{') ? await openS3Store(JSON.parse(where)) : createLocalStore(where);
const delta = createDelta({ store, engine, ...(kind === 'catalog' ? { catalog: fileCatalog(store) } : {}) });
const columns = [
  { name: 'app', type: 'string', nullable: true },
  { name: 'n', type: 'int', nullable: true },
];
process.stdout.write('ready\n');
const done = (await delta.snapshot('t')).txnVersion(appId) ?? 0;
for (let version = done + 1; version <= Number(count); version++) {
  const adds = await delta.writeFiles(
    { location: 't', columns, partitionColumns: [] },
    `SELECT '${appId}' AS app, ${version} AS n`,
  );
  await delta.commit('t', { operation: 'STREAMING UPDATE', mode: 'append', adds, txn: { appId, version } });
}
await delta.idle();
engine.close();
