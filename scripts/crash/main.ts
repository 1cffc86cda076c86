import { parseArgs } from 'node:util';
import { crash } from './rounds.ts';

/** `node scripts/crash/main.ts [--rounds 100] [--seed 7]`: the crash test by hand; a failing seed replays its victims and moments. */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' } } });
const rounds = Number(values.rounds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const say = (text: string) => process.stdout.write(`${text}\n`);
say(`${rounds} rounds with seed ${seed}`);
const report = await crash({ rounds, seed, say });
const kinds = Object.entries(report.kinds)
  .map(([kind, count]) => `${count} ${kind}`)
  .join(', ');
for (const wrong of report.wrong) say(`WRONG: ${wrong}`);
say(
  `${report.deeds} deeds (${report.succeeded} succeeded: ${kinds}), ${report.words} saved words, ${report.wrong.length} broken promises; seed ${seed}`,
);
process.exitCode = report.wrong.length > 0 ? 1 : 0;
