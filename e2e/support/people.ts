import type { Browser, BrowserContext, Page } from '@playwright/test';

export interface Person {
  context: BrowserContext;
  page: Page;
  email: string;
  password: string;
  /** Errors of the page's console; a test looks at them at its end. */
  problems: string[];
}

const noise = /Failed to load resource: the server responded with a status of (400|401|403|404|409)|_rsc=/;

async function newPerson(browser: Browser, url: string, email: string): Promise<Person> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const problems: string[] = [];
  // Of the context: a person may have more than one page open.
  context.on('console', (message) => {
    if (message.type() === 'error' && !noise.test(message.text())) problems.push(message.text());
  });
  context.on('weberror', (web) => problems.push(`${web.error().name}: ${web.error().message}`));
  // No page may ask anybody but us.
  context.on('request', (request) => {
    const to = new URL(request.url());
    if (!['127.0.0.1', 'localhost', ''].includes(to.hostname)) problems.push(`asked ${to.hostname}`);
  });
  return { context, page, email, password: 'correct horse battery', problems };
}

/** The first page of an empty home asks for the administrator. */
export async function setUpAdministrator(browser: Browser, url: string): Promise<Person> {
  const person = await newPerson(browser, url, 'ada@example.com');
  const { page } = person;
  await page.goto('/');
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor();
  return person;
}

/** A second person, by an invitation of the first. */
export async function invite(browser: Browser, url: string, by: Person, name: string): Promise<Person> {
  const email = `${name.split(' ')[0]!.toLowerCase()}@example.com`;
  const answer = await by.context.request.post('/api/2.0/boathouse/invites', {
    data: { email, role: 'member' },
    headers: { origin: url },
  });
  const { token } = (await answer.json()) as { token: string };
  const person = await newPerson(browser, url, email);
  const { page } = person;
  await page.goto(`/invite#${token}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Join workspace' }).click();
  await page.getByRole('heading', { name: `Hello, ${name.split(' ')[0]}` }).waitFor();
  return person;
}
