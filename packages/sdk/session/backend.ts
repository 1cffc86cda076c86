import { type ArrowLibrary, rowsOf } from '../frame/rows.ts';
import type { Backend, Row, SchemaColumn } from '../frame/types.ts';
import type { SdkHost } from '../host.ts';
import { SdkError } from '../sql/text.ts';

/** What the host tells of a statement that it ran. `handle` names its rows. */
export interface Executed {
  handle: number | null;
  columns: SchemaColumn[];
  rowCount: number;
}

/** Runs the SQL of DataFrames by the host, which asks the server for a plan of every text. */
export interface HostBackend extends Backend {
  run(text: string): Promise<Executed>;
  rowsOfHandle(handle: number): Promise<Row[]>;
  showHandle(handle: number): Promise<void>;
}

const bytesOf = (answer: unknown): Uint8Array => {
  if (answer instanceof Uint8Array) return answer;
  throw new SdkError('BAD_ANSWER', 'The host answered with no rows.');
};

export function hostBackend(host: SdkHost): HostBackend {
  let library: Promise<ArrowLibrary> | undefined;
  // Loaded when rows first arrive: most kernels are ready sooner without it.
  const arrow = (): Promise<ArrowLibrary> => {
    library ??= host.call('library', { name: 'arrow' }).then((text) => {
      const source = new TextDecoder().decode(bytesOf(text));
      return host.load(source, 'apache-arrow.js') as ArrowLibrary;
    });
    return library;
  };
  const decode = async (answer: Promise<unknown>): Promise<Row[]> => {
    const [bytes, loaded] = await Promise.all([answer, arrow()]);
    return rowsOf(loaded, bytesOf(bytes));
  };
  const run = (text: string) => host.call('run', { text }) as Promise<Executed>;
  return {
    collect: (text) => decode(host.call('query', { text })),
    toArrow: async (text) => {
      const [bytes, loaded] = await Promise.all([host.call('query', { text }), arrow()]);
      return loaded.tableFromIPC(bytesOf(bytes));
    },
    describe: (text) => host.call('describe', { text }) as Promise<SchemaColumn[]>,
    execute: async (text) => {
      await run(text);
    },
    show: async (text) => {
      await host.call('show', { text });
    },
    print: (text) => host.print('stdout', text),
    run,
    rowsOfHandle: (handle) => decode(host.call('fetch', { handle })),
    showHandle: async (handle) => {
      await host.call('showHandle', { handle });
    },
  };
}
