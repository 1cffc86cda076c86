import { availableParallelism, loadavg } from 'node:os';
import { sleep, until } from './api.ts';
import { checkDeeds, checkNothingHangs } from './checks.ts';
import { cell, create, type Deed, insert, load, settle, work } from './deeds.ts';
import { House, victims } from './house.ts';
import { createJobs } from './jobs.ts';
import { createPipeline } from './pipeline.ts';
import { type Chance, chance } from './random.ts';
import { createTile } from './tile.ts';
import { newNotebook, openTypist, storedText } from './typist.ts';

export interface CrashOptions {
  rounds: number;
  seed: number;
  say: (text: string) => void;
}

export interface CrashReport {
  /** What was promised and not kept, with the round. Empty is good. */
  wrong: string[];
  deeds: number;
  succeeded: number;
  /** Those that succeeded, by kind. */
  kinds: Partial<Record<Deed['kind'], number>>;
  /** Words that were shown as saved before a kill. */
  words: number;
}

/** After the death of compute the next query must be answered within this, on a machine that has nothing else to do. */
const computeBackMs = (): number => 3000 * Math.max(1, loadavg()[0]! / availableParallelism());
const HEALTHY_MS = 20_000;
/** Rounds between two looks at everything: leases need their time, and more rounds find more. */
const LOOK_EVERY = 10;

/**
 * Rounds of work, each with a kill -9 of one process at a random moment, on one home. What people were told is held against
 * what is there. Throws where the product does not come back.
 */
export async function crash({ rounds, seed, say }: CrashOptions): Promise<CrashReport> {
  const luck = chance(seed);
  const house = await House.open();
  const { api } = house;
  const deeds: Deed[] = [];
  const wrong: string[] = [];
  const words: string[] = [];
  let names = 0;
  try {
    const notebook = await newNotebook(api);
    const jobs = await createJobs(api);
    const tile = await createTile(api);
    const pipeline = await createPipeline(api);
    const typescript = await api.importNotebook('/crash-cells', '-- MAGIC %typescript\n-- MAGIC 1 + 1');
    let ledger = '';
    const newLedger = async () => {
      ledger = `main.default.ledger_${names++}`;
      await api.sql(`create table ${ledger} (id string, part int)`);
      await tile.follow(ledger);
    };
    const newTables = (mine: Chance) => (): Deed =>
      (mine.next() < 0.5 ? create : load)(api, `main.default.made_${names++}`, mine.between(100, 20_000));
    await newLedger();

    for (let round = 1; round <= rounds; round++) {
      const victim = luck.pick(victims);
      const delayMs = luck.between(150, 2200);
      const stop = new AbortController();
      const typist = await openTypist(api, notebook, round);
      const own = () => chance(luck.between(0, 2 ** 31));
      const landing = own();
      const working = Promise.allSettled([
        work(api, stop.signal, deeds, () => insert(api, ledger), own()),
        work(api, stop.signal, deeds, () => insert(api, ledger), own()),
        work(api, stop.signal, deeds, newTables(own()), own()),
        work(api, stop.signal, deeds, () => cell(api, ledger, typescript), own()),
        work(api, stop.signal, deeds, () => pipeline.next(landing), own()),
        jobs.work(stop.signal),
      ]);
      await sleep(delayMs);
      words.push(...typist.cut());
      const killedAt = performance.now();
      await house.kill(victim);
      await until('a query is answered', HEALTHY_MS, () => api.sql('select 1'));
      const backMs = Math.round(performance.now() - killedAt);
      await sleep(luck.between(100, 600));
      stop.abort();
      for (const worker of await working)
        if (worker.status === 'rejected') wrong.push(`round ${round} (${victim}): work was refused: ${worker.reason}`);
      const told = `round ${round}: ${victim} killed after ${delayMs} ms, a query answered ${backMs} ms later`;
      say(told);
      const limitMs = Math.round(computeBackMs());
      if (victim === 'compute' && backMs > limitMs) wrong.push(`${told}: more than ${limitMs} ms`);
      const { text } = await until('the notebook is read', 5000, async () => ({
        text: await storedText(api, notebook),
      }));
      const missing = words.filter((word) => !text.includes(word));
      if (missing.length > 0) wrong.push(`round ${round} (${victim}): saved words are gone: ${missing.join(' ')}`);
      if (round % LOOK_EVERY !== 0 && round !== rounds) continue;

      for (const found of await look()) {
        if (wrong.includes(found)) continue;
        wrong.push(found);
        say(`round ${round}: ${found}`);
        const runId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(found)?.[0];
        if (runId) for (const line of house.errorsOf(runId)) say(line);
      }
      if (round !== rounds) await newLedger();
    }

    async function look(): Promise<string[]> {
      const open = deeds.filter((deed) => deed.told === null);
      await Promise.all(open.map((deed) => settle(api, deed, 30_000)));
      // Told a second time with the same id, nothing happens a second time.
      for (const kind of ['insert', 'cell', 'update']) {
        const done = deeds.filter((deed) => deed.told === 'succeeded' && deed.kind === kind);
        for (let again = 0; again < 3 && done.length > 0; again++) await luck.pick(done).ask();
      }
      await checkNothingHangs(house);
      return [
        ...(await checkDeeds(api, deeds)),
        ...(await pipeline.check()),
        ...(await tile.check(ledger)),
        ...(await jobs.check()),
      ];
    }
    const kinds: CrashReport['kinds'] = {};
    const succeeded = deeds.filter((deed) => deed.told === 'succeeded');
    for (const { kind } of succeeded) kinds[kind] = (kinds[kind] ?? 0) + 1;
    return {
      wrong,
      deeds: deeds.length,
      succeeded: succeeded.length,
      kinds,
      words: words.length,
    };
  } finally {
    await house.close();
  }
}
