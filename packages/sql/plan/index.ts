import type {
  CatalogReader,
  PlannedStatement,
  PlanQuery,
  Principal,
  Requirement,
  SessionState,
  StatementContext,
} from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import { fail, locate } from '../analyse/errors.ts';
import { type Parameters, PlanState, type StateOptions } from '../analyse/state.ts';
import { findVariable } from '../analyse/variable.ts';
import { type ParseOptions, parseQuery, parseStatement } from '../parser/index.ts';
import { foreseenTables } from './foresee.ts';
import { CatalogCache } from './lookup.ts';
import { planParsed, queryPlan } from './statement.ts';

export interface PlanInput {
  text: string;
  session: SessionState;
  principal: Principal;
  catalog: CatalogReader;
  /** Values of `:name` and `?` markers. */
  parameters?: Parameters;
  /** Where the statement stands inside of another one: a script's, the text of EXECUTE IMMEDIATE. */
  statement?: StatementContext;
  /** The time that current_timestamp() and the like show. */
  now: Date;
  /** `spark`: the plan is for an attached Spark, and carries its query in Spark SQL. */
  engine?: 'spark';
}

/**
 * Plans one statement: parses it, resolves its names as the principal sees them, checks the rights that it needs and writes
 * engine text. Has no effects. Throws BoathouseErrors with Spark's condition, SQLSTATE and the place in the text;
 * PERMISSION_DENIED where a right is missing; `UNSUPPORTED_…` naming what the engine does not carry.
 */
export async function planStatement(input: PlanInput): Promise<PlannedStatement> {
  const statement = parseStatement(input.text, parseOptions(input));
  return planning(input, statement, (state) => planParsed(statement, state, input.text));
}

/** Plans a query alone (a dashboard's dataset, a DataFrame): what it needs and what it reads beside its plan. */
export async function planQueryText(
  input: PlanInput,
): Promise<{ query: PlanQuery; requires: Requirement[]; reads: string[] }> {
  const query = parseQuery(input.text);
  return planning(input, query, (state) => {
    return {
      query: queryPlan(query, input.text, state),
      requires: state.ownRequirements(),
      reads: [...state.reads],
    };
  });
}

/** Variables and parameters give IDENTIFIER(…) its text. */
function parseOptions(input: PlanInput): ParseOptions {
  const state = new PlanState({ ...input, cache: new CatalogCache(input.catalog) });
  return {
    script: input.statement?.scopes !== undefined && !input.statement.immediate,
    identifierText(node) {
      const bound = node.kind === 'parameter' ? state.parameter(node) : undefined;
      const found =
        node.kind === 'column'
          ? findVariable(
              node.parts.map((part) => part.name),
              state,
            )
          : undefined;
      const [value, type] = bound
        ? [bound.value, bound.type ?? 'string']
        : found && !found.fields.length
          ? [found.variable.value, found.variable.type]
          : [];
      if (type === undefined) return undefined;
      if (type !== 'string')
        throw fail('NOT_A_CONSTANT_STRING.WRONG_TYPE', `IDENTIFIER(…) takes a string, not ${type}.`);
      return typeof value === 'string' ? value : null;
    },
  };
}

async function planning<T>(input: PlanInput, tree: unknown, work: (state: PlanState) => T): Promise<T> {
  const { catalog, session, principal, parameters, statement, now, engine } = input;
  const cache = new CatalogCache(catalog);
  const options: StateOptions = {
    cache,
    session,
    principal,
    now,
    ...(parameters ? { parameters } : {}),
    ...(statement ? { statement } : {}),
    ...(engine ? { engine } : {}),
  };
  try {
    const { state, result } = await cache.settle(
      () => {
        const attempt = new PlanState(options);
        return { state: attempt, result: work(attempt) };
      },
      () => {
        for (const place of foreseenTables(tree, session)) cache.expect(principal, place);
      },
    );
    await authorise(catalog, state);
    return result;
  } catch (error) {
    if (error instanceof BoathouseError) locate(error, input.text);
    throw error;
  }
}

/** The statement's own rights first; then those that the owners of the views it reads must hold. */
export async function authorise(catalog: CatalogReader, state: PlanState): Promise<void> {
  for (const { principal, requirements } of state.requirements()) await catalog.authorise(principal, requirements);
}
