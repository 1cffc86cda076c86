import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Figure } from '../support.ts';
import { benchAppends } from './appends.ts';
import { benchDml } from './dml.ts';
import { benchLog } from './log.ts';
import { benchOptimize } from './optimize.ts';
import { benchWrite } from './write.ts';

const VENV = 'node_modules/.cache/boathouse/peers';

/** The Python with `deltalake`, installed where Python is there; undefined where it cannot be had: then without a peer. */
function peerPython(): string | undefined {
  const given = process.env.DELTALAKE_PYTHON;
  if (given) return given;
  const python = `${VENV}/bin/python`;
  const has = () => existsSync(python) && spawnSync(python, ['-c', 'import deltalake, pyarrow']).status === 0;
  if (has()) return python;
  spawnSync('python3', ['-m', 'venv', VENV]);
  spawnSync(`${VENV}/bin/pip`, ['install', '-q', 'deltalake==1.6.6', 'pyarrow']);
  return has() ? python : undefined;
}

/** `npm run bench -- delta [log dml appends optimize write]`. */
export async function benchDelta(names: readonly string[]): Promise<Figure[]> {
  const python = peerPython();
  const all: Record<string, () => Promise<Figure[]>> = {
    log: () => benchLog(1_000_000, python),
    appends: () => benchAppends(200, python),
    write: () => benchWrite(),
    optimize: () => benchOptimize(2000, python),
    dml: () => benchDml(10_000_000, { ...(python ? { deltalake: python } : {}) }),
  };
  const figures: Figure[] = [];
  for (const [name, run] of Object.entries(all))
    if (!names.length || names.includes(name)) figures.push(...(await run()));
  return figures;
}
