export { createPipelines, type PipelineCaller, type Pipelines, type StartUpdate } from './service.ts';
