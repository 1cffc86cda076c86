import { BoathouseError } from '@boathouse/contracts';
import { type ScriptHandler, stateOfCondition } from '@boathouse/sql';

/**
 * The handler of a block for an error: one for its condition before one for its SQLSTATE, and these before NOT FOUND and
 * SQLEXCEPTION. What we refuse, and faults of the system, no script can handle: it would hide them.
 */
export function findHandler(handlers: readonly ScriptHandler[], error: unknown): ScriptHandler | undefined {
  if (!(error instanceof BoathouseError) || error.fault === 'system') return undefined;
  if (error.code.startsWith('UNSUPPORTED_') || error.code === 'CANCELLED') return undefined;
  const condition = error.code.toUpperCase();
  const state = error.sqlState ?? stateOfCondition(error.code);
  const byName = (name: string) => handlers.find(({ conditions }) => conditions.includes(name));
  const found = byName(condition) ?? byName(condition.split('.')[0]!);
  if (found) return found;
  const byState = state === undefined ? undefined : handlers.find(({ sqlStates }) => sqlStates.includes(state));
  if (byState) return byState;
  if (state?.startsWith('02')) return handlers.find(({ notFound }) => notFound);
  return state?.startsWith('XX') ? undefined : handlers.find(({ sqlException }) => sqlException);
}
