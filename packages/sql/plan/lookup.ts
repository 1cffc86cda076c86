import type {
  CatalogCatalog,
  CatalogFunction,
  CatalogReader,
  CatalogSchema,
  CatalogTable,
  CatalogVolume,
  Grant,
  InferFilesAnswer,
  InferFilesRequest,
  Principal,
  SecurableKind,
} from '@boathouse/contracts';
import type { Query } from '../ast/index.ts';
import { parseQuery } from '../parser/index.ts';
import type { Place } from './foresee.ts';

/** Thrown (not an error) where analysis needs an answer of the catalog that is not here yet. */
class LookupNeeded {
  readonly load: () => Promise<void>;
  constructor(load: () => Promise<void>) {
    this.load = load;
  }
}

/**
 * Lets synchronous analysis ask an asynchronous catalog: a question without an answer stops the analysis, the answer is
 * fetched, and the analysis (microseconds, no effects) begins anew. So every name is asked once, exactly where it is resolved.
 */
export class CatalogCache {
  private readonly reader: CatalogReader;
  private readonly answers = new Map<string, unknown>();
  private readonly texts = new Map<string, Query>();
  private readonly foreseen: Promise<void>[] = [];

  constructor(reader: CatalogReader) {
    this.reader = reader;
  }

  private ask<T>(key: (string | undefined)[], load: () => Promise<T>): T {
    return this.answer(JSON.stringify(key), load);
  }

  private answer<T>(name: string, load: () => Promise<T>): T {
    if (this.answers.has(name)) return this.answers.get(name) as T;
    throw new LookupNeeded(async () => {
      this.answers.set(name, await load());
    });
  }

  /** A stored query text, parsed once however often the analysis begins anew. */
  parsed(text: string): Query {
    const query = this.texts.get(text) ?? parseQuery(text);
    this.texts.set(text, query);
    return query;
  }

  /** Runs `work` until all its questions have answers. What is foreseen is asked beside the first question. */
  async settle<T>(work: () => T, foresee: () => void = () => {}): Promise<T> {
    for (let questions = 0; ; questions++) {
      try {
        return work();
      } catch (thrown) {
        if (!(thrown instanceof LookupNeeded)) throw thrown;
        if (questions === 0) foresee();
        await Promise.all([thrown.load(), ...this.foreseen.splice(0)]);
      }
    }
  }

  /** Begins to fetch a table that will be asked for; a failure is met where the table is. */
  expect(who: Principal, [catalog, schema, name]: Place): void {
    const key = tableKey(who, catalog, schema, name);
    if (this.answers.has(key)) return;
    const load = this.reader.table(who, catalog, schema, name);
    this.foreseen.push(
      load.then(
        (table) => void this.answers.set(key, table),
        () => {},
      ),
    );
  }

  catalog(who: Principal, name: string): CatalogCatalog | null {
    return this.ask(['catalog', who.userId, lower(name)], () => this.reader.catalog(who, name));
  }
  schema(who: Principal, catalog: string, name: string): CatalogSchema | null {
    return this.ask(['schema', who.userId, lower(catalog), lower(name)], () => this.reader.schema(who, catalog, name));
  }
  table(who: Principal, catalog: string, schema: string, name: string): CatalogTable | null {
    return this.answer(tableKey(who, catalog, schema, name), () => this.reader.table(who, catalog, schema, name));
  }
  volume(who: Principal, catalog: string, schema: string, name: string): CatalogVolume | null {
    return this.ask(['volume', who.userId, lower(catalog), lower(schema), lower(name)], () =>
      this.reader.volume(who, catalog, schema, name),
    );
  }
  /** A SQL function of a schema; null where there is none (or nobody keeps functions). */
  routine(who: Principal, catalog: string, schema: string, name: string): CatalogFunction | null {
    return this.ask(['routine', who.userId, lower(catalog), lower(schema), lower(name)], async () => {
      return (await this.reader.routine?.(who, catalog, schema, name)) ?? null;
    });
  }
  routines(who: Principal, catalog: string, schema: string): CatalogFunction[] {
    return this.ask(['routines', who.userId, lower(catalog), lower(schema)], async () => {
      return (await this.reader.listRoutines?.(who, catalog, schema)) ?? [];
    });
  }
  listCatalogs(who: Principal): CatalogCatalog[] {
    return this.ask(['catalogs', who.userId], () => this.reader.listCatalogs(who));
  }
  listSchemas(who: Principal, catalog: string): CatalogSchema[] {
    return this.ask(['schemas', who.userId, lower(catalog)], () => this.reader.listSchemas(who, catalog));
  }
  listTables(who: Principal, catalog: string, schema: string): CatalogTable[] {
    return this.ask(['tables', who.userId, lower(catalog), lower(schema)], () =>
      this.reader.listTables(who, catalog, schema),
    );
  }
  listVolumes(who: Principal, catalog: string, schema: string): CatalogVolume[] {
    return this.ask(['volumes', who.userId, lower(catalog), lower(schema)], () =>
      this.reader.listVolumes(who, catalog, schema),
    );
  }
  grants(who: Principal, kind: SecurableKind, fullName: string): Grant[] {
    return this.ask(['grants', who.userId, kind, lower(fullName)], () => this.reader.grants(who, kind, fullName));
  }
  principalOf(userId: string): Principal {
    return this.ask(['principal', userId], () => this.reader.principalOf(userId));
  }
  inferFiles(who: Principal, request: InferFilesRequest): InferFilesAnswer {
    return this.ask(['files', who.userId, JSON.stringify(request)], () => this.reader.inferFiles(who, request));
  }
  /** The event log of a pipeline as a table; null where there is none or the principal may not see the pipeline. */
  eventLog(who: Principal, target: { pipelineId: string } | { table: string }): CatalogTable | null {
    return this.ask(['eventLog', who.userId, JSON.stringify(target)], async () => {
      return (await this.reader.eventLog?.(who, target)) ?? null;
    });
  }
  /** Answers once for the whole statement; throws PERMISSION_DENIED. Needed before files are opened for their schema. */
  authorised(who: Principal, requirements: Parameters<CatalogReader['authorise']>[1]): void {
    this.ask(['authorise', who.userId, JSON.stringify(requirements)], async () => {
      await this.reader.authorise(who, requirements);
      return true;
    });
  }
}

const tableKey = (who: Principal, catalog: string, schema: string, name: string): string =>
  JSON.stringify(['table', who.userId, lower(catalog), lower(schema), lower(name)]);
const lower = (name: string): string => name.toLowerCase();
