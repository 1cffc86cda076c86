import { expect, test } from '@playwright/test';
import { cell, gridCell, newNotebook, runCell, typeInto } from './support/notebook.ts';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** What people do on the pages of catalog, dashboards and settings, as they do it. */
test.describe.configure({ mode: 'serial' });

let product: Product;
let ada: Person;
let grace: Person;

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  const { page } = ada;
  await newNotebook(page);
  await typeInto(page, cell(page, 0), 'create table main.default.boats as select 1 as id, 12.5 as length');
  await runCell(page, cell(page, 0));
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

test('a schema and a volume are made, and files come and go', async () => {
  const { page } = ada;
  await page.goto('/catalog/main');
  await page.getByRole('button', { name: 'New schema' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('harbour');
  await page.getByRole('button', { name: 'Create schema' }).click();
  await page.waitForURL('**/catalog/main/harbour');
  await expect(page.getByRole('treeitem', { name: 'harbour, schema' })).toBeVisible();

  await page.getByRole('button', { name: 'New volume' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('landing');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await page.waitForURL('**/catalog/main/harbour/landing?kind=volume');
  const files = [{ name: 'näme with space.csv', mimeType: 'text/csv', buffer: Buffer.from('id\n1\n') }];
  await page.getByLabel('Files to upload').setInputFiles(files);
  await expect(page.getByRole('cell', { name: 'näme with space.csv', exact: true })).toBeVisible();
  await expect(page.getByText('Uploaded näme with space.csv.')).toBeVisible();
  // The same name again is not overwritten unasked.
  await page.getByLabel('Files to upload').setInputFiles(files);
  await page.getByRole('button', { name: 'Replace' }).click();
  await expect(page.getByText('Uploaded näme with space.csv.')).toHaveCount(2);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Actions for näme with space.csv' }).click();
  await page.getByRole('menuitem', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('näme with space.csv');

  await page.getByRole('button', { name: 'New folder' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('2026');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByRole('link', { name: '2026' }).click();
  await expect(page.getByText('This folder is empty')).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Actions for näme with space.csv' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete file' }).click();
  await expect(page.getByRole('cell', { name: 'näme with space.csv', exact: true })).toHaveCount(0);
});

test('a grant opens a table to a colleague while she looks, and revoking closes it', async () => {
  const { page } = ada;
  const change = async (path: string, privileges: string[]) => {
    await page.goto(`${path}?tab=permissions`);
    await page.getByRole('button', { name: 'Grant', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To', { exact: true }).selectOption({ label: 'Grace Hopper (grace@example.com)' });
    for (const privilege of privileges)
      await dialog.getByRole('checkbox', { name: new RegExp(`^${privilege}`) }).check();
    await dialog.getByRole('button', { name: 'Grant', exact: true }).click();
    await expect(dialog).toBeHidden();
  };
  await change('/catalog/main', ['BROWSE', 'USE CATALOG']);
  await change('/catalog/main/default', ['USE SCHEMA']);
  await grace.page.goto('/catalog/main/default/boats?tab=sample');
  await expect(grace.page.getByText('You may not read this table')).toBeVisible();
  await expect(grace.page.getByText(/ask/i).first()).toBeVisible();

  await change('/catalog/main/default/boats', ['SELECT']);
  await expect(grace.page.locator('[role=gridcell]').first()).toHaveText('1', { timeout: 15_000 });
  await grace.page.getByRole('tab', { name: 'Permissions' }).click();
  await expect(grace.page.getByText('Only your own grants are listed.')).toBeVisible();
  await expect(grace.page.getByRole('button', { name: /^Revoke/ })).toHaveCount(0);

  await page.getByRole('button', { name: 'Revoke SELECT from Grace Hopper' }).click();
  await expect(page.getByText('Revoked SELECT from Grace Hopper.')).toBeVisible();
  await grace.page.getByRole('tab', { name: 'Sample' }).click();
  await expect(grace.page.getByText('You may not read this table')).toBeVisible();
});

test('a comment is changed where it stands, and a table is dropped by its name', async () => {
  const { page } = ada;
  await page.goto('/catalog/main/default/boats');
  await page.getByRole('button', { name: 'Add a comment' }).click();
  await page.getByRole('textbox', { name: 'Comment' }).fill('Boats of the harbour');
  await page.getByRole('button', { name: 'Save comment' }).click();
  await expect(page.getByText('Boats of the harbour')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for boats' }).click();
  await page.getByRole('menuitem', { name: 'Drop table' }).click();
  const drop = page.getByRole('button', { name: 'Drop table' });
  await expect(drop).toBeDisabled();
  await page.getByLabel('Type boats to confirm').fill('boats');
  await drop.click();
  await page.waitForURL('**/catalog/main/default');
  await expect(page.getByRole('treeitem', { name: 'boats, table' })).toHaveCount(0);
});

test('a cell becomes a tile, which is changed, dragged and removed', async () => {
  const { page } = ada;
  await newNotebook(page);
  const first = cell(page, 0);
  await typeInto(page, first, 'select 42 as answer');
  await runCell(page, first);
  await expect(gridCell(first, 0, 0)).toHaveText('42');
  await first.getByRole('button', { name: 'Add to dashboard' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the dashboard').fill('Answers');
  await dialog.getByLabel('Title of the tile').fill('The answer');
  await dialog.getByRole('button', { name: 'Add tile' }).click();
  await page.getByRole('button', { name: 'Open dashboard' }).click();
  await page.waitForURL(/\/dashboards\//);
  const tile = page.getByRole('region', { name: 'The answer' });
  await expect(tile.locator('[role=gridcell]').first()).toHaveText('42', { timeout: 15_000 });

  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByRole('button', { name: 'Actions for The answer' }).click();
  await page.getByRole('menuitem', { name: 'Edit tile' }).click();
  await page.getByLabel('Show as').selectOption('counter');
  await page.getByRole('button', { name: 'Save tile' }).click();
  await expect(tile).toContainText('42answer');

  const handle = page.getByRole('button', { name: /^Move The answer/ });
  const from = (await handle.boundingBox())!;
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 300, from.y + 20, { steps: 8 });
  const kept = page.waitForResponse((one) => one.request().method() === 'PATCH' && one.ok());
  await page.mouse.up();
  await expect.poll(async () => (await tile.boundingBox())!.x).toBeGreaterThan(from.x + 150);
  await kept;
  await page.reload();
  await expect.poll(async () => (await tile.boundingBox())?.x ?? 0).toBeGreaterThan(from.x + 150);

  await page.getByRole('button', { name: 'Actions for The answer' }).click();
  await page.getByRole('menuitem', { name: 'Remove tile' }).click();
  await expect(tile).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(tile).toContainText('42answer', { timeout: 15_000 });
});

test('an invitation, a role and a token are given and taken in the settings', async () => {
  const { page } = ada;
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByLabel('E-mail').fill('joan@example.com');
  await page.getByRole('button', { name: 'Create invitation' }).click();
  await expect(page.getByLabel('Invitation link')).toHaveValue(/\/invite#.+/);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Revoke the invitation of joan@example.com' }).click();
  await expect(page.getByText('No open invitations')).toBeVisible();

  await page.getByLabel('Role of Grace Hopper').selectOption('admin');
  await expect(page.getByText('Grace Hopper is administrator now.')).toBeVisible();
  await page.getByLabel('Role of Grace Hopper').selectOption('member');
  await expect(page.getByText('Grace Hopper is member now.')).toBeVisible();

  await page.getByRole('tab', { name: 'Access tokens' }).click();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('What for').fill('Nightly script');
  await page.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByLabel('Access token', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  const asProgram = () =>
    fetch(`${product.url}/api/2.0/boathouse/me`, { headers: { authorization: `Bearer ${token}` } });
  expect((await asProgram()).status).toBe(200);
  await page.getByRole('button', { name: 'Revoke Nightly script' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await expect(page.getByText('No access tokens')).toBeVisible();
  expect((await asProgram()).status).toBe(401);

  await page.getByRole('tab', { name: 'Members' }).click();
  await page.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove member' }).click();
  await expect(page.getByText('grace@example.com')).toHaveCount(0);
  await grace.page.goto('/');
  await grace.page.waitForURL(/\/sign-in/);
});
