export * from './definition.ts';
export * from './expression.ts';
export * from './name.ts';
export * from './query.ts';
export * from './range.ts';
export * from './statement.ts';
export * from './walk.ts';
