import type {
  CatalogReader,
  CatalogTable,
  Column,
  Expectation,
  PipelineGraph,
  PlanQuery,
  Principal,
  Requirement,
  SessionState,
} from '@boathouse/contracts';
import { BoathouseError, userError } from '@boathouse/contracts';
import { fail, locate, unsupported } from '../analyse/errors.ts';
import { PlanState, type StateOptions } from '../analyse/state.ts';
import { fullName } from '../analyse/table.ts';
import type { CreateDataset } from '../ast/index.ts';
import { parseStatements } from '../parser/index.ts';
import { planDataset } from './dataset.ts';
import { CatalogCache } from './lookup.ts';

export interface PipelinePiece {
  cellId: string;
  text: string;
}

export interface PipelineInput {
  catalog: CatalogReader;
  session: SessionState;
  principal: Principal;
  now: Date;
  /** The pipeline's own catalog and schema: short names lead there, datasets are made there. */
  defaults: { catalog: string; schema: string };
  /** Whether the executor can stream tables too; files it always can. */
  tableStreams?: boolean;
}

/**
 * One flow, which fills one dataset. In `query.tables` a dataset of the same pipeline that does not exist yet has the
 * tableId `dataset:<full name in lower case>` and an empty location: whoever reserves it fills both in, by `fullName`.
 * An expectation's `engineText` is a condition over the dataset's columns by their own (quoted) names.
 */
export interface PlannedFlow {
  name: string;
  /** Full name of the dataset. */
  dataset: string;
  catalog: string;
  schema: string;
  table: string;
  kind: 'streaming' | 'materialized';
  /** Full names of datasets and tables, and paths of files, that the flow reads. */
  inputs: string[];
  expectations: (Expectation & { engineText: string })[];
  columns: Column[];
  partitionColumns: string[];
  properties: Record<string, string>;
  comment?: string;
  query: PlanQuery;
  cellId: string;
  /** The dataset as the catalog has it now; absent where it must be made. */
  existing?: CatalogTable;
}

export interface PlannedPipeline {
  graph: PipelineGraph;
  /** In dependency order; those with errors (and what depends on them) are missing: see `graph.errors`. */
  flows: PlannedFlow[];
  requires: Requirement[];
}

export interface Definition {
  node: CreateDataset;
  piece: PipelinePiece;
  catalog: string;
  schema: string;
  table: string;
  fullName: string;
}

/**
 * Plans the cells of a pipeline together: names resolve among its own datasets first, in any order. Problems of the text
 * are gathered in `graph.errors` with cell and place, before any data moves; only PERMISSION_DENIED is thrown.
 */
export async function planPipeline(pieces: readonly PipelinePiece[], input: PipelineInput): Promise<PlannedPipeline> {
  const cache = new CatalogCache(input.catalog);
  const { run, graph } = await cache.settle(() => {
    const attempt = new PipelineRun(pieces, input, cache);
    return { run: attempt, graph: attempt.plan() };
  });
  const own: Requirement[] = [];
  for (const state of run.states) {
    for (const { principal, requirements } of state.requirements())
      await input.catalog.authorise(principal, requirements);
    own.push(...state.ownRequirements());
  }
  const requires = new Map(own.map((item) => [`${item.kind} ${item.id} ${item.privilege}`, item]));
  return { graph, flows: run.flows, requires: [...requires.values()] };
}

type Outcome = { flow: PlannedFlow } | { failed: BoathouseError };

class PipelineRun {
  readonly flows: PlannedFlow[] = [];
  readonly states: PlanState[] = [];
  private readonly definitions = new Map<string, Definition>();
  private readonly outcomes = new Map<string, Outcome>();
  private readonly stack: Definition[] = [];
  private readonly edges = new Map<string, Set<string>>();
  private readonly errors: PipelineGraph['errors'] = [];
  private readonly input: PipelineInput;
  private readonly cache: CatalogCache;
  private readonly session: SessionState;

  constructor(pieces: readonly PipelinePiece[], input: PipelineInput, cache: CatalogCache) {
    this.input = input;
    this.cache = cache;
    this.session = { ...input.session, ...input.defaults, tempViews: {} };
    for (const piece of pieces) this.collect(piece);
  }

  /** Reads the definitions of a cell. */
  private collect(piece: PipelinePiece): void {
    this.guarded(piece, null, () => {
      for (const { statement } of parseStatements(piece.text)) {
        if (statement.kind === 'createDataset') {
          const [catalog, schema, table] = fullName(statement.name, this.environment());
          const full = `${catalog}.${schema}.${table}`;
          if (this.definitions.has(full.toLowerCase())) {
            throw fail(
              'PIPELINE_DUPLICATE_DATASET',
              `The dataset ${full} is defined twice in the pipeline. Give one another name.`,
              statement.name.range,
            );
          }
          this.definitions.set(full.toLowerCase(), { node: statement, piece, catalog, schema, table, fullName: full });
        } else if (statement.kind === 'createView' && statement.temporary) {
          if (statement.expectations.length) throw unsupported('Expectations of a temporary view', statement.range);
          if (statement.columns.length)
            throw unsupported('A column list of a temporary view of a pipeline', statement.range);
          const { name } = statement.name.parts.at(-1)!;
          const { range } = statement.query;
          const text = piece.text.slice(range.start, range.end);
          this.session.tempViews[name.toLowerCase()] = { name, text, ...this.input.defaults };
        } else {
          throw unsupported(
            'This statement in a pipeline',
            statement.range,
            'A pipeline cell holds CREATE OR REFRESH STREAMING TABLE, CREATE OR REFRESH MATERIALIZED VIEW and CREATE TEMPORARY VIEW.',
          );
        }
      }
    });
  }

  private environment() {
    return { principal: this.input.principal, ...this.input.defaults, tempViews: true, path: [] };
  }

  private guarded(piece: PipelinePiece, dataset: string | null, work: () => void): BoathouseError | null {
    try {
      work();
      return null;
    } catch (error) {
      if (!(error instanceof BoathouseError)) throw error;
      locate(error, piece.text);
      const { code, message, position } = error;
      this.errors.push({ dataset, cellId: piece.cellId, code, message, ...(position ? { position } : {}) });
      return error;
    }
  }

  plan(): PipelineGraph {
    for (const definition of this.definitions.values()) this.outcome(definition);
    const sources = new Set<string>();
    const edges = [...this.edges].flatMap(([to, froms]) => [...froms].map((from) => ({ from, to })));
    for (const { from } of edges) if (!this.definitions.has(from.toLowerCase())) sources.add(from);
    return {
      nodes: [
        ...[...sources].map((name): PipelineGraph['nodes'][number] => ({
          name: name.startsWith('/') ? name : name.split('.').at(-1)!,
          fullName: name,
          kind: name.startsWith('/') ? 'files' : 'table',
          expectations: [],
          cellId: null,
        })),
        ...[...this.definitions.values()].map(
          ({ node, piece, table, fullName: full }): PipelineGraph['nodes'][number] => ({
            name: table,
            fullName: full,
            kind: node.dataset === 'streamingTable' ? 'streaming_table' : 'materialized_view',
            expectations: node.expectations.map((expectation) => ({
              name: expectation.name.name,
              expression: piece.text.slice(expectation.condition.range.start, expectation.condition.range.end),
              action: expectation.onViolation,
            })),
            cellId: piece.cellId,
          }),
        ),
      ],
      edges,
      errors: this.errors,
    };
  }

  /** Plans a dataset once; its inputs among the pipeline's own are planned first, from inside its analysis. */
  private outcome(definition: Definition): Outcome {
    const key = definition.fullName.toLowerCase();
    const known = this.outcomes.get(key);
    if (known) return known;
    this.stack.push(definition);
    const inputs = new Set<string>();
    this.edges.set(definition.fullName, inputs);
    const overlay = (catalog: string, schema: string, name: string): CatalogTable | null => {
      const found = this.definitions.get(`${catalog}.${schema}.${name}`.toLowerCase());
      if (!found) return null;
      inputs.add(found.fullName);
      return this.asTable(found);
    };
    const options: StateOptions = {
      cache: this.cache,
      session: this.session,
      principal: this.input.principal,
      now: this.input.now,
      overlay,
      streams: true,
      tableStreams: this.input.tableStreams ?? false,
    };
    const state = new PlanState(options);
    let outcome: Outcome | undefined;
    const failed = this.guarded(definition.piece, definition.fullName, () => {
      try {
        outcome = { flow: planDataset(definition, state) };
      } finally {
        for (const read of state.reads) inputs.add(read);
      }
    });
    this.stack.pop();
    const result = failed ? { failed } : outcome!;
    this.outcomes.set(key, result);
    if ('flow' in result) {
      this.flows.push(result.flow);
      this.states.push(state);
    }
    return result;
  }

  private asTable(definition: Definition): CatalogTable {
    const at = this.stack.indexOf(definition);
    if (at >= 0) {
      const names = [...this.stack.slice(at), definition].map((item) => item.fullName);
      throw userError(
        'PIPELINE_CYCLE',
        `These datasets read each other in a circle: ${names.join(' → ')}. Take one of these reads away.`,
      );
    }
    const outcome = this.outcome(definition);
    if ('failed' in outcome) {
      const { code, message } = outcome.failed;
      if (code === 'PIPELINE_CYCLE') throw userError(code, message);
      throw userError(
        'PIPELINE_UPSTREAM_FAILED',
        `The dataset ${definition.fullName}, which this one reads, has an error: ${code}.`,
      );
    }
    const { flow } = outcome;
    return {
      id: flow.existing?.id ?? `dataset:${definition.fullName.toLowerCase()}`,
      catalog: definition.catalog,
      schema: definition.schema,
      name: definition.table,
      kind: flow.kind === 'streaming' ? 'STREAMING_TABLE' : 'MATERIALIZED_VIEW',
      columns: flow.columns,
      partitionColumns: flow.partitionColumns,
      properties: flow.properties,
      ownerId: this.input.principal.userId,
      owner: this.input.principal.name,
      createdAtMs: 0,
      location: flow.existing?.location ?? '',
    };
  }
}
