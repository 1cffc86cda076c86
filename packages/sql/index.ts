export type { Parameters, ParameterValue } from './analyse/state.ts';
export type { Block as ScriptBlock, Handler as ScriptHandler, ScriptStep } from './ast/index.ts';
export { stateOfCondition } from './conditions.ts';
export {
  parseExpression,
  parseQuery,
  parseScript,
  parseStatement,
  parseStatements,
  tokenize,
} from './parser/index.ts';
export {
  type CompiledCondition,
  type CompilerOptions,
  compileCondition,
  createExpressionCompiler,
} from './plan/compile.ts';
export { boundParameters } from './plan/immediate.ts';
export { type PlanInput, planQueryText, planStatement } from './plan/index.ts';
export {
  type PipelineInput,
  type PipelinePiece,
  type PlannedFlow,
  type PlannedPipeline,
  planPipeline,
} from './plan/pipeline.ts';
export { splitStatements, type TextPiece } from './plan/script.ts';
export { type FunctionEntry, functionReference } from './reference/functions.ts';
