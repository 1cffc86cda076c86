import vm from 'node:vm';
import { idOf } from '../wire/frames.ts';
import { answered, answeredBytes, call, refused } from './calls.ts';
import {
  callingCell,
  failure,
  InterruptError,
  installFlags,
  interrupt,
  runCell,
  sharedFlags,
  waitFor,
} from './cells.ts';
import { listen, refuseWorkers, send } from './channel.ts';
import { deno } from './deno.ts';
import { type Bundle, installConsole, plain, print, show } from './output.ts';

/** What a library that lives in the kernel works with. */
export interface KernelDoors {
  /** Asks the host: JSON, or bytes for bulk. Rejects with an error that has the host's `code`. */
  call(method: string, params: unknown): Promise<unknown>;
  print(name: 'stdout' | 'stderr', text: string): void;
  show(data: Bundle): void;
  plain(value: unknown): string;
  /** Runs the text of a script that came from the host, with `module.exports` as its result. */
  load(text: string, fileName: string): unknown;
  /** Keeps the running cell open until the promise has settled. */
  hold<T>(promise: Promise<T>): Promise<T>;
  /** Shows the values of last expressions. */
  presenter(present: (value: unknown) => Promise<void>): void;
}

let present: (value: unknown) => Promise<void> = async (value) => show({ 'text/plain': plain(value) });

const doors: KernelDoors = {
  call,
  print,
  show,
  plain,
  load(text, fileName) {
    const module = { exports: {} as unknown };
    const run = vm.runInThisContext(`(function (module, exports) {${text}\n})`, { filename: fileName });
    run.call(module.exports, module, module.exports);
    return module.exports;
  },
  hold: waitFor,
  presenter: (own) => {
    present = own;
  },
};

/** Begins to take cells. `install` gives them what they see beside the language. */
export function startDriver(install: (doors: KernelDoors) => void = () => {}): void {
  installFlags();
  let tail = Promise.resolve();
  listen(sharedFlags, {
    message(message) {
      if (message.t === 'run') tail = tail.then(() => runCell(message, (value) => present(value)));
      else if (message.t === 'reply') answered(message.id, message.value);
      else refused(message.id, message.error);
    },
    bytes: answeredBytes,
    interrupt: (body) => interrupt(idOf(body)),
  });
  refuseWorkers();
  installConsole();
  const uncaught = (error: unknown) => {
    const cell = callingCell();
    if (cell) cell.unhandled ??= { error };
    const { name, message } = failure(error);
    if (!cell && !(error instanceof InterruptError)) print('stderr', `Nobody handled ${name}: ${message}\n`);
  };
  deno.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    uncaught(event.reason);
  });
  deno.addEventListener('error', (event) => {
    event.preventDefault();
    uncaught(event.error);
  });
  install(doors);
  send({ t: 'ready' });
}
