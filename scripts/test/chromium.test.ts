import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseChromium, type Machine } from './chromium.ts';

const system = '/usr/bin/chromium';
const downloaded = '/cache/chrome';

/** A machine with these files; what happens on it is noted. */
function machine(files: string[], more: Partial<Machine> & { downloads?: boolean; installs?: boolean } = {}) {
  const there = new Set(files);
  const done: string[] = [];
  const is: Machine = {
    given: undefined,
    there: (path) => there.has(path),
    playwrightPath: downloaded,
    download() {
      done.push('download');
      if (more.downloads) there.add(downloaded);
      return more.downloads ?? false;
    },
    root: true,
    installDebian() {
      done.push('install');
      if (more.installs) there.add(system);
    },
    ...more,
  };
  return { found: chooseChromium(is, () => undefined), done };
}

test('the browser tests take the Chromium that is given, else an installed one, else one downloaded before', () => {
  const all = ['/opt/mine', system, downloaded];
  assert.deepEqual(machine(all, { given: '/opt/mine' }), { found: '/opt/mine', done: [] });
  assert.deepEqual(machine(all, { given: '/opt/gone' }), { found: system, done: [] });
  assert.deepEqual(machine([downloaded]), { found: downloaded, done: [] });
});

test("without a Chromium Playwright's is downloaded, else Debian's installed by root, else there is none", () => {
  assert.deepEqual(machine([], { downloads: true }), { found: downloaded, done: ['download'] });
  const debian = ['/usr/bin/apt-get'];
  assert.deepEqual(machine(debian, { installs: true }), { found: system, done: ['download', 'install'] });
  assert.deepEqual(machine(debian), { found: null, done: ['download', 'install'] });
  assert.deepEqual(machine(debian, { root: false }), { found: null, done: ['download'] });
  assert.deepEqual(machine([]), { found: null, done: ['download'] });
});
