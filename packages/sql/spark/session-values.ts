import type { Environment, PlanState } from '../analyse/state.ts';

/** Words that the workspace answers, not Spark, by lower-case name. */
const values: Record<string, (place: { state: PlanState; environment: Environment }) => string> = {
  current_user: ({ state }) => state.options.principal.name,
  user: ({ state }) => state.options.principal.name,
  session_user: ({ state }) => state.options.principal.name,
  current_catalog: ({ environment }) => environment.catalog,
  current_database: ({ environment }) => environment.schema,
  current_schema: ({ environment }) => environment.schema,
};

export const isSessionWord = (word: string): boolean => Object.hasOwn(values, word.toLowerCase());

export const sessionText = (word: string, place: { state: PlanState; environment: Environment }): string =>
  values[word.toLowerCase()]!(place);

/** How Spark names a column of such a value. */
export const sessionName = (word: string): string => {
  const name = word.toLowerCase();
  return `${name === 'current_database' ? 'current_schema' : name}()`;
};
