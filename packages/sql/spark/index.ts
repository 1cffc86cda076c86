export { sparkQuery, sparkRows } from './query.ts';
export { sparkExpression } from './rewrite.ts';
