import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Product, startProduct } from '../../e2e/support/product.ts';
import { processOf, running } from '../test/processes.ts';
import { Api, until } from './api.ts';

export const victims = ['compute', 'server', 'postgres', 'supervisor'] as const;
export type Victim = (typeof victims)[number];

const token = 'token-of-the-crash-test';
/** Nobody looks at pages here; the API, the documents and the live channel are what people's work hangs on. */
const env = { BOATHOUSE_ADMIN_TOKEN: token, BOATHOUSE_PAGES: '0' };

/** The product under fire: one home and port, started again where its supervisor was killed. */
export class House {
  readonly api: Api;
  private product: Product;
  private constructor(product: Product) {
    this.product = product;
    this.api = new Api(product.url, token);
  }

  static async open(): Promise<House> {
    return new House(await startProduct({ env }));
  }

  get home(): string {
    return this.product.home;
  }
  get token(): string {
    return token;
  }

  /** Kill -9. A killed supervisor's server and compute must be gone within 2 s; then somebody starts it again. */
  async kill(victim: Victim): Promise<void> {
    const pid = this.pidOf(victim);
    if (victim !== 'supervisor') return void process.kill(pid, 'SIGKILL');
    const left = [this.pidOf('server'), this.pidOf('compute')];
    process.kill(pid, 'SIGKILL');
    await until('server and compute end after their supervisor', 2000, async () => left.every((it) => !running(it)));
    this.product = await startProduct({ home: this.product.home, port: this.product.port, env });
  }

  /** Runs a query of the test on the metadata database, past the product. */
  async query<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
    const { databasePassword } = JSON.parse(readFileSync(join(this.home, 'secrets.json'), 'utf8')) as {
      databasePassword: string;
    };
    const port = Number(this.postmaster()[3]);
    const client = new pg.Client({
      connectionString: `postgresql://boathouse:${databasePassword}@127.0.0.1:${port}/boathouse`,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Errors that the server's log has of a run: why a promise was not kept. */
  errorsOf(runId: string): string[] {
    return readFileSync(join(this.home, 'logs', 'server.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(runId) && line.includes('"err"'))
      .map((line) => line.slice(0, 900));
  }

  close(): Promise<void> {
    return this.product.remove();
  }

  private postmaster(): string[] {
    return readFileSync(join(this.home, 'database', 'postmaster.pid'), 'utf8').split('\n');
  }

  private pidOf(victim: Victim): number {
    const supervisor = this.product.supervisorPid;
    if (victim === 'supervisor') return supervisor;
    if (victim === 'postgres') return Number(this.postmaster()[0]);
    return processOf(supervisor, victim);
  }
}
