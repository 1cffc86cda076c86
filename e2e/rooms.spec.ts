import { expect, test } from '@playwright/test';
import { cell, gridCell, newNotebook, runCell, typeInto } from './support/notebook.ts';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { runStatement } from './support/statement.ts';

/** Dashboards, jobs and the catalog, in a browser. */
test.describe.configure({ mode: 'serial' });

let product: Product;
let ada: Person;
let grace: Person;

const sql = (person: Person, statement: string): Promise<void> => runStatement(person, product.url, statement);

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  await sql(ada, 'create table main.default.ticks (n int)');
  await sql(ada, 'insert into main.default.ticks values (1), (2)');
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

test('a live tile repaints in two browsers after a commit, with its publisher’s rights', async () => {
  const { page } = ada;
  await page.goto('/dashboards');
  await page.getByRole('button', { name: 'New dashboard' }).first().click();
  await page.waitForURL(/\/dashboards\/.+/);
  await page.getByLabel('Name of the dashboard').fill('Ticks');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add tile' }).first().click();
  await page.getByLabel('Title').fill('How many');
  await page.locator('.monaco-editor .view-lines').click();
  await page.keyboard.insertText('select count(*) as ticks from main.default.ticks');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.locator('[role=gridcell]').first()).toHaveText('2', { timeout: 15_000 });
  await page.getByLabel('Show as').selectOption('counter');
  await page.getByRole('button', { name: 'Add tile' }).click();
  const tile = page.getByRole('region', { name: 'How many' });
  await expect(tile).toContainText('2ticks', { timeout: 15_000 });
  await expect(tile).toContainText('Runs with the rights of Ada Lovelace');

  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Person').selectOption({ label: `Grace Hopper (${grace.email})` });
  await dialog.getByRole('button', { name: 'Share' }).click();
  await expect(dialog.getByLabel('Level of Grace Hopper')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();

  // She has no grant on the table: the tile runs with its publisher's rights, and says so.
  await grace.page.goto(page.url());
  const hers = grace.page.getByRole('region', { name: 'How many' });
  await expect(hers).toContainText('2ticks', { timeout: 15_000 });
  await sql(ada, 'insert into main.default.ticks values (3)');
  await expect(tile).toContainText('3ticks', { timeout: 3000 });
  await expect(hers).toContainText('3ticks', { timeout: 3000 });
});

test('a table is browsed: columns, rows, history and who may read it', async () => {
  const { page } = ada;
  await page.goto('/catalog/main/default/ticks');
  await expect(page.getByRole('heading', { name: 'ticks' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'n', exact: true }).first()).toBeVisible();
  await page.getByRole('tab', { name: 'Sample' }).click();
  await expect(page.locator('[role=gridcell]').first()).toBeVisible({ timeout: 15_000 });
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByRole('cell', { name: /WRITE/ }).first()).toBeVisible();
  // Without a grant it does not exist.
  await grace.page.goto('/catalog/main/default/ticks');
  await expect(grace.page.getByRole('main')).toContainText(/not found|does not exist|may not|cannot/i, {
    timeout: 15_000,
  });
});

test('a notebook becomes a job that runs, and a failed task shows its error', async () => {
  const { page } = ada;
  await newNotebook(page);
  await page.getByLabel('Name of the notebook').fill('Nightly');
  await page.keyboard.press('Enter');
  await typeInto(page, cell(page, 0), 'select count(*) as ticks from main.default.ticks');
  await runCell(page, cell(page, 0));
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const me = (await (await ada.context.request.get('/api/2.0/boathouse/me')).json()) as { homePath: string };
  const create = async (name: string, tasks: object[]) => {
    const answer = await ada.context.request.post('/api/2.2/jobs/create', {
      data: { name, tasks },
      headers: { origin: product.url },
    });
    return ((await answer.json()) as { job_id: number }).job_id;
  };
  const notebook_task = { notebook_path: `${me.homePath}/Nightly` };
  const job = await create('Two in a row', [
    { task_key: 'load', notebook_task },
    { task_key: 'report', notebook_task, depends_on: [{ task_key: 'load' }] },
  ]);
  await page.goto(`/jobs/${job}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByRole('main').getByText('Succeeded').first()).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('[role=gridcell]').first()).toHaveText('3', { timeout: 15_000 });

  await newNotebook(page);
  await page.getByLabel('Name of the notebook').fill('Broken');
  await page.keyboard.press('Enter');
  await typeInto(page, cell(page, 0), 'select * from main.default.nowhere');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const broken = await create('Broken', [
    { task_key: 'only', notebook_task: { notebook_path: `${me.homePath}/Broken` } },
  ]);
  await page.goto(`/jobs/${broken}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByRole('main').getByText('Failed').first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('main')).toContainText('nowhere');
});

test('a table’s changes make an answer stale, and running again brings it up to date', async () => {
  const { page } = ada;
  await newNotebook(page);
  const first = cell(page, 0);
  await typeInto(page, first, 'select max(n) as m from main.default.ticks');
  await runCell(page, first);
  await expect(gridCell(first, 0, 0)).toHaveText('3');
  await sql(ada, 'insert into main.default.ticks values (9)');
  await expect(first).toHaveAttribute('data-status', 'stale', { timeout: 5000 });
  await runCell(page, first);
  await expect(gridCell(first, 0, 0)).toHaveText('9');
});
