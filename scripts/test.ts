import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecks } from './check.ts';
import { findChromium } from './test/chromium.ts';
import { startTestCluster } from './test/postgres.ts';
import { countsLine } from './test/reporter.ts';

/**
 * Everything that can be tested on one machine: types, lint and boundaries, unit and integration tests against real
 * PostgreSQL and DuckDB, and end-to-end tests in a real Chromium. The last line is `N passed, N failed, N skipped`.
 *
 *   npm test                      all of it
 *   npm test -- packages/sql      only test files whose path contains the text
 *   npm run test:long             also the longer forms (more seeds, more kill rounds)
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const say = (text: string) => process.stdout.write(`${text}\n`);
const args = process.argv.slice(2);
const long = args.includes('--long');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const only = (path: string) => wanted.length === 0 || wanted.some((text) => path.includes(text));

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const add = (counts: Partial<Counts>) => {
  total.passed += counts.passed ?? 0;
  total.failed += counts.failed ?? 0;
  total.skipped += counts.skipped ?? 0;
};

function run(
  command: string,
  commandArgs: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        process.stdout.write(chunk);
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Node's test runner over the files. A crash of the runner counts as one failure. */
async function nodeTests(files: string[], concurrency: number, env: NodeJS.ProcessEnv): Promise<void> {
  if (files.length === 0) return;
  const { code, output } = await run(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--test',
      '--test-force-exit',
      `--test-timeout=${long ? 3_600_000 : 600_000}`,
      `--test-concurrency=${concurrency}`,
      '--test-reporter=./scripts/test/reporter.ts',
      ...files,
    ],
    env,
  );
  const [, passed = 0, failed = 0, skipped = 0] = [...output.matchAll(countsLine)].at(-1)?.map(Number) ?? [];
  add({ passed, failed: code !== 0 ? Math.max(1, failed) : failed, skipped });
}

async function browserTests(env: NodeJS.ProcessEnv): Promise<void> {
  const files = globSync('e2e/**/*.spec.ts', { cwd: root }).filter(only);
  if (files.length === 0) return;
  const chromium = await findChromium(say);
  if (!chromium) {
    say(
      'The browser tests need Chromium: install the package "chromium" of your system, or run "npx playwright install chromium".',
    );
    add({ failed: 1 });
    return;
  }
  const { code, output } = await run(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts', ...files],
    {
      ...env,
      BOATHOUSE_CHROMIUM: chromium,
    },
  );
  const count = (name: string) => Number(new RegExp(`^\\s+(\\d+) ${name}`, 'm').exec(output)?.[1] ?? 0);
  const counts = {
    passed: count('passed'),
    failed: count('failed') + count('flaky') + count('did not run'),
    skipped: count('skipped'),
  };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  add(counts);
}

if (wanted.length === 0) {
  const checks = await runChecks(say);
  add(checks);
}
const cluster = await startTestCluster();
const env: NodeJS.ProcessEnv = {
  ...process.env,
  BOATHOUSE_TEST_POSTGRES: cluster.url,
  NODE_ENV: 'test',
  // Every file is a process of its own, and many start more: they share what was compiled.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'boathouse', 'compile'),
  ...(long ? { BOATHOUSE_TEST_LONG: '1' } : {}),
};
try {
  // Tests whose own processes need the machine for themselves run one after another.
  const all = globSync(['packages/**/*.test.ts', 'apps/**/*.test.ts', 'scripts/**/*.test.ts'], {
    cwd: root,
    exclude: (path) => path.includes('node_modules'),
  })
    .filter(only)
    .sort();
  const serial = all.filter((path) => path.includes('/process/') || path.endsWith('.serial.test.ts'));
  await nodeTests(
    all.filter((path) => !serial.includes(path)),
    Math.max(2, availableParallelism()),
    env,
  );
  await nodeTests(serial, 1, env);
} finally {
  await cluster.stop();
}
await browserTests(env);
say(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed ? 1 : 0;
