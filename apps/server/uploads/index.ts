export { createSamples, type SampleData } from './samples.ts';
export { createUploads, type Uploads } from './uploads.ts';
