import { fileURLToPath } from 'node:url';

export { type CellEnd, type CellRun, createKernel, type Kernel } from './host/kernel.ts';
export type { Walls } from './sandbox/command.ts';
export { findDeno, openSandbox, type Sandbox, type SandboxOptions } from './sandbox/sandbox.ts';
export { type TransformedCell, transformCell } from './transform/index.ts';

/** Folders of the part of this room that runs inside of the sandbox. */
export const driverSources: readonly string[] = ['./driver', './wire'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
/** A kernel that knows the language alone. */
export const bareEntry: string = fileURLToPath(new URL('./driver/bare.ts', import.meta.url));
