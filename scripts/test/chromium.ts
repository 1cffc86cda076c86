import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** What the search needs of the machine: a test gives its own. */
export interface Machine {
  given: string | undefined;
  there: (path: string) => boolean;
  /** Where Playwright's download lies, or would lie. */
  playwrightPath: string;
  /** True where it worked. */
  download: () => boolean;
  root: boolean;
  installDebian: () => void;
}

const debian = '/usr/bin/apt-get';

/**
 * A Chromium for the browser tests: the one given, else an installed one, else Playwright's download, else Debian's package
 * when root. Null where there is none.
 */
export function chooseChromium(machine: Machine, say: (text: string) => void): string | null {
  const { given, there, playwrightPath } = machine;
  const found = [...(given ? [given] : []), ...installed, playwrightPath].find(there);
  if (found) return found;
  say('Downloading Chromium for the browser tests …');
  if (machine.download() && there(playwrightPath)) return playwrightPath;
  if (!machine.root || !there(debian)) return null;
  say("Installing Debian's Chromium …");
  machine.installDebian();
  return installed.find(there) ?? null;
}

/** `chooseChromium` on this machine; BOATHOUSE_CHROMIUM gives one. */
export async function findChromium(say: (text: string) => void): Promise<string | null> {
  const machine: Machine = {
    given: process.env.BOATHOUSE_CHROMIUM,
    there: existsSync,
    playwrightPath: chromium.executablePath(),
    download() {
      const args = ['node_modules/@playwright/test/cli.js', 'install', 'chromium'];
      return spawnSync(process.execPath, args, { stdio: 'ignore', timeout: 180_000 }).status === 0;
    },
    root: process.getuid?.() === 0,
    installDebian() {
      const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
      spawnSync('apt-get', ['update', '-qq'], options);
      spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
    },
  };
  return chooseChromium(machine, say);
}
