import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** A Chromium for the browser tests: an installed one, else Playwright's download, else Debian's package when root. */
export async function findChromium(say: (text: string) => void): Promise<string | null> {
  const given = process.env.BOATHOUSE_CHROMIUM;
  if (given && existsSync(given)) return given;
  const found =
    installed.find((path) => existsSync(path)) ?? [chromium.executablePath()].find((path) => path && existsSync(path));
  if (found) return found;
  say('Downloading Chromium for the browser tests …');
  const download = spawnSync(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'], {
    stdio: 'ignore',
    timeout: 180_000,
  });
  if (download.status === 0 && existsSync(chromium.executablePath())) return chromium.executablePath();
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say("Installing Debian's Chromium …");
    const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
    return installed.find((path) => existsSync(path)) ?? null;
  }
  return null;
}
