import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Product, startProduct } from '../../../../e2e/support/product.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'boathouse-cli-'));
const token = `cli-${crypto.randomUUID()}`;
let product: Product;

/** Runs the command as a person does; never throws. */
function boathouse(
  args: string[],
  env: Record<string, string> = {},
): { code: number | null; out: string; err: string } {
  const done = spawnSync('node', [join(root, 'apps/cli/bin.mjs'), ...args], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      NODE_ENV: 'test',
      BOATHOUSE_HOME: product.home,
      BOATHOUSE_URL: product.url,
      BOATHOUSE_TOKEN: token,
      ...env,
    },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

before(async () => {
  product = await startProduct({ env: { BOATHOUSE_ADMIN_TOKEN: token, BOATHOUSE_PAGES: '0' } });
});
after(async () => {
  await product.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('a statement prints as a table, as JSON and as CSV', () => {
  const statement = "select 1 as n, 'a,b' as s, cast(null as int) as z";
  assert.match(boathouse(['sql', statement]).out, /^n {2}s {7}z\n[─ ]+\n1 {2}a,b {2}NULL\n\(1 row\)\n$/);
  assert.deepEqual(JSON.parse(boathouse(['sql', statement, '--format', 'json']).out), [{ n: '1', s: 'a,b', z: null }]);
  assert.equal(boathouse(['sql', statement, '--format', 'csv']).out, 'n,s,z\n1,"a,b",\n');
});

test('a statement names its engine, and one that is not attached is told with those that are', () => {
  assert.equal(boathouse(['sql', 'select 1 as a', '--engine', 'boathouse engine', '--format', 'csv']).out, 'a\n1\n');
  const { code, err } = boathouse(['sql', 'select 1', '--engine', 'cluster']);
  assert.equal(code, 1);
  assert.match(err, /no engine "cluster".*Boathouse engine/);
});

test('a wrong statement ends with code 1, its place and no stack', () => {
  const { code, err } = boathouse(['sql', 'select nope']);
  assert.equal(code, 1);
  assert.match(err, /nope/);
  assert.doesNotMatch(err, /\n\s+at /);
});

test('a wrong call ends with code 2 and says how to call', () => {
  assert.deepEqual(
    [boathouse(['sql']).code, boathouse(['sql', 'select 1', '--format', 'xml']).code, boathouse(['nonsense']).code],
    [2, 2, 2],
  );
  assert.match(boathouse(['sql']).err, /Usage: boathouse sql/);
});

test('a file becomes a table, and a broken one leaves none', () => {
  const file = join(folder, 'boats.csv');
  writeFileSync(file, 'id,name\n1,Heron\n2,Teal\n');
  assert.match(boathouse(['import', file, 'main.default.boats']).out, /main\.default\.boats: 2 rows, 2 columns/);
  assert.equal(boathouse(['sql', 'select count(*) as n from main.default.boats', '--format', 'csv']).out, 'n\n2\n');
  writeFileSync(file, 'id,name\n1,Heron,x,y\n2,Teal\n');
  const broken = boathouse(['import', file, 'main.default.broken']);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /boats\.csv/);
  assert.match(boathouse(['sql', 'select * from main.default.broken']).err, /broken/);
});

test('a token made on the machine works, and a wrong one is refused', () => {
  const made = boathouse(['token', 'create', '--comment', 'test', '--days', '1']).out.trim();
  assert.match(made, /^bh_/);
  assert.equal(boathouse(['sql', 'select 1 as a', '--format', 'csv'], { BOATHOUSE_TOKEN: made }).out, 'a\n1\n');
  const refused = boathouse(['sql', 'select 1'], { BOATHOUSE_TOKEN: 'bh_wrong' });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /does not accept the token/);
  assert.equal(boathouse(['token', 'create', '--user', 'nobody@example.com']).code, 1);
});

test("a table's folder is read without a server", () => {
  const tables = join(product.home, 'storage', 'tables');
  const workspace = readdirSync(tables)[0]!;
  const path = join(tables, workspace, readdirSync(join(tables, workspace))[0]!);
  const offline = { BOATHOUSE_URL: 'http://127.0.0.1:1' };
  assert.match(boathouse(['delta', 'rows', path], offline).out, /Heron/);
  assert.match(boathouse(['delta', 'history', path], offline).out, /^version/);
  assert.match(boathouse(['delta', 'files', path, '--format', 'csv'], offline).out, /\.parquet,\d+/);
  assert.match(boathouse(['delta', 'rows', folder], offline).err, /no Delta table/);
});

test('a server that is not there is said in one sentence', () => {
  const { code, err } = boathouse(['sql', 'select 1'], { BOATHOUSE_URL: 'http://127.0.0.1:1' });
  assert.equal(code, 1);
  assert.match(err, /No workspace answers at http:\/\/127\.0\.0\.1:1\. Start it/);
  assert.equal(err.trim().split('\n').length, 1);
});
