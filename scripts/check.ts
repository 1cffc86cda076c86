import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One check: a command of ours that fails with a useful text. */
interface Check {
  name: string;
  args: string[];
}

const bin = (path: string) => `node_modules/${path}`;
const checks: Check[] = [
  { name: 'types of the backend', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.backend.json'] },
  { name: 'types of the pages', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'types of benchmarks and browser tests', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.tests.json'] },
  { name: 'lint and formatting', args: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'] },
  {
    name: 'boundaries',
    args: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      'apps',
      'packages',
      'src',
    ],
  },
];

function run(check: Check): Promise<{ ok: boolean; ms: number; output: string }> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, check.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ ok: code === 0, ms: performance.now() - started, output }));
  });
}

/** Types, lint, boundaries and formatting. Answers the number that passed and failed. */
export async function runChecks(say: (text: string) => void): Promise<{ passed: number; failed: number }> {
  let passed = 0;
  // Two at a time: each of them is one busy core.
  const queue = [...checks];
  const work = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const { ok, ms, output } = await run(check);
      say(`${ok ? 'ok' : 'FAILED'}  ${check.name} (${(ms / 1000).toFixed(1)} s)`);
      if (ok) passed++;
      else say(output.trim().slice(-12_000));
    }
  };
  await Promise.all([work(), work()]);
  return { passed, failed: checks.length - passed };
}

if (import.meta.main) {
  const { passed, failed } = await runChecks((text) => process.stdout.write(`${text}\n`));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed ? 1 : 0;
}
