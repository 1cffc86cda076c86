import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { invite, type Person, setUpAdministrator } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** Every page, light and dark: nothing serious for axe, nothing wider than the window, and a picture to look at. */
test.describe.configure({ mode: 'serial' });

const pictures = fileURLToPath(new URL('../screenshots/', import.meta.url));
const longName = `Quarterly ${'long '.repeat(37)}name.`; // 200 characters

let product: Product;
let ada: Person;
let grace: Person;
let pages: Shown[];

interface Shown {
  name: string;
  path: string;
  /** Text that stands there once the page is ready. */
  ready: string | RegExp;
  /** Opens what is to be looked at: a dialog, a menu. */
  act?: (page: Page) => Promise<unknown>;
  who?: () => Person;
}

async function ask<T>(person: Person, method: 'get' | 'post' | 'put', path: string, data?: unknown): Promise<T> {
  const answer = await person.context.request[method](path, {
    ...(data === undefined ? {} : { data }),
    headers: { origin: product.url },
  });
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}

async function sql(statement: string): Promise<void> {
  const { status } = await ask<{ status: { state: string; error?: { message: string } } }>(
    ada,
    'post',
    '/api/2.0/sql/statements',
    { statement, wait_timeout: '50s' },
  );
  expect(status.error?.message ?? status.state).toBe('SUCCEEDED');
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  mkdirSync(pictures, { recursive: true });
  product = await startProduct();
  ada = await setUpAdministrator(browser, product.url);
  grace = await invite(browser, product.url, ada, 'Grace Hopper');
  const { notebookId } = await ask<{ notebookId: string }>(ada, 'post', '/api/2.0/boathouse/samples', {});
  await expect
    .poll(
      async () =>
        (await ask<{ tables: { state: string }[] }>(ada, 'get', '/api/2.0/boathouse/samples')).tables.every(
          (table) => table.state === 'ready',
        ),
      { timeout: 60_000 },
    )
    .toBe(true);
  await sql('create view main.samples.late as select * from main.samples.flights where delay > 60');
  await sql('create volume main.samples.landing');
  await ask(ada, 'put', '/api/2.0/fs/files/Volumes/main/samples/landing/2026/orders.csv', 'id,amount\n1,2\n');
  await sql('grant browse on catalog main to `grace@example.com`');
  const dashboard = await ask<{ id: string }>(ada, 'post', '/api/2.0/boathouse/dashboards', { name: 'Flight delays' });
  const tiles = `/api/2.0/boathouse/dashboards/${dashboard.id}/tiles`;
  await ask(ada, 'post', tiles, {
    title: 'Flights',
    query: 'select count(*) as flights from main.samples.flights',
    chart: { kind: 'counter', y: ['flights'] },
    layout: { x: 0, y: 0, w: 4, h: 8 },
  });
  await ask(ada, 'post', tiles, {
    title: 'Busiest airports',
    query: 'select origin, count(*) as flights from main.samples.flights group by origin order by flights desc limit 8',
    chart: { kind: 'bar', x: 'origin', y: ['flights'] },
    layout: { x: 4, y: 0, w: 8, h: 8 },
  });
  const long = await ask<{ id: string }>(ada, 'post', '/api/2.0/boathouse/dashboards', { name: longName });
  const flights = '/catalog/main/samples/flights';
  pages = [
    { name: 'home', path: '/', ready: 'First steps' },
    { name: 'palette', path: '/', ready: 'First steps', act: (page) => page.keyboard.press('Control+K') },
    { name: 'workspace', path: '/workspace', ready: 'Flight delays' },
    { name: 'notebook', path: `/notebook/${notebookId}`, ready: 'Saved' },
    { name: 'catalog', path: '/catalog', ready: 'New catalog' },
    { name: 'catalog-one', path: '/catalog/main', ready: 'New schema' },
    { name: 'schema', path: '/catalog/main/samples', ready: 'New volume' },
    { name: 'schema-empty', path: '/catalog/main/default', ready: 'Nothing here yet' },
    { name: 'upload', path: '/catalog/main/samples?upload=1', ready: 'Bring your own file' },
    { name: 'table', path: flights, ready: 'timestamp_ntz' },
    { name: 'table-sample', path: `${flights}?tab=sample`, ready: 'First rows of version' },
    { name: 'table-history', path: `${flights}?tab=history`, ready: '+3,000,000' },
    { name: 'table-lineage', path: `${flights}?tab=lineage`, ready: 'Written by' },
    { name: 'table-permissions', path: `${flights}?tab=permissions`, ready: 'BROWSE' },
    {
      name: 'grant-dialog',
      path: `${flights}?tab=permissions`,
      ready: 'BROWSE',
      act: (page) => page.getByRole('button', { name: 'Grant', exact: true }).click(),
    },
    { name: 'table-details', path: `${flights}?tab=details`, ready: 'Files of the newest version' },
    { name: 'table-no-access', path: `${flights}?tab=sample`, ready: 'You may not read this table', who: () => grace },
    { name: 'view', path: '/catalog/main/samples/late', ready: 'Definition' },
    { name: 'volume', path: '/catalog/main/samples/landing?kind=volume', ready: '2026' },
    { name: 'volume-folder', path: '/catalog/main/samples/landing?kind=volume&folder=2026', ready: 'orders.csv' },
    { name: 'catalog-missing', path: '/catalog/main/samples/nowhere', ready: 'TABLE_OR_VIEW_NOT_FOUND' },
    { name: 'dashboards', path: '/dashboards', ready: 'Flight delays' },
    { name: 'dashboards-empty', path: '/dashboards', ready: 'No dashboards yet', who: () => grace },
    { name: 'dashboard', path: `/dashboards/${dashboard.id}`, ready: '3,000,000' },
    { name: 'dashboard-edit', path: `/dashboards/${dashboard.id}?edit=1`, ready: 'Add tile' },
    { name: 'dashboard-long-name', path: `/dashboards/${long.id}?edit=1`, ready: 'No tiles yet' },
    { name: 'tile-editor', path: `/dashboards/${dashboard.id}?tile=new`, ready: 'No preview yet' },
    { name: 'jobs', path: '/jobs', ready: /job/i },
    { name: 'pipelines', path: '/pipelines', ready: /pipeline/i },
    { name: 'compute', path: '/compute', ready: 'Ready' },
    { name: 'settings-members', path: '/settings', ready: 'grace@example.com' },
    { name: 'settings-members-seen-by-member', path: '/settings', ready: 'Ask an administrator', who: () => grace },
    { name: 'settings-tokens', path: '/settings?tab=tokens', ready: 'No access tokens' },
    {
      name: 'token-dialog',
      path: '/settings?tab=tokens',
      ready: 'No access tokens',
      act: (page) => page.getByRole('button', { name: 'New token' }).click(),
    },
    { name: 'settings-profile', path: '/settings?tab=profile', ready: 'Home folder' },
    { name: 'settings-about', path: '/settings?tab=about', ready: 'OpenAPI document of' },
  ];
});
test.afterAll(async () => {
  // What the pages complained of until now; a product that stops leaves them without connections.
  const problems = [...(ada?.problems ?? []), ...(grace?.problems ?? [])];
  await product?.remove();
  expect(problems).toEqual([]);
});

/** What moves comes to rest: fonts are there, transitions are over, and the page has been painted. */
const atRest = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });

async function show(page: Page, { path, ready, act }: Shown): Promise<void> {
  await page.goto(path);
  await expect(page.locator('body')).toContainText(ready, { timeout: 20_000 });
  await expect(page.locator('[role=status] .animate-pulse')).toHaveCount(0, { timeout: 20_000 });
  await act?.(page);
  await atRest(page);
}

/**
 * Rules whose breach keeps somebody out; lesser advice is not held against a page. Colours are all that a theme changes.
 * Legacy mode looks at the page in one go: there are no frames of others here.
 */
async function axe(page: Page, rules: 'all' | 'colours'): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules === 'all' ? builder : builder.withRules(['color-contrast'])).analyze();
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** What is wrong with one page. */
async function look(page: Page, shown: Shown): Promise<string[]> {
  const { name } = shown;
  const found: string[] = [];
  await show(page, shown);
  await page.screenshot({ path: `${pictures}${name}-light.png` });
  found.push(...(await axe(page, 'all')).map((one) => `${name}, light: ${one}`));
  // As the theme of the system changes while a page is open.
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await atRest(page);
  await page.screenshot({ path: `${pictures}${name}-dark.png` });
  found.push(...(await axe(page, 'colours')).map((one) => `${name}, dark: ${one}`));
  for (const width of [1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() =>
      Math.max(...[...document.querySelectorAll('html, main')].map((one) => one.scrollWidth - one.clientWidth)),
    );
    if (over > 0) found.push(`${name} is ${over} px wider than ${width}`);
  }
  await page.screenshot({ path: `${pictures}${name}-1920.png` });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

test('every page is sound: light and dark, at 1280 and at 1920', async () => {
  test.setTimeout(580_000);
  const found: string[] = [];
  const queue = [...pages];
  // Two pages at a time: a page and its browser are busy in turn.
  const lane = async (own: Map<Person, Page>) => {
    for (let shown = queue.shift(); shown; shown = queue.shift())
      found.push(...(await look(own.get(shown.who?.() ?? ada)!, shown)));
  };
  const people = [ada, grace];
  const more = new Map(
    await Promise.all(people.map(async (one) => [one, await one.context.newPage()] as [Person, Page])),
  );
  await Promise.all([lane(new Map(people.map((one) => [one, one.page]))), lane(more)]);
  await Promise.all([...more.values()].map((page) => page.close()));
  expect(found.sort()).toEqual([]);
});

test('the pages before signing in are sound', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: product.url, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const found: string[] = [];
  for (const { name, path, ready } of [
    { name: 'sign-in', path: '/catalog/main', ready: 'Sign in' },
    { name: 'invite-not-valid', path: '/invite#nothing', ready: 'INVITATION_NOT_VALID' },
  ]) {
    await page.goto(path);
    await expect(page.locator('body')).toContainText(ready);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      await atRest(page);
      await page.screenshot({ path: `${pictures}${name}-${colorScheme}.png` });
      found.push(...(await axe(page, 'all')).map((one) => `${name}, ${colorScheme}: ${one}`));
    }
  }
  expect(found).toEqual([]);
  await context.close();
});

test('a form before signing in says below each field what is wrong with it', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: product.url });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/not an e-mail address/);
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription('Fill this in.');
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'password is not right' })).toBeVisible();
  await context.close();
});

test('a page whose data cannot be read says why, and comes back by a press', async () => {
  const { page } = ada;
  await page.goto('/settings');
  await expect(page.getByRole('cell', { name: 'grace@example.com' })).toBeVisible();
  for (const [link, path, there] of [
    ['Dashboards', '**/api/2.0/boathouse/dashboards', 'Flight delays'],
    ['Compute', '**/api/2.0/boathouse/compute', 'Ready'],
  ] as const) {
    await page.route(path, (route) =>
      route.fulfill({
        status: 503,
        json: { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'The database is away. Try again in a moment.' },
      }),
    );
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: link }).click();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText('The database is away.', { timeout: 15_000 });
    await page.screenshot({ path: `${pictures}${link.toLowerCase()}-failing.png` });
    await page.unroute(path);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('main')).toContainText(there);
  }
  // The browser tells of each refusal that was made above.
  const others = ada.problems.filter((problem) => !problem.includes('status of 503'));
  ada.problems.splice(0, ada.problems.length, ...others);
});

test('the catalog is walked with the keyboard alone', async () => {
  const { page } = ada;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto('/catalog');
  const tree = page.getByRole('tree', { name: 'Catalog' });
  await tree.getByRole('treeitem', { name: 'main, catalog' }).waitFor();
  await page.getByRole('searchbox', { name: 'Search the catalog' }).focus();
  await page.keyboard.type('fligh');
  await expect(tree.getByRole('treeitem')).toHaveCount(3);
  await page.keyboard.press('ArrowDown');
  await expect(tree).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/catalog/main/samples/flights');
  await page.getByRole('tab', { name: 'Columns' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Sample' })).toHaveAttribute('aria-selected', 'true');
  await page.waitForURL('**/flights?tab=sample');
});

test('tiles are moved with the arrow keys, and the place is kept', async () => {
  const { page } = ada;
  const { path } = pages.find((one) => one.name === 'dashboard-edit')!;
  await page.goto(path);
  const handle = page.getByRole('button', { name: /^Move Flights:/ });
  await handle.focus();
  // Faster than the server answers: no press is lost.
  for (const key of ['Shift+ArrowLeft', 'ArrowDown', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
  await expect(page.getByText('Flights: column 1, row 2, 3 wide, 8 high')).toBeAttached();
  await expect
    .poll(async () => {
      const id = path.split('/')[2]!.split('?')[0];
      const view = await ask<{ tiles: { title: string; layout: object }[] }>(
        ada,
        'get',
        `/api/2.0/boathouse/dashboards/${id}`,
      );
      return view.tiles.find((tile) => tile.title === 'Flights')?.layout;
    })
    .toEqual({ x: 0, y: 1, w: 3, h: 8 });
});
