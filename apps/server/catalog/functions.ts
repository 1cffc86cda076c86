import { randomUUID } from 'node:crypto';
import { checkName, nameKey } from '@boathouse/catalog';
import { type CatalogFunction, SqlFunction, userError } from '@boathouse/contracts';
import type { Queryable } from './db.ts';

/** A schema that was looked up already. */
export interface FunctionPlace {
  id: string;
  catalog: string;
  schema: string;
}

/** Stores a function of a schema. Throws ROUTINE_ALREADY_EXISTS. */
export async function storeFunction(
  tx: Queryable,
  schemaId: string,
  routine: SqlFunction,
  options: { orReplace: boolean; ownerId: string },
): Promise<void> {
  checkName('table', routine.name);
  const values = [
    randomUUID(),
    schemaId,
    routine.name,
    nameKey(routine.name),
    JSON.stringify(routine),
    options.ownerId,
  ];
  // Who replaces a function owns it: its body has the rights of who wrote it.
  const conflict = options.orReplace
    ? `DO UPDATE SET name = EXCLUDED.name, definition = EXCLUDED.definition, "ownerId" = EXCLUDED."ownerId", "updatedAt" = now()`
    : 'DO NOTHING';
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO sql_function (id, "schemaId", name, "nameKey", definition, "ownerId") VALUES ($1, $2, $3, $4, $5::jsonb, $6)
     ON CONFLICT ("schemaId", "nameKey") ${conflict} RETURNING id`,
    values,
  );
  if (rows.length === 0) {
    throw userError('ROUTINE_ALREADY_EXISTS', `The function ${routine.name} is there already. Use CREATE OR REPLACE.`, {
      sqlState: '42723',
    });
  }
}

/** Removes a function; false where there is none. */
export async function removeFunction(tx: Queryable, schemaId: string, name: string): Promise<boolean> {
  const { rows } = await tx.query<{ id: string }>(
    'DELETE FROM sql_function WHERE "schemaId" = $1 AND "nameKey" = $2 RETURNING id',
    [schemaId, nameKey(name)],
  );
  return rows.length > 0;
}

/** The functions of a schema, or the one of this name. */
export async function loadFunctions(db: Queryable, place: FunctionPlace, name?: string): Promise<CatalogFunction[]> {
  const { rows } = await db.query<{ definition: unknown; ownerId: string }>(
    `SELECT definition, "ownerId" FROM sql_function WHERE "schemaId" = $1 AND ($2::text IS NULL OR "nameKey" = $2) ORDER BY "nameKey"`,
    [place.id, name === undefined ? null : nameKey(name)],
  );
  return rows.map(({ definition, ownerId }) => ({ routine: SqlFunction.parse(definition), place, ownerId }));
}
