import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { benchFlights } from './flights.ts';
import { benchImport } from './import-csv.ts';
import { benchLiveTile } from './live-tile.ts';
import { benchMemory, benchReady } from './ready.ts';
import { benchSelectOne, benchServerShare } from './select-one.ts';
import { Client, type Figure } from './support.ts';
import { benchTwoBrowsers } from './two-browsers.ts';

/** `npm run bench [-- a b c d e f]`: the benchmarks, each with a baseline in the same run; a table, and JSON in bench/results. */
const wanted = new Set(process.argv.slice(2).filter((arg) => /^[a-f]$/.test(arg)));
const wants = (name: string) => wanted.size === 0 || wanted.has(name);
const token = `bench-${crypto.randomUUID()}`;
const say = (text: string) => process.stdout.write(`${text}\n`);

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

const width = (pick: (figure: Figure) => string) => Math.max(...figures.map((figure) => pick(figure).length), 4);
const columns: [string, (figure: Figure) => string][] = [
  ['', (figure) => figure.benchmark],
  ['what', (figure) => figure.what],
  ['ours', (figure) => figure.ours],
  ['baseline', (figure) => figure.baseline],
  ['goal', (figure) => figure.goal],
  ['met', (figure) => (figure.met === null ? '' : figure.met ? 'yes' : 'NO')],
];
say(columns.map(([name, pick]) => name.padEnd(width(pick))).join('  '));
for (const figure of figures) say(columns.map(([, pick]) => pick(figure).padEnd(width(pick))).join('  '));
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
mkdirSync('bench/results', { recursive: true });
const file = `bench/results/${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`;
writeFileSync(
  file,
  JSON.stringify(
    {
      commit,
      at: new Date().toISOString(),
      machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem() },
      figures,
    },
    null,
    2,
  ),
);
say(`Written to ${file}`);
