import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startPostgres } from '../../../scripts/test/postgres.ts';
import { type App, createApp } from '../app.ts';
import type { ServerConfig } from '../config.ts';

/** A person at a browser or with a token: keeps cookies, sends the Origin that a browser would. */
export interface Client {
  get: (path: string) => Promise<Answer>;
  send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  cookie: () => string;
}
export interface Answer {
  status: number;
  // Tests read answers of every shape.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
  text: string;
  headers: Headers;
}

export interface TestServer {
  app: App;
  origin: string;
  config: ServerConfig;
  client: (token?: string) => Client;
  /** Signed in as the first administrator, `ada@example.com`. */
  administrator: () => Promise<Client>;
  /** Signed in as a new member, `<name>@example.com`. */
  member: (administrator: Client, name: string) => Promise<Client>;
  stop: () => Promise<void>;
}

export const password = 'correct horse battery';

/** A home folder with an installation key, and what the supervisor would say. */
export async function testConfig(databaseUrl: string, more: Partial<ServerConfig> = {}): Promise<ServerConfig> {
  const home = await mkdtemp(join(tmpdir(), 'boathouse-server-'));
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(join(home, 'installation.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return {
    port: 0,
    host: '127.0.0.1',
    home,
    databaseUrl,
    computeToken: 'compute-token-of-this-test',
    dev: false,
    pages: false,
    logLevel: 'silent',
    ...more,
  };
}

/** The whole server, without pages, on a port of its own over a fresh database. */
export async function startServer(more: Partial<ServerConfig> = {}): Promise<TestServer> {
  const postgres = await startPostgres();
  const config = await testConfig(postgres.url, more);
  const app = await createApp(config, pino({ level: process.env.BOATHOUSE_TEST_LOG ?? 'silent' }));
  const origin = `http://127.0.0.1:${app.port}`;
  const client = (token?: string) => createClient(origin, token);
  return {
    app,
    origin,
    config,
    client,
    async administrator() {
      const ada = client();
      await ada.send('POST', '/api/2.0/boathouse/setup', { name: 'Ada Lovelace', email: 'ada@example.com', password });
      return ada;
    },
    async member(administrator, name) {
      const { body } = await administrator.send('POST', '/api/2.0/boathouse/invites', {
        email: `${name}@example.com`,
        role: 'member',
      });
      const person = client();
      await person.send('POST', '/api/2.0/boathouse/invitation/accept', { token: body.token, name, password });
      return person;
    },
    async stop() {
      await app.close();
      await postgres.stop();
      await rm(config.home, { recursive: true, force: true });
    },
  };
}

export function createClient(origin: string, token?: string): Client {
  const jar = new Map<string, string>();
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const form = body instanceof FormData;
    const response = await fetch(origin + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : { origin }),
        ...(jar.size > 0 ? { cookie: cookie() } : {}),
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name && value) jar.set(name, value);
      else if (name) jar.delete(name);
    }
    const text = await response.text();
    return { status: response.status, body: readJson(text), text, headers: response.headers };
  };
  return { cookie, send, get: (path) => send('GET', path) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
