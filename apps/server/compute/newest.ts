const KEPT = 2000;

/** Sets a key of a map that keeps its newest 2000: what is older than that is asked of the database again. */
export function rememberIn<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > KEPT) for (const first of map.keys()) return void map.delete(first);
}
