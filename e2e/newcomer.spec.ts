import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { cell, cells, gridCell, newNotebook, runCell, typeInto } from './support/notebook.ts';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** From an empty home to a shared answer, as the first two people of a workspace do it. */
test.describe.configure({ mode: 'serial' });

let product: Product;
let ada: Person;
let grace: Person;
let notebookUrl: string;

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

test('the sample data loads and opens a ready notebook whose cells run', async () => {
  const { page } = ada;
  await page.goto('/');
  await page
    .getByRole('button', { name: /^Explore sample data/ })
    .first()
    .click();
  await page.waitForURL(/\/notebook\//, { timeout: 60_000 });
  await expect(cells(page).first()).toBeVisible();
  await page.getByRole('button', { name: 'Run all' }).click();
  const sql = page.locator('[data-cell]:has(.monaco-editor[aria-label^="SQL"]), section[aria-label^="SQL cell"]');
  await expect(sql.first()).toHaveAttribute('data-status', 'succeeded', { timeout: 30_000 });
  await expect(page.locator('[data-status=failed]')).toHaveCount(0);
});

test('a query shows rows, and an error is marked where it is', async () => {
  const { page } = ada;
  await newNotebook(page);
  notebookUrl = page.url();
  const first = cell(page, 0);
  await typeInto(
    page,
    first,
    'select origin, count(*) as flights from main.samples.flights group by origin order by flights desc, origin limit 5',
  );
  await runCell(page, first);
  await expect(gridCell(first, 0, 0)).toHaveText(/^[A-Z]{3}$/);
  await expect(first.getByText('5 rows')).toBeVisible();
  await typeInto(page, first, 'select origin, nope\nfrom main.samples.flights');
  await runCell(page, first, 'failed');
  await expect(first.getByRole('alert')).toContainText('Line 1, column 16');
  await expect(first.getByRole('alert')).toContainText('UNRESOLVED_COLUMN');
  await expect(first.locator('.squiggly-error')).toBeVisible();
});

test('while one types, tables and the columns of the tables named are offered', async () => {
  const { page } = ada;
  const first = cell(page, 0);
  const offered = page.locator('.suggest-widget.visible .monaco-list-row');
  await typeInto(page, first, 'select  from main.samples.');
  await page.keyboard.type('fli');
  await expect(offered.first()).toContainText('flights');
  await page.keyboard.press('Enter');
  await expect(first.locator('.view-lines')).toContainText(/from\smain\.samples\.flights$/);
  await page.keyboard.press('Home');
  for (let step = 0; step < 'select '.length; step++) await page.keyboard.press('ArrowRight');
  await page.keyboard.type('dest');
  await expect(offered.first()).toContainText('destination');
  await page.keyboard.press('Tab');
  await expect(first.locator('.view-lines')).toHaveText(/^select\sdestination\sfrom\smain\.samples\.flights$/);
  // Of other tables nothing is offered here.
  await page.keyboard.type(', symbo');
  await expect(offered.filter({ hasText: 'symbol' })).toHaveCount(0);
  await page.keyboard.press('Escape');
});

test('a million rows scroll to the end', async () => {
  const { page } = ada;
  const first = cell(page, 0);
  await typeInto(page, first, 'select id, id * 2 as twice from range(1000000)');
  await runCell(page, first);
  await expect(first.getByText('1,000,000 rows')).toBeVisible();
  await gridCell(first, 0, 0).click();
  await page.keyboard.press('Control+End');
  await expect(gridCell(first, 999_999, 1)).toHaveText('1,999,998');
});

test('a chart is made from a result and kept with the cell', async () => {
  const { page } = ada;
  const first = cell(page, 0);
  await typeInto(
    page,
    first,
    'select origin, count(*) as flights from main.samples.flights group by origin order by flights desc limit 8',
  );
  await runCell(page, first);
  await first.getByRole('button', { name: 'Add chart' }).click();
  await expect(first.locator('.recharts-bar-rectangle').first()).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(cell(page, 0).locator('.recharts-bar-rectangle').first()).toBeVisible({ timeout: 20_000 });
});

test('a file of one’s own becomes a table; a broken one loads nothing and says where it is broken', async () => {
  const { page } = ada;
  const folder = join(product.home, 'files');
  mkdirSync(folder, { recursive: true });
  const good = join(folder, 'boats.csv');
  writeFileSync(
    good,
    `id,name,length\n${Array.from({ length: 500 }, (_, index) => `${index},Boat ${index},${index / 2}`).join('\n')}\n`,
  );
  const ragged = join(folder, 'ragged.csv');
  writeFileSync(ragged, 'id,name\n1,a\n2,b,c,d\n3,e\n');

  await page.goto('/');
  await page.getByRole('button', { name: /^Bring your own file/ }).click();
  await page.getByLabel('File to upload').setInputFiles(ragged);
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText(/line 3 of the file ragged\.csv/i, {
    timeout: 15_000,
  });
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: /^Bring your own file/ }).click();
  await page.getByLabel('File to upload').setInputFiles(good);
  await expect(page.getByRole('table', { name: 'Preview' })).toBeVisible({ timeout: 15_000 });
  await page.getByLabel('Name of name').fill('boat name');
  await page.getByLabel('Name of name').fill('boat');
  await page.getByLabel('Type of length').selectOption('decimal(18,2)');
  await page.getByRole('button', { name: 'Create table' }).click();
  await expect(page.getByText('has 500 rows')).toBeVisible({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Query it' }).click();
  await page.waitForURL(/\/notebook\//);
  const query = page.locator('[data-cell]').last();
  await expect(query).toHaveAttribute('data-status', 'succeeded', { timeout: 20_000 });
  await expect(query.getByText('500 rows')).toBeVisible();
  await expect(query.getByText('decimal(18,2)')).toBeVisible();
});

test('a second person is invited, edits the same notebook and sees its runs', async ({ browser }) => {
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  const { page } = ada;
  await page.goto(notebookUrl);
  await cell(page, 0).locator('.monaco-editor').waitFor();
  // Not shared yet: the notebook does not exist for her.
  await grace.page.goto(notebookUrl);
  await expect(grace.page.getByRole('main').getByRole('alert')).toContainText('does not exist');

  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Person').selectOption({ label: `Grace Hopper (${grace.email})` });
  await dialog.getByLabel('Level', { exact: true }).selectOption('edit');
  await dialog.getByRole('button', { name: 'Share' }).click();
  await expect(dialog.getByText('Grace Hopper', { exact: false }).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();

  await grace.page.goto(notebookUrl);
  await cell(grace.page, 0).locator('.monaco-editor').waitFor();
  await expect(page.getByRole('img', { name: 'Grace Hopper' })).toBeVisible();

  await typeInto(page, cell(page, 0), 'select 6 * 7 as answer');
  await expect(cell(grace.page, 0).locator('.view-lines')).toContainText('answer', { timeout: 2000 });
  await runCell(page, cell(page, 0));
  await expect(gridCell(cell(grace.page, 0), 0, 0)).toHaveText('42');

  // What she types arrives here, and her cursor has her name.
  await grace.page.locator('.monaco-editor .view-lines').first().click();
  await grace.page.keyboard.press('Control+End');
  await grace.page.keyboard.type(' + 0 as more');
  await expect(cell(page, 0).locator('.view-lines')).toContainText('more', { timeout: 2000 });
});

test('an output is withheld from people without a grant, who are told whom to ask; a grant shows it', async () => {
  const first = cell(ada.page, 0);
  await typeInto(ada.page, first, 'select count(*) as boats from main.default.boats');
  await runCell(ada.page, first);
  await expect(gridCell(first, 0, 0)).toHaveText('500');
  const hers = cell(grace.page, 0);
  await expect(hers).toContainText('Ask its owner ada@example.com', { timeout: 10_000 });
  await expect(hers.locator('[role=gridcell]')).toHaveCount(0);

  // She cannot run it either.
  await runCell(grace.page, hers, 'failed');

  await typeInto(ada.page, first, `grant select on table main.default.boats to \`${grace.email}\``);
  await runCell(ada.page, first);
  await typeInto(ada.page, first, 'select count(*) as boats from main.default.boats');
  await expect(hers.locator('.view-lines')).toContainText('boats from');
  await runCell(grace.page, hers);
  await expect(gridCell(hers, 0, 0)).toHaveText('500');
});

test('a closed laptop loses neither the run nor its output', async () => {
  const first = cell(ada.page, 0);
  await typeInto(
    ada.page,
    first,
    "select sum(sqrt(a.id) * sqrt(b.id)) as s, 'done' as word from range(30000) a cross join range(400) b",
  );
  await first.locator('.monaco-editor .view-lines').click();
  await ada.page.keyboard.press('Control+Enter');

  await ada.page.goto('about:blank');
  await ada.page.goto(notebookUrl);
  await expect(cell(ada.page, 0)).toHaveAttribute('data-status', 'succeeded', { timeout: 40_000 });
  await expect(gridCell(cell(ada.page, 0), 0, 1)).toHaveText('done');
});

test('cells are added, moved, deleted and brought back with the keyboard', async () => {
  const { page } = ada;
  await newNotebook(page);
  await typeInto(page, cell(page, 0), 'select 1');
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  await expect(cells(page)).toHaveCount(2);
  await cell(page, 1).locator('.monaco-editor').waitFor();
  await typeInto(page, cell(page, 1), 'select 2');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(cell(page, 0).locator('.view-lines')).toContainText('2');
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await expect(cells(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(cells(page)).toHaveCount(2);
});
