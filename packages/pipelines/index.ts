/** Declarative pipelines: the order of an update, its flows and expectations, and what its event log says. */
export { eventMaker } from './events.ts';
export { type CheckedRows, type Quality, writeChecked } from './expectations.ts';
export {
  type FlowNode,
  flowNodes,
  newUpdate,
  step,
  type UpdateEffect,
  type UpdateOperation,
  type UpdateRun,
} from './graph.ts';
export { runUpdate, type UpdateEnd, type UpdateOptions } from './run.ts';
