import type { ObjectStore } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { createDelta } from '../../index.ts';
import { openEngine } from '../support.ts';
import { type Operation, perform } from './operations.ts';

/**
 * Started by the test: runs the operations of its argument one after another and says what it begins and has done, until it is
 * killed. Where it is told to, it kills itself, before or after a call to the store: a point that no timer would hit.
 */
interface Task {
  root: string;
  operations: Operation[];
  floor: number;
  /** Die at this call to the store, counted from the beginning of this operation. */
  die: { operation: number; call: number; after: boolean } | null;
}
const task: Task = JSON.parse(process.argv[2] ?? '');
const { die } = task;
let current = -1;
let calls = 0;

/** `process.kill` with SIGKILL does not return. */
async function counted<T>(effect: () => Promise<T>): Promise<T> {
  const isLast = die !== null && current >= die.operation && ++calls === die.call;
  if (isLast && !die.after) process.kill(process.pid, 'SIGKILL');
  const value = await effect();
  if (isLast) process.kill(process.pid, 'SIGKILL');
  return value;
}

const inner = createLocalStore(task.root);
const store: ObjectStore = {
  ...inner,
  put: (key, body, options) => counted(() => inner.put(key, body, options)),
  putIfAbsent: (key, body) => counted(() => inner.putIfAbsent(key, body)),
  delete: (key) => counted(() => inner.delete(key)),
  async stage() {
    const stage = await counted(() => inner.stage());
    return {
      folder: stage.folder,
      publish: (file, key) => counted(() => stage.publish(file, key)),
      discard: () => counted(() => stage.discard()),
    };
  },
};

const engine = await openEngine();
const delta = createDelta({ store, engine });
const say = (message: unknown) => void process.stdout.write(`${JSON.stringify(message)}\n`);
let { floor } = task;
for (const [index, operation] of task.operations.entries()) {
  const latest = await delta.latestVersion('t');
  say({ begins: index, latest, floor });
  current = index;
  const version = await perform(delta, operation, floor);
  say({ done: index, version });
  if (operation.kind === 'vacuum') floor = await delta.latestVersion('t');
}
await delta.idle();
engine.close();
