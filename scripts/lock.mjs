// `npm run lock` after every `npm install PACKAGE`: takes from package-lock.json the optional packages of systems that
// Boathouse does not run on and that the lock therefore has no entry for. `npm ci` would refuse the lock otherwise.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const has = (name, from) => {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[at ? `${at}/node_modules/${name}` : `node_modules/${name}`]) return true;
    if (!at) return false;
  }
};
let removed = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (has(name, path)) continue;
    delete entry.optionalDependencies[name];
    removed++;
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${removed} packages of other systems taken from package-lock.json\n`);
