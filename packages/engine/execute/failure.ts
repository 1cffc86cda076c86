import type { PlanBody } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { tablesOf } from './names.ts';
import { SchemaMoved } from './outcome.ts';

/** A failure of the engine as one of a table's file, where one is missing, damaged or of another schema; else null. */
export async function failureOfTables(delta: Delta, body: PlanBody, error: unknown): Promise<Error | null> {
  if (error instanceof SchemaMoved) return null;
  const tables = tablesOf(body).flatMap((table) =>
    table.source === 'delta' ? [{ location: table.location, version: table.versionAsOf }] : [],
  );
  if ('target' in body) tables.push({ location: body.target.location, version: undefined });
  for (const { location, version } of tables) {
    const at = version === undefined ? {} : { version };
    // Whoever looks for the reason must not hide the failure by another one.
    const failure = await delta.fileFailure(location, at, error).catch(() => null);
    if (failure) return failure;
  }
  return null;
}
