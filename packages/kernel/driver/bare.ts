import { startDriver } from './index.ts';

/** A kernel with the language alone. */
startDriver();
