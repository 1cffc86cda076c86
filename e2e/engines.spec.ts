import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { cell, newNotebook, runCell, typeInto } from './support/notebook.ts';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** Attaching a Spark and choosing it for a cell, without one: what is wrong is said where one looks. */
test.describe.configure({ mode: 'serial' });

const pictures = fileURLToPath(new URL('../screenshots/', import.meta.url));
let product: Product;
let ada: Person;
let grace: Person;
/** A port of this machine where nobody listens. */
let away: string;

test.beforeAll(async ({ browser }) => {
  mkdirSync(pictures, { recursive: true });
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  const listener = createServer();
  away = await new Promise((found) =>
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      listener.close(() => found(`sc://127.0.0.1:${port}`));
    }),
  );
});
test.afterAll(async () => {
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

async function pictured({ page }: Person, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    await page.screenshot({ path: `${pictures}${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

test('an administrator attaches Spark; a check says at which step it fails and what to do', async () => {
  const { page } = ada;
  await page.goto('/compute');
  await expect(page.getByText('No other engine is attached')).toBeVisible();
  await page.getByRole('button', { name: 'Attach Spark' }).click();
  const dialog = page.getByRole('dialog', { name: 'Attach Spark' });
  await dialog.getByLabel('Name').fill('analytics');
  await dialog.getByLabel('Address').fill(away);
  await dialog.getByLabel('Token').fill('a-secret');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Address' })).toContainText('nothing listens', {
    timeout: 30_000,
  });
  await pictured(ada, 'engine-attach');
  await dialog.getByRole('button', { name: 'Attach', exact: true }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole('row').filter({ hasText: 'analytics' });
  await expect(row).toContainText('Everybody');
  await pictured(ada, 'engines');
  await row.getByRole('button', { name: 'Change analytics' }).click();
  await expect(page.getByRole('dialog').getByLabel('Token')).toHaveValue('');
  await page.keyboard.press('Escape');
});

test('one press moves a cell to Spark and back; a Spark that is away says so, and the cell is not stuck', async () => {
  const { page } = ada;
  await newNotebook(page);
  const first = cell(page, 0);
  await typeInto(page, first, 'select 1 as one');
  await runCell(page, first);
  await expect(first).toContainText('the embedded engine');
  const engine = first.getByRole('button', { name: /^Engine of cell 1/ });
  await expect(engine).toHaveText('Embedded');
  await engine.click();
  await expect(engine).toHaveText('analytics');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await first.getByRole('button', { name: 'Run cell 1' }).click();
  await expect(first).toHaveAttribute('data-status', 'failed', { timeout: 60_000 });
  await expect(first.getByRole('alert')).toContainText('analytics');
  await pictured(ada, 'cell-engine');
  await engine.click();
  await expect(engine).toHaveText('Embedded');
  await runCell(page, first);
});

test('who may not attach sees which engines there are, and an engine that went is told in the cell', async () => {
  const { page } = grace;
  await page.goto('/compute');
  await expect(page.getByRole('row').filter({ hasText: 'analytics' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Attach Spark' })).toHaveCount(0);
  const first = cell(ada.page, 0);
  await first.getByRole('button', { name: /^Engine of cell 1/ }).click();
  const own = await ada.context.newPage();
  await own.goto('/compute');
  await own.getByRole('button', { name: 'Detach analytics' }).click();
  await own.getByRole('dialog').getByRole('button', { name: 'Detach' }).click();
  await expect(own.getByText('No other engine is attached')).toBeVisible();
  await own.close();
  await expect(page.getByText('No other engine is attached')).toBeVisible({ timeout: 15_000 });
  await expect(first.getByRole('button', { name: /^Engine of cell 1/ })).toHaveText('Detached engine', {
    timeout: 15_000,
  });
});
