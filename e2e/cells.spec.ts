import { expect, test } from '@playwright/test';
import { cell, cells, gridCell, newNotebook, runCell, typeInto } from './support/notebook.ts';
import { type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** TypeScript and pipeline cells, in a browser. */
test.describe.configure({ mode: 'serial' });

let product: Product;
let ada: Person;

const post = (path: string, data: object) => ada.context.request.post(path, { data, headers: { origin: product.url } });
const put = async (path: string, text: string) => {
  const answer = await ada.context.request.put(`/api/2.0/fs/files${path}?overwrite=true`, {
    data: Buffer.from(text),
    headers: { origin: product.url, 'content-type': 'application/octet-stream' },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
};

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

test('a TypeScript cell queries, computes, prints and shows a table; its names live on', async () => {
  const { page } = ada;
  await newNotebook(page);
  await page.getByRole('button', { name: 'Cell', exact: true }).click();
  await page.getByRole('menuitem', { name: 'TypeScript' }).click();
  const first = cell(page, 1);
  await typeInto(
    page,
    first,
    "const rows = await spark.sql('select id, id * id as square from range(5)').collect();\nconsole.log('rows:', rows.length);\ndisplay(spark.sql('select id from range(5)').filter(col('id').gt(2)).orderBy(desc('id')));",
  );
  await runCell(page, first);
  await expect(first.locator('pre').filter({ hasText: 'rows: 5' })).toBeVisible();
  await expect(gridCell(first, 0, 0)).toHaveText('4');
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  const second = cell(page, 2);
  await typeInto(page, second, 'const total: number = rows.reduce((sum, row) => sum + Number(row.square), 0);\ntotal');
  await runCell(page, second);
  await expect(second).toContainText('30');
});

test('the stop button ends an endless loop within a second or so, and says it was cancelled', async () => {
  const { page } = ada;
  const first = cell(page, 1);
  await typeInto(page, first, 'while (true) {}');
  await first.locator('.monaco-editor .view-lines').click();
  await page.keyboard.press('Control+Enter');
  await expect(first).toHaveAttribute('data-status', 'running', { timeout: 10_000 });
  await first.getByRole('button', { name: /^Stop cell/ }).click();
  await expect(first).toHaveAttribute('data-status', 'cancelled', { timeout: 5000 });
});

test('a pipeline reads each file once, drops what an expectation refuses, and a second run adds exactly the new file', async () => {
  const { page } = ada;
  const volume = await post('/api/2.1/unity-catalog/volumes', {
    catalog_name: 'main',
    schema_name: 'default',
    name: 'landing',
    volume_type: 'MANAGED',
  });
  expect(volume.ok(), await volume.text()).toBe(true);
  await put('/Volumes/main/default/landing/a.csv', 'sku,amount\na,1\nb,2\nc,-5\n');
  await newNotebook(page);
  await page.getByRole('button', { name: 'Cell', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Pipeline' }).click();
  const pipeline = cell(page, 1);
  await typeInto(
    page,
    pipeline,
    "CREATE OR REFRESH STREAMING TABLE sales (CONSTRAINT positive EXPECT (amount > 0) ON VIOLATION DROP ROW) AS SELECT sku, amount FROM STREAM read_files('/Volumes/main/default/landing', format => 'csv', header => true);\nCREATE OR REFRESH MATERIALIZED VIEW totals AS SELECT count(*) AS n, sum(amount) AS amount FROM sales;",
  );
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Run pipeline' }).click();
  await expect(page.getByRole('region', { name: 'Pipeline', exact: true })).toContainText(/Completed/i, {
    timeout: 45_000,
  });

  const check = cell(page, 0);
  await typeInto(page, check, 'select n, cast(amount as int) as amount from main.default.totals');
  await runCell(page, check);
  await expect(gridCell(check, 0, 0)).toHaveText('2');
  await expect(gridCell(check, 0, 1)).toHaveText('3');

  await put('/Volumes/main/default/landing/b.csv', 'sku,amount\nd,10\n');
  await page.getByRole('button', { name: 'Run pipeline' }).click();
  // The answer above becomes stale when the second run has committed.
  await expect(check).toHaveAttribute('data-status', 'stale', { timeout: 45_000 });
  await runCell(page, check);
  await expect(gridCell(check, 0, 0)).toHaveText('3');
  await expect(gridCell(check, 0, 1)).toHaveText('13');
});

test('a cell is split at the cursor and merged again with the keyboard', async () => {
  const { page } = ada;
  await newNotebook(page);
  const first = cell(page, 0);
  await typeInto(page, first, 'select 1 as upper;\nselect 2 as lower');
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+Shift+Minus');
  await expect(cells(page)).toHaveCount(2);
  await expect(cell(page, 1).locator('.view-lines')).toHaveText('select 2 as lower');
  await expect(first.locator('.view-lines')).toHaveText('select 1 as upper;');
  await page.keyboard.press('Escape');
  await page.keyboard.press('k');
  await page.keyboard.press('Shift+M');
  await expect(cells(page)).toHaveCount(1);
  await expect(first.locator('.view-line')).toHaveText(['select 1 as upper;', 'select 2 as lower']);
  await page.keyboard.press('Control+z');
  await expect(cells(page)).toHaveCount(2);
});
