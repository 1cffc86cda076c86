export * from './chart/prepare.ts';
