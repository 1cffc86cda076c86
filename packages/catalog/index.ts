export * from './access.ts';
export * from './lifecycle.ts';
export * from './names.ts';
export * from './privileges.ts';
export * from './search.ts';
