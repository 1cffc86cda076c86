import type { PlanBody, PlanQuery, StatementContext } from '@boathouse/contracts';

/** A statement that is planned (and whose part the catalog has done): `R` is what running it gives. */
export interface Prepared<R> {
  body: PlanBody;
  run(): Promise<R>;
  /** The rows of a small query, as wire values. */
  rows(query: PlanQuery): Promise<unknown[][]>;
}

/** Who plans and runs the single statements of a script, and of EXECUTE IMMEDIATE. */
export interface StatementHost<R> {
  plan(text: string, context: StatementContext): Promise<Prepared<R>>;
}

/** What a statement gave: its result, and whether it was a query, whose rows a script shows. */
export interface Ran<R> {
  result?: R;
  query: boolean;
}

/** Runs a planned statement, also one that is a script: a script's own statements may be that again. */
export type RunStatement = <R>(
  text: string,
  prepared: Prepared<R>,
  context: StatementContext,
  host: StatementHost<R>,
) => Promise<Ran<R>>;
