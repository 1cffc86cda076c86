export type { Prepared, Ran, StatementHost } from './host.ts';
export { isScripted, runStatement } from './statement.ts';
