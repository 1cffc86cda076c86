export type { Prepared, StatementHost } from './host.ts';
export { isScripted, type Ran, runStatement } from './statement.ts';
