/** Names of a cell's scripts in stack traces. */
export const bodyFile = (id: number): string => `cell-${id}.ts`;
export const functionsFile = (id: number): string => `cell-${id}-functions.ts`;

/** Flags that stop loops: one per cell, reused after so many cells. */
export const FLAG_SLOTS = 4096;
export const flagSlot = (id: number): number => id % FLAG_SLOTS;

/** Names that cells reach the driver by. */
export const FLAGS = '$boathouse_flags';
export const POLL = '$boathouse_poll';
