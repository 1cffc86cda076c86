#!/usr/bin/env node
// `npx boathouse`: hands over to the Node that the product carries, whatever the machine has.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/boathouse/compile', import.meta.url));
if (!existsSync(node)) {
  process.stderr.write('Boathouse is not installed yet: run "npm start" in the checkout once.\n');
  process.exit(1);
}
const done = spawnSync(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  // Types stripped once are not stripped at every start: half a second and a third of the memory.
  env: { NODE_COMPILE_CACHE: cache, ...process.env },
});
process.exit(done.status ?? 1);
