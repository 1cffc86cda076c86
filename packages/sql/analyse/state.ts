import type {
  BoundParameter,
  CatalogTable,
  PlanTable,
  Principal,
  PrunePredicate,
  Requirement,
  SessionState,
  StatementContext,
} from '@boathouse/contracts';
import type { CatalogCache } from '../plan/lookup.ts';
import type { ExpressionSession } from './typed.ts';

/** Whose rights a text is analysed with, and where its short names lead: the session's, or a view's own. */
export interface Environment {
  principal: Principal;
  catalog: string;
  schema: string;
  /** Temporary views answer to one-part names; false inside a view of the catalog. */
  tempViews: boolean;
  /** Full names (lower case) of the views being expanded, outermost first: a view may not read itself. */
  path: readonly string[];
}

/** A value bound to a parameter marker: its text or wire value, and its DDL type (string where absent); null is NULL. */
export type ParameterValue = BoundParameter;
export interface Parameters {
  named?: Record<string, ParameterValue>;
  positional?: ParameterValue[];
}

/** Datasets of a pipeline under definition, by lower-case full name: they win over the catalog. */
export type Overlay = (catalog: string, schema: string, name: string) => CatalogTable | null;

export interface StateOptions {
  cache: CatalogCache;
  session: SessionState;
  principal: Principal;
  now: Date;
  parameters?: Parameters;
  /** Where the statement stands inside of another one. */
  statement?: StatementContext;
  overlay?: Overlay;
  /** True where a pipeline is planned: STREAM(…) may stand in FROM. */
  streams?: boolean;
  /** `spark`: queries are written for an attached Spark too. */
  engine?: 'spark';
  /** True where also tables (not only files) may be streamed. */
  tableStreams?: boolean;
}

export type DeltaTable = Extract<PlanTable, { source: 'delta' }>;
type TableEntry = Omit<DeltaTable, 'needed'> | Omit<Extract<PlanTable, { source: 'files' }>, 'needed'>;

/** What the analysis of one statement gathers: tables, requirements, names read. Made anew for every attempt. */
export class PlanState {
  readonly options: StateOptions;
  readonly cache: CatalogCache;
  readonly session: SessionState;
  /** Full names of tables and views that the statement names itself. */
  readonly reads = new Set<string>();
  /** Temporary views that the statement reads: a view of the catalog may not. */
  readonly temporary = new Set<string>();
  private readonly tables: { entry: TableEntry; needed: Set<string>; predicates: PrunePredicate[] }[] = [];
  private readonly required = new Map<string, { principal: Principal; requirements: Map<string, Requirement> }>();
  /** Offsets of bare names that are no columns but variables or values of the session; not those inside of views. */
  readonly notColumns = new Set<number>();
  /** How many queries lie around the one being analysed; 1 is the statement's own. */
  queryDepth = 0;
  private aliases = 0;

  constructor(options: StateOptions) {
    this.options = options;
    this.cache = options.cache;
    this.session = options.session;
  }

  get environment(): Environment {
    const { session, principal } = this.options;
    return { principal, catalog: session.catalog, schema: session.schema, tempViews: true, path: [] };
  }

  expressionSession(environment: Environment): ExpressionSession {
    return {
      timeZone: this.session.timeZone,
      now: this.options.now,
      catalog: environment.catalog,
      schema: environment.schema,
      user: this.options.principal.name,
      settings: this.session.settings,
    };
  }

  /** A name that nothing else in the engine text has. */
  alias(prefix: string): string {
    return `${prefix}${this.aliases++}`;
  }

  addTable(entry: TableEntry): number {
    return this.tables.push({ entry, needed: new Set(), predicates: [] }) - 1;
  }
  need(table: number, column: string): void {
    this.tables[table]!.needed.add(column);
  }
  needAll(table: number): void {
    const { entry, needed } = this.tables[table]!;
    for (const column of entry.columns) needed.add(column.name);
  }
  addPredicate(table: number, predicate: PrunePredicate): void {
    this.tables[table]!.predicates.push(predicate);
  }

  /** Tables of the plan; `needed` in the order of the table's columns. */
  planTables(): PlanTable[] {
    return this.tables.map(({ entry, needed, predicates }) => {
      const inOrder = entry.columns.map((column) => column.name).filter((name) => needed.has(name));
      return entry.source === 'delta' ? { ...entry, needed: inOrder, predicates } : { ...entry, needed: inOrder };
    });
  }

  require(principal: Principal, requirement: Requirement): void {
    const entry = this.required.get(principal.userId) ?? { principal, requirements: new Map() };
    this.required.set(principal.userId, entry);
    entry.requirements.set(`${requirement.kind} ${requirement.id} ${requirement.privilege}`, requirement);
  }

  /** What each principal must hold: the session's own, and owners of the views that were expanded. */
  requirements(): { principal: Principal; requirements: Requirement[] }[] {
    return [...this.required.values()].map(({ principal, requirements }) => ({
      principal,
      requirements: [...requirements.values()],
    }));
  }
  /** Takes over what another reading of the same statement requires and reads. */
  absorb(other: PlanState): void {
    for (const { principal, requirements } of other.requirements())
      for (const requirement of requirements) this.require(principal, requirement);
    for (const name of other.reads) this.reads.add(name);
    for (const name of other.temporary) this.temporary.add(name);
  }
  ownRequirements(): Requirement[] {
    return [...(this.required.get(this.options.principal.userId)?.requirements.values() ?? [])];
  }

  /** The expression that a parameter marker stands for; undefined where it is not bound. */
  parameter(marker: { name?: string; index?: number }): ParameterValue | undefined {
    const { statement } = this.options;
    const parameters: Parameters | undefined = statement?.immediate ? statement : this.options.parameters;
    if (marker.name === undefined) return parameters?.positional?.[marker.index ?? 0];
    const wanted = marker.name.toLowerCase();
    return Object.entries(parameters?.named ?? {}).find(([name]) => name.toLowerCase() === wanted)?.[1];
  }
}
