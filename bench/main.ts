import { benchFlights } from './flights.ts';
import { benchImport } from './import-csv.ts';
import { benchLiveTile } from './live-tile.ts';
import { benchMemory, benchReady } from './ready.ts';
import { report } from './report.ts';
import { benchSelectOne, benchServerShare } from './select-one.ts';
import { Client, type Figure } from './support.ts';
import { benchTwoBrowsers } from './two-browsers.ts';

/**
 * `npm run bench [-- a b c d e f]`: the benchmarks of the workspace, each with a baseline in the same run; a table, and JSON in
 * bench/results. `npm run bench -- delta [names]`: those of the Delta room, which need no workspace; `npm run bench -- sql [front-end tpch sf10]`: the SQL front end and TPC-H.
 */
if (process.argv[2] === 'delta') {
  const { benchDelta } = await import('./delta/main.ts');
  report(await benchDelta(process.argv.slice(3)));
  process.exit(0);
}
if (process.argv[2] === 'sql') {
  const { benchSql } = await import('./sql/main.ts');
  report(await benchSql(process.argv.slice(3)));
  process.exit(0);
}
const wanted = new Set(process.argv.slice(2).filter((arg) => /^[a-f]$/.test(arg)));
const wants = (name: string) => wanted.size === 0 || wanted.has(name);
const token = `bench-${crypto.randomUUID()}`;

const { figures: readyFigures, product } = await benchReady(token);
const figures: Figure[] = wants('e') ? [...readyFigures] : [];
const client = new Client(product.url, token);
const step = async (name: string, run: () => Promise<Figure | Figure[]>) => {
  if (!wants(name)) return;
  try {
    figures.push(...[await run()].flat());
  } catch (error) {
    figures.push({
      benchmark: name,
      what: 'did not run',
      ours: error instanceof Error ? error.message.slice(0, 120) : String(error),
      baseline: '',
      goal: '',
      met: false,
      values: {},
    });
  }
};

try {
  await step('e', () => benchMemory(product));
  await step('c', () => benchFlights(client, product.home));
  await step('b', () => benchImport(client));
  await step('a', () => benchServerShare(client));
  await step('a', async () => {
    const invite = await client.request<{ token: string }>('POST', '/api/2.0/boathouse/invites', {
      email: 'bench@example.com',
      role: 'admin',
    });
    const signIn = { email: 'bench@example.com', password: 'a long password' };
    await client.request('POST', '/api/2.0/boathouse/invitation/accept', {
      token: invite.token,
      name: 'Bench',
      password: signIn.password,
    });
    return benchSelectOne(client, signIn);
  });
  await step('d', () => benchLiveTile(client));
  await step('f', () => benchTwoBrowsers(client));
} finally {
  await client.close();
  await product.remove();
}

report(figures);
