import type { RunParameter } from '@boathouse/contracts';
import { planStatement } from '@boathouse/sql';
import type { PlanText } from './planning.ts';

const bound = (parameters: RunParameter[]) =>
  Object.fromEntries(parameters.map(({ name, value, type }) => [name, { value, type: type.toLowerCase() }]));

/** The planner of @boathouse/sql with the parameters of a run, which are named. */
export const planText: PlanText = ({ parameters, ...input }) =>
  planStatement({ ...input, ...(parameters ? { parameters: { named: bound(parameters) } } : {}) });
