import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { runStatement } from './support/statement.ts';

/** The page of a table: its history with compare and restore, its definition, and maintenance, in a browser. */
test.describe.configure({ mode: 'serial' });

const pictures = fileURLToPath(new URL('../screenshots/', import.meta.url));
const orders = '/catalog/main/default/orders';

let product: Product;
let ada: Person;
let grace: Person;

const sql = (person: Person, statement: string): Promise<void> => runStatement(person, product.url, statement);

test.beforeAll(async ({ browser }) => {
  mkdirSync(pictures, { recursive: true });
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  await sql(ada, 'create table main.default.orders (id bigint, city string, amount decimal(10,2))');
  await sql(ada, "insert into main.default.orders values (1, 'Kiel', 10.5), (2, 'Bergen', 20), (3, 'Oslo', 7.25)");
  await sql(ada, "update main.default.orders set city = 'Tromsø' where id = 2");
  await sql(ada, 'alter table main.default.orders add columns (note string)');
  await sql(ada, 'delete from main.default.orders where id = 3');
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

/** A picture in both themes; nothing on the page keeps somebody out. */
async function sound(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    await page.screenshot({ path: `${pictures}${name}-${colorScheme}.png`, animations: 'disabled' });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

test('two versions are chosen in the history and compared: columns, files and the rows that differ', async () => {
  const { page } = ada;
  await page.goto(`${orders}?tab=history`);
  const versions = page.getByRole('table', { name: 'Versions' });
  await expect(versions.getByRole('checkbox')).toHaveCount(5);
  await page.getByRole('button', { name: 'Show details of version 2' }).click();
  await expect(versions).toContainText('predicate');
  await page.getByRole('checkbox', { name: 'Choose version 1 ' }).check();
  await page.getByRole('checkbox', { name: 'Choose version 4 ' }).check();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page).toHaveURL(/compare=1-4/);
  await expect(page.getByRole('table', { name: 'Differences of columns' })).toContainText('Column note');
  const rows = page.getByRole('table', { name: 'Rows that differ' });
  await expect(rows.getByRole('row')).toHaveCount(4);
  await expect(rows.getByRole('row', { name: /Removed 2 Bergen/ })).toBeVisible();
  await expect(rows.getByRole('row', { name: /Added 2 Tromsø/ })).toBeVisible();
  await expect(rows.getByRole('row', { name: /Removed 3 Oslo/ })).toBeVisible();
  await sound(page, 'table-compare');
  // The link shows what its sender saw.
  await page.reload();
  await expect(rows).toBeVisible();
  await page.getByRole('button', { name: 'Close the comparison' }).click();
  await expect(rows).toHaveCount(0);
});

test('a version is restored after saying what will happen, the history follows, and it can be undone', async () => {
  const { page } = ada;
  await page.goto(`${orders}?tab=history`);
  await page.getByRole('button', { name: 'Actions for version 1', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Restore to this version' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore orders to version 1?' });
  await expect(dialog).toContainText('The table then holds 3 rows; now it holds 2.');
  await sound(page, 'table-restore');
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('Restored orders to version 1, as version 5.')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Versions' }).getByText('RESTORE')).toHaveCount(1);
  await expect(page.getByRole('main')).toContainText('3 rows');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('table', { name: 'Versions' }).getByText('RESTORE')).toHaveCount(2);
  await expect(page.getByRole('main')).toContainText('2 rows');
});

test('properties, constraints and comments of columns are changed on the page', async () => {
  const { page } = ada;
  await page.goto(`${orders}?tab=details`);
  await expect(page.getByText(/reader \d, writer \d/)).toBeVisible();
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Set property' }).click();
  await dialog.getByLabel('Property').fill('team');
  await dialog.getByLabel('Value').fill("north's");
  await dialog.getByRole('button', { name: 'Set property' }).click();
  const properties = page.getByRole('table', { name: 'Properties' });
  await expect(properties.getByRole('row', { name: "team north's" })).toBeVisible();

  await page.getByRole('button', { name: 'Add constraint' }).first().click();
  await dialog.getByLabel('Name').fill('paid');
  await dialog.getByLabel('Condition').fill('amount > 1000');
  await dialog.getByRole('button', { name: 'Add constraint' }).click();
  // The rows that are there break it, and the dialog says so.
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel('Condition').fill('amount > 0');
  await dialog.getByRole('button', { name: 'Add constraint' }).click();
  const constraints = page.getByRole('table', { name: 'Constraints' });
  await expect(constraints.getByRole('row', { name: 'paid Check amount > 0' })).toBeVisible();
  await sound(page, 'table-details-edit');

  await constraints.getByRole('button', { name: 'Drop check paid' }).click();
  await dialog.getByRole('button', { name: 'Drop' }).click();
  await expect(constraints).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove team' }).click();
  await expect(page.getByText('Removed team.')).toBeVisible();

  await page.getByRole('tab', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Add the comment of city' }).click();
  await dialog.getByLabel('Comment').fill('Where it goes');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('cell', { name: 'Where it goes' })).toBeVisible();
});

test('a table is optimized and vacuumed from its menu, with what was done', async () => {
  const { page } = ada;
  const keep = "tblproperties ('delta.deletedFileRetentionDuration' = 'interval 0 seconds')";
  await sql(ada, `create table main.default.small (n int) ${keep}`);
  for (const n of [1, 2, 3]) await sql(ada, `insert into main.default.small values (${n})`);
  await page.goto('/catalog/main/default/small?tab=history');
  await page.getByRole('button', { name: 'Actions for small' }).click();
  await page.getByRole('menuitem', { name: 'Optimize' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Optimize' }).click();
  await expect(dialog).toContainText(/3 files \(.+\) became 1 file \(.+\), as version 4/);
  await sound(page, 'table-optimized');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Actions for small' }).click();
  await page.getByRole('menuitem', { name: 'Vacuum' }).click();
  await expect(dialog).toContainText('3 files will be removed for ever:');
  await expect(dialog.getByRole('list', { name: 'Files to remove' }).getByRole('listitem')).toHaveCount(3);
  await sound(page, 'table-vacuum');
  await dialog.getByRole('button', { name: 'Remove 3 files' }).click();
  await expect(dialog).toContainText('Removed 3 files.');
  await dialog.getByRole('button', { name: 'Done' }).click();
  // What is gone cannot be restored, and the dialog says so.
  await page.getByRole('button', { name: 'Actions for version 2', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Restore to this version' }).click();
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await expect(dialog.getByRole('alert')).toContainText('DELTA_MISSING_FILES');
  await sound(page, 'table-restore-failing');
});

test('who may only read a table compares its versions, and changes nothing', async () => {
  await sql(ada, 'grant use catalog on catalog main to `grace@example.com`');
  await sql(ada, 'grant use schema on schema main.default to `grace@example.com`');
  await sql(ada, 'grant select on table main.default.orders to `grace@example.com`');
  const { page } = grace;
  await page.goto(`${orders}?tab=history&compare=1-2`);
  await expect(page.getByRole('table', { name: 'Rows that differ' })).toContainText('Tromsø');
  await page.getByRole('button', { name: 'Actions for version 1', exact: true }).click();
  await expect(page.getByRole('menuitem', { name: 'Restore to this version (needs MODIFY)' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Details' }).click();
  await expect(page.getByText(/reader \d, writer \d/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Set property' })).toHaveCount(0);
});
