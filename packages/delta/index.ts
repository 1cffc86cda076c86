export type * from './actions/types.ts';
export type * from './schema/types.ts';
export type * from './types.ts';
