export type { Parameters, ParameterValue } from './analyse/state.ts';
export {
  parseExpression,
  parseQuery,
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
export { type PlanInput, planQueryText, planStatement } from './plan/index.ts';
export {
  type PipelineInput,
  type PipelinePiece,
  type PlannedFlow,
  type PlannedPipeline,
  planPipeline,
} from './plan/pipeline.ts';
export { blockStatements, splitStatements, type TextPiece } from './plan/script.ts';
