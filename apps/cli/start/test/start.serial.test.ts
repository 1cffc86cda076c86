import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { Client, family } from '../../../../bench/support.ts';
import { type Product, startProduct } from '../../../../e2e/support/product.ts';
import { startTestCluster } from '../../../../scripts/test/postgres.ts';
import { ensureDatabase } from '../migrate.ts';
import { startPostgres } from '../postgres.ts';
import { alive, commandLine, cpuTicks, refusedStart, until } from './support.ts';

const token = 'token-of-the-start-test';
const isRoot = process.getuid?.() === 0;
const folders: string[] = [];
const folder = (name: string, under = tmpdir()): string => {
  const path = mkdtempSync(join(under, `boathouse-${name}-`));
  folders.push(path);
  return path;
};

/** The home that most tests share: made by the first, started again by the others. */
let home: string;
let product: Product | undefined;
const start = async (options: Parameters<typeof startProduct>[0] = {}): Promise<Product> => {
  const env = { BOATHOUSE_ADMIN_TOKEN: token, BOATHOUSE_PAGES: '0', ...options.env };
  product = await startProduct({ home, ...options, env });
  return product;
};
/** The one that runs already, or a new one. */
const current = async (): Promise<Product> => (product && alive(product.supervisorPid) ? product : start());
const processOf = (running: Product, part: string): number => {
  const pid = family(running.supervisorPid).find((it) => commandLine(it).includes(part));
  assert.ok(pid, `a process ${part}`);
  return pid;
};
const parts = { server: 'apps/server/main.ts', compute: 'apps/compute/main.ts', postgres: 'bin/postgres -D' };
const refusedHome = (path: string, env: Record<string, string> = {}) =>
  refusedStart({ BOATHOUSE_HOME: path, PORT: '18999', ...env });
/** One sentence for the person, exit code 1, no stack. */
const assertRefused = ({ code, output }: { code: number | null; output: string }, said: RegExp): void => {
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => !line.endsWith(' …'));
  assert.deepEqual([code, lines.length], [1, 1], output);
  assert.match(lines[0]!, said);
};
const counted = async (running: Product): Promise<string | null | undefined> =>
  (await new Client(running.url, token).sql('select count(*) from main.default.kept'))[0]?.[0];

before(() => {
  home = folder('start');
});
after(async () => {
  await product?.stop();
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

test('a new home is ready within one line each for database and workspace, and Ctrl-C ends every process within 5 s with code 0', async () => {
  const running = await start({ env: { BOATHOUSE_PAGES: '1' } });
  assert.deepEqual(running.output().trim().split('\n'), [
    'Starting the database …',
    `Prepared the database (${migrationCount()}).`,
    'Starting the workspace …',
    `Boathouse is ready at http://localhost:${running.port}`,
  ]);
  await new Client(running.url, token).sql('create table main.default.kept as select 1 as n');
  const pids = family(running.supervisorPid);
  assert.ok(pids.length >= 5, 'supervisor, server, compute and PostgreSQL with its own processes');
  const asked = performance.now();
  assert.equal(await running.stop(), 0);
  assert.ok(performance.now() - asked < 5000, `${performance.now() - asked} ms`);
  await until('no process left', 500, () => pids.every((pid) => !alive(pid)));
});

test('a second start on one home, and a start on a port in use, say so in one sentence while the first goes on', async () => {
  const running = await start();
  assertRefused(
    await refusedHome(home, { PORT: String(running.port + 1) }),
    /Another Boathouse is running on .*Stop it/,
  );
  assertRefused(await refusedHome(home, { PORT: String(running.port) }), /Another Boathouse is running on/);
  const other = folder('other');
  assertRefused(
    await refusedHome(other, { PORT: String(running.port) }),
    new RegExp(`Port ${running.port} on 127.0.0.1 is in use`),
  );
  assert.deepEqual(readdirSync(other), [], 'nothing was made');
  assert.equal(await counted(running), '1');
});

for (const part of ['server', 'compute', 'postgres'] as const) {
  test(`a killed ${part} comes back and work goes on`, async () => {
    const running = await current();
    const pid = processOf(running, parts[part]);
    process.kill(pid, 'SIGKILL');
    await until(`another ${part}`, 8000, () =>
      family(running.supervisorPid).some((it) => it !== pid && commandLine(it).includes(parts[part])),
    );
    assert.equal(await until('a statement', 8000, () => counted(running)), '1');
  });
}

test('the kill -9 of the supervisor ends server and compute within 2 s, and the next start takes PostgreSQL over with all that was in it', async () => {
  const running = await current();
  const [server, compute, postgres] = [parts.server, parts.compute, parts.postgres].map((it) => processOf(running, it));
  await new Client(running.url, token).sql('insert into main.default.kept values (2)');
  process.kill(running.supervisorPid, 'SIGKILL');
  await until('server and compute have ended', 2000, () => !alive(server!) && !alive(compute!));
  const next = await start({ port: running.port });
  assert.ok(alive(postgres!), 'the cluster is the same');
  assert.equal(await counted(next), '2');
  // Not a child of the new supervisor, but its to end and to bring back.
  process.kill(postgres!, 'SIGKILL');
  await until('a cluster of its own', 8000, () =>
    family(next.supervisorPid).some((it) => commandLine(it).includes(parts.postgres)),
  );
  assert.equal(await until('a statement', 8000, () => counted(next)), '2');
  const own = processOf(next, parts.postgres);
  assert.equal(await next.stop(), 0);
  assert.ok(!alive(own));
});

test('the kill -9 of the supervisor ends the kernels of TypeScript cells within 2 s, idle ones and one in an endless loop', async () => {
  const running = await start();
  const client = new Client(running.url, token);
  const cell = async (text: string): Promise<string> => {
    const id = randomUUID();
    await client.request('POST', '/api/2.0/boathouse/runs', { id, text, language: 'typescript' });
    return id;
  };
  assert.equal((await client.waitFor(await cell('const kept = 1'))).state, 'succeeded');
  // The pause lets the line out before the loop keeps it in.
  const busy = await cell('console.log("in"); await new Promise((go) => setTimeout(go, 20)); while (true) {}');
  await until('the loop', 20_000, async () => {
    const { events } = await client.request<{ events: { event: { type: string } }[] }>(
      'GET',
      `/api/2.0/boathouse/runs/${busy}/events`,
    );
    return events.some(({ event }) => event.type === 'stream');
  });
  const compute = processOf(running, parts.compute);
  const kernels = family(compute).filter((pid) => pid !== compute);
  const looping = await until('a kernel that is busy', 20_000, () => kernels.find((pid) => cpuTicks(pid) > 50));
  assert.ok(kernels.filter((pid) => /deno/.test(commandLine(pid))).length >= 2, kernels.map(commandLine).join('\n'));
  process.kill(running.supervisorPid, 'SIGKILL');
  await until('no kernel', 2000, () => kernels.every((pid) => !alive(pid)));
  assert.ok(!alive(looping));
  const next = await start({ port: running.port });
  assert.equal(await counted(next), '2');
  await next.stop();
});

test('a start right after the kill of the supervisor waits for its server and compute instead of finding its port in use', async () => {
  const killed = await start();
  const server = processOf(killed, parts.server);
  process.kill(killed.supervisorPid, 'SIGKILL');
  const next = await start({ port: killed.port });
  assert.ok(!alive(server));
  assert.equal(await counted(next), '2');
  await next.stop();
});

test('it goes on when the terminal that it was started in is gone, and stops in order', async () => {
  const running = await start();
  running.deafen();
  const pids = family(running.supervisorPid);
  const server = processOf(running, parts.server);
  process.kill(server, 'SIGKILL'); // it would say so
  await until('a statement', 8000, () => counted(running));
  assert.equal(await running.stop(), 0);
  assert.ok(pids.every((pid) => !alive(pid)));
});

test('Ctrl-C while it is still starting leaves nothing running', async () => {
  const running = startProduct({ home, timeoutMs: 20_000 });
  running.catch(() => undefined);
  const supervisor = await until('the supervisor', 3000, () =>
    family(process.pid).find((pid) => commandLine(pid).endsWith('apps/cli/main.ts start')),
  );
  const pids = await until('PostgreSQL begins', 5000, () => {
    const all = family(supervisor);
    return all.some((pid) => commandLine(pid).includes(parts.postgres)) && all;
  });
  process.kill(supervisor, 'SIGINT');
  await assert.rejects(running, /ended with code 0/);
  await until('no process left', 500, () => pids.every((pid) => !alive(pid)));
});

test('a home made by a newer version is refused by name, and nothing in it is changed', async () => {
  const file = join(home, 'home.json');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ format: 99, madeBy: '42.0.0' }));
  const listing = execFileSync('find', [home, '-printf', '%p %s %T@\n'], { encoding: 'utf8' });
  assertRefused(await refusedHome(home), /made by a newer version of Boathouse \(42\.0\.0\)/);
  assert.equal(execFileSync('find', [home, '-printf', '%p %s %T@\n'], { encoding: 'utf8' }), listing);
  writeFileSync(file, before);
});

test('a home file that cannot be read is one sentence, not a stack', async () => {
  const broken = folder('broken-home');
  writeFileSync(join(broken, 'home.json'), '{"format":');
  assertRefused(await refusedHome(broken), /home\.json/);
});

test('a cluster of another PostgreSQL major, a broken one, and one with a damaged control file are refused by name', async () => {
  const copy = join(folder('copy'), 'home');
  execFileSync('cp', ['-a', home, copy]);
  const versionFile = join(copy, 'database', 'PG_VERSION');
  writeFileSync(versionFile, '17\n');
  assertRefused(await refusedHome(copy), /made by PostgreSQL 17; .* carries PostgreSQL 18/);
  rmSync(versionFile);
  assertRefused(await refusedHome(copy), /is broken: its PG_VERSION file is missing/);
  writeFileSync(versionFile, '18\n');
  writeFileSync(join(copy, 'database', 'global', 'pg_control'), Buffer.alloc(8192, 7));
  assertRefused(await refusedHome(copy), /does not start: .*log:/);
});

test('a copy of a running home is not mistaken for the home whose cluster runs', async () => {
  const running = await start();
  const copy = join(folder('copy'), 'home');
  execFileSync('cp', ['-a', home, copy]);
  assertRefused(await refusedHome(copy), /database in .*copy.* does not start/);
  assert.equal(await counted(running), '2');
  await running.stop();
});

test('a database with a migration that this version does not know is refused, and stays as it is', async () => {
  const { databasePassword } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as {
    databasePassword: string;
  };
  const onCluster = async (text: string): Promise<number | null> => {
    const cluster = await startPostgres({
      dataDir: join(home, 'database'),
      logFile: join(home, 'logs', 'postgres.log'),
      password: databasePassword,
    });
    const client = new pg.Client({ connectionString: await ensureDatabase(cluster.url, 'boathouse') });
    await client.connect();
    const { rowCount } = await client.query(text);
    await client.end();
    await cluster.stop();
    return rowCount;
  };
  await onCluster(
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('future', 'x', '99990101000000_future', now())`,
  );
  assertRefused(await refusedHome(home), /made by a newer version .*99990101000000_future.*nothing was changed/);
  assert.equal(await onCluster(`delete from _prisma_migrations where id = 'future'`), 1);
});

test('an environment variable that cannot be used is named', async () => {
  const nowhere = folder('environment');
  assertRefused(await refusedHome(nowhere, { PORT: 'eighty' }), /PORT/);
  assertRefused(await refusedHome(nowhere, { BOATHOUSE_ADMIN_TOKEN: 'short' }), /BOATHOUSE_ADMIN_TOKEN/);
  assertRefused(await refusedHome(nowhere, { DATABASE_URL: 'mysql://x' }), /DATABASE_URL/);
  assertRefused(await refusedHome(nowhere, { HOST: '203.0.113.7' }), /cannot listen on 203\.0\.113\.7/);
  assertRefused(await refusedHome('/dev/null/home'), /cannot be written/);
  assert.deepEqual(readdirSync(nowhere), []);
});

test('a given DATABASE_URL is used instead of a cluster of the home, and one that does not answer is said', async () => {
  const given = folder('given');
  assertRefused(
    await refusedHome(given, { DATABASE_URL: 'postgresql://boathouse@127.0.0.1:1/none' }),
    /DATABASE_URL \(127\.0\.0\.1:1\/none\) cannot be used/,
  );
  const cluster = await startTestCluster();
  try {
    const url = await ensureDatabase(cluster.url, 'given');
    const running = await start({ home: given, env: { DATABASE_URL: url } });
    assert.deepEqual(await new Client(running.url, token).sql('select 42'), [['42']]);
    assert.ok(!existsSync(join(given, 'database')));
    assert.ok(!family(running.supervisorPid).some((pid) => commandLine(pid).includes(parts.postgres)));
    assert.equal(await running.stop(), 0);
  } finally {
    await cluster.stop();
  }
});

test('a full disk is one sentence', { skip: !isRoot && 'mounting a small disk needs root' }, async (t) => {
  const disk = folder('disk');
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status !== 0)
    return t.skip('this system lets nobody mount');
  try {
    assertRefused(await refusedHome(join(disk, 'home')), /The disk that holds .* is full/);
    spawnSync('mount', ['-o', 'remount,size=400m,nr_inodes=300', 'tmpfs', disk]);
    assertRefused(await refusedHome(join(disk, 'home')), /The disk that holds .* is full/);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});

test('root starts it on a home under its own folder', { skip: !isRoot && 'this is not root' }, async () => {
  const running = await start({ home: folder('under-root', homedir()) });
  assert.deepEqual(await new Client(running.url, token).sql('select 1'), [['1']]);
  assert.equal(await running.stop(), 0);
});

test('an ordinary user starts it and goes on with a home of their own', {
  skip: !isRoot && 'every other test does it',
}, async () => {
  const copy = join(folder('ordinary'), 'home');
  execFileSync('cp', ['-a', home, copy]);
  execFileSync('chown', ['-R', 'nobody', join(copy, '..')]);
  const running = await start({ home: copy, user: 65534 });
  assert.match(readFileSync(`/proc/${processOf(running, parts.server)}/status`, 'utf8'), /^Uid:\t65534/m);
  assert.equal(await counted(running), '2');
  assert.equal(await running.stop(), 0);
});

function migrationCount(): string {
  const count = readdirSync(new URL('../../../../prisma/migrations/', import.meta.url), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory(),
  ).length;
  return `${count} ${count === 1 ? 'migration' : 'migrations'}`;
}
