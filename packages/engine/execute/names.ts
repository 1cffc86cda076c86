import { BoathouseError, type PlanBody, type PlanTable, type WriteTarget } from '@boathouse/contracts';

/** The sources of a plan. */
export function tablesOf(body: PlanBody): readonly PlanTable[] {
  if (body.kind === 'tableInfo') return [body.table];
  if ('tables' in body) return body.tables;
  return 'query' in body ? (body.query?.tables ?? []) : [];
}

/**
 * An error with the names that a person knows where it told keys of storage: of tables by their full names, of files by
 * their paths under `/Volumes`.
 */
export function nameStorage(error: unknown, body: PlanBody): unknown {
  const named = tablesOf(body).map(sourceName);
  if ('target' in body) named.push(targetName(body.target));
  return renameStorage(error, named);
}

/** A key, or the beginning of keys, and what a person calls it. */
export interface StorageName {
  key: string;
  name: string;
}

export const targetName = ({ location, fullName }: Pick<WriteTarget, 'location' | 'fullName'>): StorageName => ({
  key: location,
  name: fullName,
});

export const sourceName = (table: PlanTable): StorageName =>
  table.source === 'delta' ? targetName(table) : volumeName(table.location, table.path);

/** The folder of a volume: a path and its key differ only at their beginning, and a pattern stands at their end. */
function volumeName(location: string, path: string): StorageName {
  const keys = location.replace(/\/$/, '').split('/');
  const names = path.replace(/\/$/, '').split('/');
  while (keys.length > 1 && names.length > 1 && keys.at(-1) === names.at(-1)) {
    keys.pop();
    names.pop();
  }
  return { key: keys.join('/'), name: names.join('/') };
}

/** Puts names for keys into message and detail; what is not a typed error comes back as it is. */
export function renameStorage(error: unknown, named: readonly StorageName[]): unknown {
  if (!(error instanceof BoathouseError)) return error;
  // A longer key first: one may lie inside of another.
  const longestFirst = [...named].sort((left, right) => right.key.length - left.key.length);
  const rename = (text: string) => longestFirst.reduce((done, { key, name }) => done.replaceAll(key, name), text);
  const info = error.toInfo();
  const renamed = { ...info, message: rename(info.message), detail: info.detail && rename(info.detail) };
  if (renamed.message === info.message && renamed.detail === info.detail) return error;
  return BoathouseError.fromInfo(renamed);
}
