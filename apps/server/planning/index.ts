export { createPlanning, type ImportTarget, type Planning, type PlanningOptions, type PlanText } from './planning.ts';
export { planLifetimeMs, sealPlan, signPayload } from './sign.ts';
