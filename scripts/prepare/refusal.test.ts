import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { refusal } from './refusal.mjs';

const tested = { platform: 'linux', arch: 'x64', glibc: '2.36', nodeVersion: 'v20.19.0' };

test('a system that nobody has tested is refused in one sentence that names it', () => {
  assert.equal(refusal(tested), null);
  const others = [
    [{ platform: 'darwin', glibc: undefined }, /this is darwin x64, which/],
    [{ platform: 'win32', glibc: undefined }, /this is win32 x64, which/],
    [{ arch: 'arm64' }, /this is linux arm64, which/],
    [{ glibc: undefined }, /this is linux x64 without glibc, which/],
    [{ nodeVersion: 'v18.20.4' }, /needs Node 20 or newer to start; this is v18\.20\.4\./],
  ] as const;
  for (const [other, words] of others) {
    const sentence = refusal({ ...tested, ...other });
    assert.match(sentence ?? '', words);
    assert.doesNotMatch(sentence ?? '', /\n/);
  }
});

test('`npm start` on another system says so before it installs anything, and exits 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-refusal-'));
  try {
    const pretend = join(folder, 'pretend.mjs');
    writeFileSync(pretend, "Object.defineProperty(process, 'platform', { value: 'darwin' });\n");
    const prepare = fileURLToPath(new URL('../prepare.mjs', import.meta.url));
    const done = spawnSync(process.execPath, ['--import', pathToFileURL(pretend).href, prepare], { encoding: 'utf8' });
    assert.deepEqual([done.status, done.stdout], [1, '']);
    assert.match(
      done.stderr,
      /^Boathouse runs on Linux x64 with glibc; this is darwin x64, which nobody has tested yet\.\n$/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
