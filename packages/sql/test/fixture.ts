import { after, before } from 'node:test';
import type {
  CatalogReader,
  CatalogTable,
  CatalogVolume,
  Column,
  InferFilesAnswer,
  PlannedStatement,
  PlanQuery,
  Principal,
  Requirement,
  SessionState,
} from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Parameters, planStatement } from '../index.ts';

export const ada: Principal = { userId: 'ada', name: 'ada@example.org', admin: false };
export const bo: Principal = { userId: 'bo', name: 'bo@example.org', admin: false };

export const session = (): SessionState => ({
  id: 's',
  catalog: 'main',
  schema: 'samples',
  timeZone: 'UTC',
  settings: {},
  tempViews: {},
});

export const columns = (text: string): Column[] =>
  text.split(', ').map((part) => {
    const [name, type] = part.split(' ') as [string, string];
    return { name, type, nullable: true };
  });

const flights = 'id bigint, origin string, destination string, delay int, day date';

/** A catalog in memory: `main.samples`, one volume; what may be done is the set of grants (empty: everything). */
export class TestCatalog implements CatalogReader {
  readonly tables: CatalogTable[] = [
    this.make('flights', flights, {}),
    this.make('airports', 'code string, city string', {}),
  ];
  readonly asked: { principal: string; requirements: Requirement[] }[] = [];
  readonly denied = new Set<string>();
  readonly files: InferFilesAnswer = {
    format: 'csv',
    columns: columns('id bigint, amount double'),
    options: { header: 'true' },
  };

  make(name: string, text: string, more: Partial<CatalogTable>): CatalogTable {
    return {
      id: `id-${name}`,
      catalog: 'main',
      schema: 'samples',
      name,
      kind: 'MANAGED',
      columns: columns(text),
      partitionColumns: [],
      properties: {},
      ownerId: 'ada',
      owner: 'ada@example.org',
      createdAtMs: 0,
      location: `tables/id-${name}`,
      ...more,
    };
  }

  private is = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  async catalog(_who: Principal, name: string) {
    return this.is(name, 'main') ? { id: 'c', name: 'main', ownerId: 'ada' } : null;
  }
  async schema(_who: Principal, catalog: string, name: string) {
    return this.is(catalog, 'main') && this.is(name, 'samples')
      ? { id: 's', catalog: 'main', name: 'samples', ownerId: 'ada' }
      : null;
  }
  async table(_who: Principal, catalog: string, schema: string, name: string) {
    return (
      this.tables.find(
        (table) => this.is(table.catalog, catalog) && this.is(table.schema, schema) && this.is(table.name, name),
      ) ?? null
    );
  }
  async volume(_who: Principal, catalog: string, schema: string, name: string): Promise<CatalogVolume | null> {
    if (!this.is(catalog, 'main') || !this.is(schema, 'samples') || !this.is(name, 'landing')) return null;
    return { id: 'v', catalog: 'main', schema: 'samples', name: 'landing', ownerId: 'ada', location: 'volumes/v/' };
  }
  async listCatalogs() {
    return [{ id: 'c', name: 'main', ownerId: 'ada' }];
  }
  async listSchemas() {
    return [{ id: 's', catalog: 'main', name: 'samples', ownerId: 'ada' }];
  }
  async listTables() {
    return this.tables;
  }
  async listVolumes() {
    return [];
  }
  async grants() {
    return [
      {
        principal: 'bo@example.org',
        privilege: 'SELECT' as const,
        kind: 'table' as const,
        fullName: 'main.samples.flights',
      },
    ];
  }
  async authorise(principal: Principal, requirements: Requirement[]) {
    this.asked.push({ principal: principal.userId, requirements });
    for (const { privilege, fullName } of requirements) {
      if (this.denied.has(`${principal.userId} ${privilege} ${fullName}`)) {
        throw userError('PERMISSION_DENIED', `${principal.name} needs ${privilege} on ${fullName}.`);
      }
    }
  }
  async principalOf(userId: string) {
    return userId === 'bo' ? bo : ada;
  }
  async inferFiles() {
    return this.files;
  }
}

export interface Options {
  catalog?: TestCatalog;
  session?: SessionState;
  parameters?: Parameters;
}

export function plan(text: string, options: Options = {}): Promise<PlannedStatement> {
  const { catalog = new TestCatalog(), parameters } = options;
  return planStatement({
    text,
    session: options.session ?? session(),
    principal: ada,
    catalog,
    now: new Date(0),
    ...(parameters ? { parameters } : {}),
  });
}

export async function planQuery(text: string, options: Options = {}): Promise<PlanQuery> {
  const planned = await plan(text, options);
  if (planned.kind !== 'plan' || planned.body.kind !== 'query') throw new Error(`Not a query: ${text}`);
  return planned.body.query;
}

const rows = `(VALUES
  (1, 'ZRH', 'BER', 10, DATE '2024-01-01'),
  (2, 'ZRH', 'OSL', NULL, DATE '2024-01-02'),
  (3, 'BER', 'ZRH', -5, DATE '2024-01-02'),
  (4, NULL, 'ZRH', 30, DATE '2024-01-03')) AS f(id, origin, destination, delay, day)`;

/** A real DuckDB with the tables of the catalog; `run` splices their relations into a plan's text. */
export async function openDuck(): Promise<{ run(query: PlanQuery): Promise<unknown[][]>; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection: DuckDBConnection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(
    `CREATE TABLE flights AS SELECT CAST(id AS BIGINT) AS id, origin, destination, CAST(delay AS INTEGER) AS delay, day FROM ${rows}`,
  );
  await connection.run(`CREATE TABLE airports AS FROM (VALUES ('ZRH', 'Zürich'), ('BER', 'Berlin')) AS a(code, city)`);
  return {
    async run(query) {
      const text = query.engineText
        .map((piece) => {
          if (typeof piece === 'string') return piece;
          const table = query.tables[piece.table]!;
          const columns = table.needed.length ? table.needed.map((name) => `"${name}"`).join(', ') : '1 AS none';
          const name = table.source === 'delta' ? table.fullName.split('.').at(-1) : 'files';
          return `(SELECT ${columns} FROM ${name})`;
        })
        .join('');
      const reader = await connection.runAndReadAll(text);
      return reader.getRowsJson() as unknown[][];
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** DuckDB for the tests of a file: rows of a query, and the names and types of its columns. */
export function useDuck(): {
  answer: (text: string) => Promise<unknown[][]>;
  names: (text: string) => Promise<string[]>;
} {
  let duck: Awaited<ReturnType<typeof openDuck>>;
  before(async () => {
    duck = await openDuck();
  });
  after(() => duck.close());
  return {
    answer: async (text) => duck.run(await planQuery(text)),
    names: async (text) => (await planQuery(text)).columns.map(({ name, type }) => `${name} ${type}`),
  };
}
