import {
  BoathouseError,
  type PlanBody,
  type ScriptScope,
  type StatementContext,
  userError,
  type VariableTarget,
} from '@boathouse/contracts';
import { boundParameters } from '@boathouse/sql';
import type { Prepared, Ran, StatementHost } from './host.ts';
import { runScript } from './interpreter.ts';

/** True for plans that take more than one step: who runs them needs a planner at hand. */
export const isScripted = (body: PlanBody): boolean =>
  body.kind === 'assign' || body.kind === 'immediate' || body.kind === 'script';

/** Runs a planned statement, also one that assigns variables, executes a text or is a script. `text` is its own. */
export async function runStatement<R>(
  text: string,
  prepared: Prepared<R>,
  context: StatementContext,
  host: StatementHost<R>,
): Promise<Ran<R>> {
  const { body } = prepared;
  switch (body.kind) {
    case 'assign':
      await assign(text, prepared, body, context, host);
      return { query: false };
    case 'immediate':
      return immediate(prepared, body, context, host);
    case 'script':
      return runScript(body.text, host, runStatement);
    default:
      return { result: await prepared.run(), query: body.kind === 'query' };
  }
}

/** Computes the row and keeps it: in the blocks of the script here, in the session by the planner. */
async function assign<R>(
  text: string,
  prepared: Prepared<R>,
  body: Extract<PlanBody, { kind: 'assign' }>,
  context: StatementContext,
  host: StatementHost<R>,
): Promise<void> {
  const rows = await prepared.rows(body.query);
  if (rows.length > 1) {
    throw userError('ROW_SUBQUERY_TOO_MANY_ROWS', 'The query gives more than one row for the variables. Use LIMIT 1.', {
      sqlState: '21000',
    });
  }
  const values = body.targets.map((_, index) => keepable(rows[0]?.[index] ?? null));
  if (body.targets.some(({ scope }) => scope === undefined)) await host.plan(text, { ...context, values });
  for (const [index, target] of body.targets.entries()) keepLocal(target, values[index], context.scopes ?? []);
}

function keepLocal(target: VariableTarget, value: unknown, scopes: ScriptScope[]): void {
  const block = target.scope === undefined ? undefined : scopes[target.scope];
  if (!block) return;
  const { name, type, defaultText } = target;
  block.variables[name.toLowerCase()] = { name, type, value, ...(defaultText === undefined ? {} : { defaultText }) };
}

/** JSON has no -0. */
function keepable(value: unknown): unknown {
  if (typeof value === 'number' && Object.is(value, -0)) return '-0.0';
  return Array.isArray(value) ? value.map(keepable) : value;
}

async function immediate<R>(
  prepared: Prepared<R>,
  body: Extract<PlanBody, { kind: 'immediate' }>,
  context: StatementContext,
  host: StatementHost<R>,
): Promise<Ran<R>> {
  const [row = []] = await prepared.rows(body.query);
  const [text, ...values] = row;
  if (typeof text !== 'string') {
    throw userError('NULL_QUERY_STRING_EXECUTE_IMMEDIATE', 'EXECUTE IMMEDIATE has no text to run: it is NULL.', {
      sqlState: '22004',
    });
  }
  if (text.trim() === '') {
    throw userError('PARSE_EMPTY_STATEMENT', 'EXECUTE IMMEDIATE has no statement to run: its text is empty.', {
      sqlState: '42617',
    });
  }
  const given = body.arguments.map((argument, index) => ({ ...argument, value: keepable(values[index] ?? null) }));
  const inner: StatementContext = {
    ...(context.scopes ? { scopes: context.scopes } : {}),
    immediate: true,
    ...boundParameters(text, given),
    ...(body.into.length ? { into: body.into } : {}),
  };
  try {
    return await runStatement(text, await host.plan(text, inner), inner, host);
  } catch (error) {
    // A place in the text that was made at run time is no place in the statement that a person sees.
    if (error instanceof BoathouseError) error.position = undefined;
    throw error;
  }
}
