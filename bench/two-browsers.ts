import { type Browser, chromium, type Page } from '@playwright/test';
import { findChromium } from '../scripts/test/chromium.ts';
import type { Client, Figure } from './support.ts';
import { ms, percentile } from './support.ts';

const rounds = 45;
/** Of each kind the first ones are not counted. */
const warmUp = 5;
const GOAL_MS = 200;

type Sight =
  /** The first cell's text has this in it. */
  | { see: 'text'; text: string }
  /** The other person's cursor is somewhere else than now. */
  | { see: 'cursor' }
  /** The first cell is queued or running. */
  | { see: 'running' }
  /** The first cell has begun and run to its end, and shows its rows. */
  | { see: 'output' };

/** The moment (milliseconds of the machine's clock) at which the sight has been painted; looking begins at once. */
const sighted = (page: Page, sight: Sight): Promise<number> =>
  page.evaluate((wanted) => {
    const cell = document.querySelector('[data-cell]')!;
    const place = () => cell.querySelector('[class*=yRemoteSelectionHead]')?.getBoundingClientRect().left;
    const before = place();
    let begun = false;
    const there = (): boolean => {
      const status = cell.getAttribute('data-status');
      if (wanted.see === 'text') return cell.querySelector('.view-lines')?.textContent?.includes(wanted.text) ?? false;
      if (wanted.see === 'cursor') return place() !== undefined && place() !== before;
      const runs = status === 'queued' || status === 'running';
      begun ||= runs;
      if (wanted.see === 'running') return runs;
      return begun && status === 'succeeded' && cell.querySelector('[role=gridcell]') !== null;
    };
    return new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error(`not seen within 20 s: ${wanted.see}`)), 20_000);
      const look = () => {
        if (!there()) return;
        observer.disconnect();
        // After the next frame the pixels are there.
        requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
      };
      const observer = new MutationObserver(look);
      observer.observe(cell, { attributes: true, childList: true, characterData: true, subtree: true });
    });
  }, sight);

const pressed = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        addEventListener('keydown', () => resolve(Date.now()), { capture: true, once: true }),
      ),
  );

async function person(browser: Browser, client: Client, name: string): Promise<Page> {
  const email = `${name}@example.com`;
  const password = 'a long password';
  const { token } = await client.request<{ token: string }>('POST', '/api/2.0/boathouse/invites', {
    email,
    role: 'admin',
  });
  await client.request('POST', '/api/2.0/boathouse/invitation/accept', { token, name, password });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${client.url}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /New notebook/ }).waitFor();
  return page;
}

const figure = (what: string, all: number[]): Figure => {
  const times = all.slice(warmUp);
  const p50 = percentile(times, 0.5);
  const p95 = percentile(times, 0.95);
  return {
    benchmark: 'f',
    what,
    ours: `p50 ${ms(p50)}, p95 ${ms(p95)}`,
    baseline: '',
    goal: `≤ ${GOAL_MS} ms`,
    met: p95 <= GOAL_MS,
    values: { p50, p95, samples: times.length },
  };
};

/** Two people in two browsers at one notebook: from the first one's key press (or paint) to the second one's paint. */
export async function benchTwoBrowsers(client: Client): Promise<Figure[]> {
  const executablePath = await findChromium(() => undefined);
  if (!executablePath) throw new Error('Chromium is not installed');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'],
  });
  try {
    const ann = await person(browser, client, 'ann');
    const ben = await person(browser, client, 'ben');
    await ann.getByRole('button', { name: /New notebook/ }).click();
    await ann.locator('[data-cell] .monaco-editor .view-lines').first().click({ timeout: 20_000 });
    await ben.goto(ann.url());
    await ben.locator('[data-cell] .monaco-editor .view-lines').first().waitFor({ timeout: 20_000 });
    await ann.keyboard.insertText('select count(*) as n from range(60000000) --');
    await ann.getByText('Saved', { exact: true }).waitFor();

    const after = async (key: string, sight: Sight): Promise<number> => {
      const press = pressed(ann);
      const seen = sighted(ben, sight);
      // Both pages look before the key goes down.
      await Promise.all([ann, ben].map((page) => page.evaluate(() => undefined)));
      await ann.keyboard.press(key);
      const [from, to] = await Promise.all([press, seen]);
      return to - from;
    };
    const edits: number[] = [];
    for (let round = 1; round <= rounds; round++)
      edits.push(await after('x', { see: 'text', text: `--${'x'.repeat(round)}` }));
    const cursors: number[] = [];
    for (let round = 0; round < rounds; round++)
      cursors.push(await after(round % 2 ? 'ArrowRight' : 'ArrowLeft', { see: 'cursor' }));
    const states: number[] = [];
    const outputs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const both = Promise.all([ann, ben].map((page) => sighted(page, { see: 'output' })));
      states.push(await after('Control+Enter', { see: 'running' }));
      const [hers, his] = await both;
      outputs.push(Math.max(0, his! - hers!));
    }
    return [
      figure('two browsers: key press to the edit painted in the other', edits),
      figure('two browsers: key press to the cursor painted in the other', cursors),
      figure('two browsers: key press to "running" painted in the other', states),
      figure('two browsers: output painted in the one to painted in the other', outputs),
    ];
  } finally {
    await browser.close();
  }
}
