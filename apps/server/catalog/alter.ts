import { checkName, fullNameOf, nameKey } from '@boathouse/catalog';
import { type Principal, type SecurableKind, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { enqueue } from '../events/index.ts';
import { isUniqueViolation, type Queryable } from './db.ts';
import { principalIdOf } from './grants.ts';
import { chainForGrants, createReader, noSecurable, requireChange } from './reader.ts';

export interface Alteration {
  comment?: string;
  /** E-mail of a member. */
  owner?: string;
  newName?: string;
  /** Schemas only: replaces all properties. */
  properties?: Record<string, string>;
}

const relations: Record<Exclude<SecurableKind, 'metastore'>, string> = {
  catalog: 'catalog',
  schema: 'schema',
  table: '"table"',
  volume: 'volume',
};

/** Changes what the API lets change on a securable; needs MANAGE. Answers the full name that holds afterwards. */
export async function alter(
  tx: Queryable,
  workspaceId: string,
  by: Principal,
  kind: Exclude<SecurableKind, 'metastore'>,
  fullName: string,
  change: Alteration,
): Promise<string> {
  const chain = await chainForGrants(tx, workspaceId, kind, fullName);
  const securable = chain?.securables.at(-1);
  if (!chain || !securable) throw noSecurable(kind, fullName);
  const reader = createReader({ db: tx, workspaceId, ask: async () => null });
  await requireChange(reader, by, { kind, id: securable.id, fullName: securable.fullName, privilege: 'MANAGE' });

  const set = (column: string, value: unknown, cast = '') =>
    tx.query(`UPDATE ${relations[kind]} SET ${column} = $2${cast}, "updatedAt" = now() WHERE id = $1`, [
      securable.id,
      value,
    ]);
  if (change.comment !== undefined) await set('comment', change.comment === '' ? null : change.comment);
  if (change.properties !== undefined) await set('properties', JSON.stringify(change.properties), '::jsonb');
  if (change.owner !== undefined) {
    const ownerId = await principalIdOf(tx, workspaceId, change.owner);
    if (ownerId === 'account users')
      throw userError('INVALID_PARAMETER_VALUE', 'The owner must be one member of the workspace: give an e-mail.');
    await set('"ownerId"', ownerId);
    await audit(tx, {
      workspaceId,
      userId: by.userId,
      action: 'catalog.owner',
      target: `${kind} ${securable.fullName}`,
      details: { owner: change.owner },
    });
  }
  let name = securable.fullName;
  if (change.newName !== undefined) {
    checkName(kind, change.newName);
    try {
      await tx.query(`UPDATE ${relations[kind]} SET name = $2, "nameKey" = $3, "updatedAt" = now() WHERE id = $1`, [
        securable.id,
        change.newName,
        nameKey(change.newName),
      ]);
    } catch (error) {
      if (isUniqueViolation(error)) {
        throw userError(
          `${kind.toUpperCase()}_ALREADY_EXISTS`,
          `A ${kind} named ${change.newName} exists already. Choose another name.`,
          { status: 409 },
        );
      }
      throw error;
    }
    name = fullNameOf(...[chain.securables.at(-2)?.fullName ?? ''].filter((it) => it !== 'metastore'), change.newName);
  }
  await enqueue(tx, 'changed', { workspaceId, kind, id: securable.id });
  return name;
}
