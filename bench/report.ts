import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Figure } from './support.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Prints figures as a table and keeps them as JSON in bench/results. */
export function report(figures: readonly Figure[]): void {
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
}
