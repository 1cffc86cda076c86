import { type FSWatcher, watch } from 'node:fs';

const source = /\.(ts|json|sql)$/;
const test = /\.test\.ts$|(^|\/)tests?\//;

/**
 * Calls `onChange` once for a burst of edits to sources below the folders; tests restart nothing. The answer ends it.
 * Node's own `--watch-path` would start the server without its IPC channel: nobody would hear that it is ready.
 */
export function watchSources(folders: string[], onChange: (file: string) => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const watchers: FSWatcher[] = folders.map((folder) =>
    watch(folder, { recursive: true }, (_event, file) => {
      if (!file || !source.test(file) || test.test(file)) return;
      if (timer) clearTimeout(timer);
      timer = setTimeout(() => onChange(file), 300);
    }),
  );
  return () => {
    if (timer) clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
