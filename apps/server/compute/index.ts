export { decodeFrame, encodeFrame } from './frame.ts';
export { createComputeLink, type LinkOptions } from './link.ts';
export type { Adopted, Compute, LinkHooks, OrderEnd, OrderListener } from './types.ts';
