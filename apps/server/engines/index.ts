export { createEngines, type Engines } from './engines.ts';
