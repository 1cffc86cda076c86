import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import { bodyFile, FLAG_SLOTS, FLAGS, flagSlot, functionsFile, POLL } from '../wire/names.ts';
import type { ToKernel } from '../wire/protocol.ts';
import { send } from './channel.ts';
import { deno } from './deno.ts';
import { CallFailed } from './failures.ts';

/** Thrown where a cell was stopped. */
export class InterruptError extends Error {
  override name = 'Interrupted';
  constructor() {
    super('The cell was stopped.');
  }
}

/** One run of a cell. Whatever it starts, also after its end, knows it by its async context. */
export interface Cell {
  readonly id: number;
  stopped: boolean;
  readonly stop: AbortController;
  /** Calls and displays that the cell waits for at its end. */
  readonly pending: Set<Promise<unknown>>;
  /** Characters that it may still print. */
  printable: number;
  /** A rejection that nobody handled: the cell fails by it. */
  unhandled?: { error: unknown };
}

type RunMessage = Extract<ToKernel, { t: 'run' }>;

const PRINTABLE_CHARACTERS = 1024 * 1024;

const context = new AsyncLocalStorage<Cell>();
const shared = new SharedArrayBuffer(FLAG_SLOTS * 4);
const flags = new Int32Array(shared);
const stoppedSlots = new Set<number>();
let current: Cell | null = null;

export const sharedFlags = shared;

/** The cell that the calling code belongs to, or else the one that runs. */
export const callingCell = (): Cell | null => context.getStore() ?? current;

/** Throws where the calling code belongs to a stopped cell: what lives on after a stop must not go on working. */
export function checkStopped(): void {
  if (context.getStore()?.stopped) throw new InterruptError();
}

/** Makes the calling cell wait for a promise at its end. */
export function waitFor<T>(promise: Promise<T>): Promise<T> {
  const cell = callingCell();
  if (cell) {
    const settled = promise.then(
      () => undefined,
      () => undefined,
    );
    cell.pending.add(settled);
    void settled.then(() => cell.pending.delete(settled));
  }
  return promise;
}

/** Stops a cell; a stop of one that has ended does nothing but lower the flags again. */
export function interrupt(id: number): void {
  if (current?.id !== id) {
    lowerFlags();
    return;
  }
  current.stopped = true;
  stoppedSlots.add(flagSlot(id));
  current.stop.abort(new InterruptError());
}

/** Loops of stopped cells stay stopped, all others may go on. */
function lowerFlags(): void {
  flags.fill(0);
  for (const slot of stoppedSlots) flags[slot] = 1;
}

/** Makes names global: declared anew, whatever they were. */
function declare(names: readonly string[]): void {
  for (const name of names) {
    const known = Object.getOwnPropertyDescriptor(globalThis, name);
    if (known && !known.configurable) {
      // A function of an earlier cell: it cannot be defined anew, but it can be set.
      if (known.writable) deno[name] = undefined;
      else throw new TypeError(`The name "${name}" belongs to the language and cannot be declared.`);
    } else
      Object.defineProperty(globalThis, name, {
        value: undefined,
        writable: true,
        enumerable: true,
        configurable: true,
      });
  }
}

function freeze(names: readonly string[]): void {
  for (const name of names) {
    const known = Object.getOwnPropertyDescriptor(globalThis, name);
    if (known?.configurable && known.writable) Object.defineProperty(globalThis, name, { ...known, writable: false });
  }
}

/** Runs a cell to its end and tells the host how it ended. `present` shows the value of its last expression. */
export async function runCell(message: RunMessage, present: (value: unknown) => Promise<void>): Promise<void> {
  const { id, functions, body, names, constants } = message;
  const cell: Cell = {
    id,
    stopped: false,
    stop: new AbortController(),
    pending: new Set(),
    printable: PRINTABLE_CHARACTERS,
  };
  stoppedSlots.delete(flagSlot(id));
  lowerFlags();
  current = cell;
  const stopped = new Promise<never>((_, reject) => {
    cell.stop.signal.addEventListener('abort', () => reject(new InterruptError()));
  });
  stopped.catch(() => {});
  const options = { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  const work = async () => {
    declare(names);
    if (functions) vm.runInThisContext(functions, { ...options, filename: functionsFile(id) });
    const value: unknown = await vm.runInThisContext(body, { ...options, filename: bodyFile(id) });
    freeze(constants);
    if (value !== undefined) await present(value);
    const waits = cell.pending.size > 0;
    while (cell.pending.size) await Promise.all(cell.pending);
    // A rejection counts as unhandled only when the event loop comes round.
    if (waits) await new Promise((resolve) => setTimeout(resolve, 0));
    if (cell.unhandled) throw cell.unhandled.error;
  };
  try {
    await Promise.race([context.run(cell, work), stopped]);
    send({ t: 'done', id, ok: true });
  } catch (error) {
    // A loop may see the flag before the message that says which cell is meant.
    if (error instanceof InterruptError) {
      cell.stopped = true;
      stoppedSlots.add(flagSlot(id));
    }
    send({ t: 'failed', id, interrupted: cell.stopped, ...failure(error) });
  }
  current = null;
  lowerFlags();
}

const MAX_TEXT = 64 * 1024;

/** A thrown value, which may be anything. */
export function failure(error: unknown): { name: string; message: string; stack: string; call?: CallFailed['info'] } {
  const text = (value: unknown) => String(value ?? '').slice(0, MAX_TEXT);
  try {
    if (!(error instanceof Error))
      return { name: 'Error', message: text(typeof error === 'string' ? error : deno.Deno.inspect(error)), stack: '' };
    const call = error instanceof CallFailed ? error.info : undefined;
    return { name: text(error.name), message: text(error.message), stack: text(error.stack), call };
  } catch {
    return { name: 'Error', message: 'The cell threw a value that cannot be shown.', stack: '' };
  }
}

/** Names that the transformed loops use. */
export function installFlags(): void {
  const fixed = { writable: false, enumerable: false, configurable: false };
  Object.defineProperty(globalThis, FLAGS, { ...fixed, value: flags });
  Object.defineProperty(globalThis, POLL, {
    ...fixed,
    value: () => {
      throw new InterruptError();
    },
  });
}
