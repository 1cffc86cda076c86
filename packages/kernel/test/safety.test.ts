import assert from 'node:assert/strict';
import { open, readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Walls } from '../index.ts';
import { kernelPid } from '../sandbox/proc.ts';
import { sandbox, session, usableWalls } from './harness.ts';

const escapes: [what: string, source: string][] = [
  ['a file', 'Deno.readTextFileSync("/etc/passwd")'],
  ['a file by node:fs', '(await import("node:fs")).readFileSync("/etc/passwd")'],
  ['writing a file', 'Deno.writeTextFileSync("/tmp/x", "x")'],
  ['the network', 'await fetch("http://127.0.0.1:9999/")'],
  ['a socket', 'await Deno.connect({ hostname: "127.0.0.1", port: 5432 })'],
  [
    'a socket by node:net',
    'const s = (await import("node:net")).connect(5432, "127.0.0.1"); await new Promise((_, no) => s.on("error", no))',
  ],
  ['listening', 'Deno.listen({ port: 0 })'],
  ['a name look-up', 'await Deno.resolveDns("example.com", "A")'],
  ['the environment', 'Deno.env.toObject()'],
  ['a process', 'await new Deno.Command("/bin/sh", { args: ["-c", "id"] }).output()'],
  ['a process by node:child_process', '(await import("node:child_process")).execSync("id")'],
  ['a foreign function', 'Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {})'],
  ['a package of npm', 'await import("npm:is-odd")'],
  ['a module of the network', 'await import("https://deno.land/std/version.ts")'],
  ['a module of jsr', 'await import("jsr:@std/path")'],
  ['a file as a module', 'await import("/etc/passwd")'],
  [
    'more rights',
    'if ((await Deno.permissions.request({ name: "read" })).state !== "granted") throw new Error("refused")',
  ],
  ['a signal to another process', 'Deno.kill(1, "SIGTERM")'],
  ['what the machine is', 'Deno.hostname() + Deno.osRelease()'],
];

test('a cell reaches no file, network, process, environment or package', async (t) => {
  for (const walls of await usableWalls()) {
    const { run } = await session(t, { walls: [walls] });
    for (const [what, source] of escapes) {
      const { end, text } = await run(source);
      assert.equal(end.end, 'failed', `${walls}: ${what} was reached: ${text}`);
    }
    assert.equal((await run('1 + 1')).text, '2');
  }
});

test('a worker is refused by name, and one started behind the back ends the kernel with the true reason', async (t) => {
  for (const walls of await usableWalls()) {
    const { run } = await session(t, { walls: [walls] });
    await run('const kept = 42');
    for (const more of ['', ', deno: { permissions: { read: true } }']) {
      const { end } = await run(`new Worker("data:text/javascript,1", { type: "module"${more} })`);
      assert.ok(end.end === 'failed' && !end.lost, walls);
      assert.match(end.error.message, /Workers are not supported in cells/);
    }
    assert.equal((await run('kept')).text, '42');
    if (walls === 'permissions') continue;
    const { end } = await run(
      'import { Worker as Thread } from "node:worker_threads"; new Thread("1", { eval: true }); await new Promise(() => {})',
      { stopAfterMs: 5000 },
    );
    assert.ok(end.end === 'failed' && end.lost, JSON.stringify(end));
    assert.equal(end.error.code, 'KERNEL_DIED');
    assert.match(end.lost, /started a worker/);
  }
});

test('a kernel holds no descriptor of the process that started it, which a cell could adopt', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  const file = await open('/proc/self/status');
  t.after(async () => {
    server.close();
    await file.close();
  });
  const { kernel } = await session(t);
  const links = async (pid: number | 'self', from: number) => {
    const names = (await readdir(`/proc/${pid}/fd`)).filter((fd) => Number(fd) >= from);
    return Promise.all(names.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  };
  const own = (await links('self', 0)).filter((link) => /^(socket|pipe):|^\/proc/.test(link));
  assert.ok(own.length > 1);
  const theirs = await links(await kernelPid(kernel.pid), 3);
  assert.ok(theirs.length > 0);
  assert.deepEqual(
    theirs.filter((link) => own.includes(link)),
    [],
  );
});

test('what one session stores no other session finds', async (t) => {
  for (const walls of await usableWalls()) {
    const one = await session(t, { walls: [walls] });
    const other = await session(t, { walls: [walls] });
    await one.run('globalThis.secret = 1; try { localStorage.setItem("a", "secret") } catch {}');
    await one.run('try { await (await caches.open("c")).put("https://x/", new Response("secret")) } catch {}');
    const seen = await other.run(`
      const found = [typeof globalThis.secret];
      try { found.push(String(localStorage.getItem('a'))) } catch {}
      try { found.push(String(await (await caches.open('c')).match('https://x/').then((r) => r?.text()))) } catch {}
      found.join()`);
    assert.deepEqual(seen.end, { end: 'done' });
    assert.doesNotMatch(seen.text ?? '', /secret|number/);
  }
});

test('a stop ends anything within a second, and keeps the variables where it can', async (t) => {
  const { run } = await session(t);
  await run('let kept = 1');
  const kind: [what: string, source: string][] = [
    ['a loop', 'while (true) {}'],
    ['a loop that catches', 'for (;;) { try { for (;;) {} } catch {} }'],
    ['a function of this cell', 'function spin() { let n = 0; while (true) n++ }\nspin()'],
    ['a promise that never comes', 'await new Promise(() => {})'],
    ['a loop that awaits', 'while (true) await null'],
    ['a call that never answers', 'await new Promise(() => setInterval(() => {}, 10))'],
  ];
  for (const [what, source] of kind) {
    const { end, ms } = await run(source, { stopAfterMs: 100 });
    assert.deepEqual(end, { end: 'cancelled' }, what);
    assert.ok(ms < 500, `${what} took ${ms} ms`);
  }
  assert.equal((await run('kept')).text, '1');
  const hard = await run('/^(a+)+$/.test("a".repeat(60) + "b")', { stopAfterMs: 100 });
  assert.equal(hard.end.end, 'cancelled');
  assert.ok(hard.ms < 1000, `the regular expression took ${hard.ms} ms`);
  assert.ok(hard.end.end === 'cancelled' && hard.end.lost);
});

test('a stopped cell that lives on neither prints nor loops', async (t) => {
  const { run } = await session(t);
  const stopped = await run(
    '(async () => { for (;;) { await new Promise((r) => setTimeout(r, 10)); console.log("tick") } })(); await new Promise(() => {})',
    { stopAfterMs: 100 },
  );
  assert.match(stopped.stdout, /tick/);
  const next = await run('await new Promise((r) => setTimeout(r, 100)); "quiet"');
  assert.deepEqual([next.stdout, next.stderr, next.text], ['', '', '"quiet"']);
});

test('a loop of an earlier cell runs again after another cell was stopped inside of it', async (t) => {
  const { run } = await session(t);
  await run('function spin(n: number) { let i = 0; while (i < n) i++; return i }');
  assert.deepEqual((await run('spin(Infinity)', { stopAfterMs: 100 })).end, { end: 'cancelled' });
  assert.equal((await run('spin(5)')).text, '5');
});

test('a memory bomb ends its own kernel only, and the error says so', async (t) => {
  const other = await session(t);
  await other.run('const kept = 42');
  const best = (await usableWalls())[0]!;
  const bombs: [walls: Walls, source: string][] = [
    [best, 'const bomb = []; while (true) bomb.push(new Array(1e5).fill({ a: 1 }))'],
    [best, 'const bomb = []; while (true) bomb.push(new Uint8Array(16 << 20).fill(1))'],
    ['permissions', 'const bomb = []; while (true) { bomb.push(new Uint8Array(16 << 20).fill(1)); await null }'],
  ];
  for (const [walls, source] of bombs) {
    const { run } = await session(t, { memoryBytes: 128 * 2 ** 20, walls: [walls] });
    const { end } = await run(source);
    assert.ok(end.end === 'failed', source);
    // Refused buffers are an error of the cell; anything else ends the kernel.
    if (end.lost) assert.equal(end.error.code, 'KERNEL_OUT_OF_MEMORY', `${walls}, ${source}: ${JSON.stringify(end)}`);
    else assert.match(end.error.message, /allocation failed/);
  }
  assert.equal((await other.run('kept')).text, '42');
});

test('what is no frame ends the kernel and nothing else', async (t) => {
  const { run } = await session(t);
  const { end } = await run(
    'import net from "node:net"; new net.Socket({ fd: 1 }).write("garbage that is no frame"); await new Promise(() => {})',
    {
      stopAfterMs: 3000,
    },
  );
  assert.ok(end.end === 'failed' && end.error.code === 'KERNEL_DIED', JSON.stringify(end));
});

test('a kernel that a cell ends says that its variables are gone', async (t) => {
  const { run, kernel } = await session(t);
  const { end } = await run('Deno.exit(3)');
  assert.ok(end.end === 'failed');
  assert.match(end.error.message, /variables of this notebook are gone/);
  assert.equal(kernel.alive, false);
});

test('kernels leave no files behind', async () => {
  const { sandbox: opened, temp } = await sandbox({ walls: ['permissions'] });
  const process = await opened.start();
  assert.equal((await readdir(temp)).length, 1);
  process.child.kill('SIGKILL');
  await process.clean();
  assert.deepEqual(await readdir(temp), []);
});
