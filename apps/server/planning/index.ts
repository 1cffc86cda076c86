export {
  checkpointLocation,
  eventLogName,
  type PipelinePlanning,
  type PipelineText,
  type PipelineUpdateFacts,
} from './pipelines.ts';
export { createPlanning, type ImportTarget, type Planning, type PlanningOptions } from './planning.ts';
export { planLifetimeMs, sealPlan, signPayload } from './sign.ts';
