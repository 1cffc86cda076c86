import type { ObjectStore } from '@boathouse/contracts';
import { createLocalStore, openS3Store } from '../index.ts';

// Started by the tests: races for keys, prints those it won, or streams without an end until it is killed. The store is a
// folder, or options of an S3 store as JSON.
const [where, mode, name] = process.argv.slice(2) as [string, 'race' | 'stall', string];
const store: ObjectStore = where.startsWith('{') ? await openS3Store(JSON.parse(where)) : createLocalStore(where);
const won: number[] = [];
if (mode === 'race') {
  for (let version = 0; version < 200; version++) {
    if (
      await store.putIfAbsent(
        `log/${String(version).padStart(20, '0')}.json`,
        Buffer.from(`${name} ${version}\n`.repeat(50)),
      )
    )
      won.push(version);
  }
  process.stdout.write(JSON.stringify(won));
} else {
  const writer = await store.writer('data/large.bin');
  await writer.write(Buffer.alloc(1_000_000, 7));
  await (await store.stage()).publish('/', 'x').catch(() => undefined);
  process.stdout.write('half\n');
  setInterval(() => undefined, 1000);
}
