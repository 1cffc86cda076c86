import type { AddFile } from '../actions/types.ts';
import { configurationOf, propertyName } from '../protocol/properties.ts';
import { protocolRequest } from '../protocol/protocol.ts';
import { CONSTRAINT_PREFIX } from '../schema/expressions.ts';
import { alterErrors } from './errors.ts';
import type { Alter, AlterRoom } from './room.ts';

/** SET and UNSET TBLPROPERTIES, COMMENT ON TABLE. */

export const setProperties: Alter<'setProperties'> = async (context, { properties }) => {
  const { metadata } = context.table;
  const { request, rest } = protocolRequest(properties);
  const { comment, ...others } = rest;
  const constraint = Object.keys(others).find((name) => name.toLowerCase().startsWith(CONSTRAINT_PREFIX));
  if (constraint !== undefined) throw alterErrors.useAddConstraint(constraint);
  const set = configurationOf(others);
  const named = Object.fromEntries(Object.entries(properties).map(([key, value]) => [propertyName(key), value]));
  return {
    operation: 'SET TBLPROPERTIES',
    parameters: { properties: JSON.stringify(named) },
    asked: request,
    metadata: {
      ...metadata,
      ...(comment === undefined ? {} : { description: comment }),
      configuration: { ...metadata.configuration, ...set },
    },
    ...(await rowIdsOf(context, set)),
  };
};

/**
 * PROTOCOL.md "Row Tracking": a table that gets it later gives ids to the rows that are there. Their files are committed
 * again as they are, and the commit numbers their rows.
 */
async function rowIdsOf(
  { snapshot, table }: AlterRoom,
  set: Readonly<Record<string, string>>,
): Promise<{ adds?: AddFile[] }> {
  const name = 'delta.enableRowTracking';
  if (set[name]?.toLowerCase() !== 'true' || table.metadata.configuration[name]?.toLowerCase() === 'true') return {};
  const files = await snapshot.files();
  const adds = files.filter(({ baseRowId }) => baseRowId === undefined).map((file) => ({ ...file, dataChange: false }));
  return adds.length ? { adds } : {};
}

export const unsetProperties: Alter<'unsetProperties'> = async ({ table }, { keys }) => {
  const configuration = { ...table.metadata.configuration };
  const names = keys.map(propertyName);
  for (const name of names) delete configuration[name];
  const isComment = names.includes('comment');
  return {
    operation: 'UNSET TBLPROPERTIES',
    // Spark takes a property that is not there for unset, whatever the statement says.
    parameters: { properties: JSON.stringify(names), ifExists: 'true' },
    metadata: { ...table.metadata, ...(isComment ? { description: '' } : {}), configuration },
  };
};

export const setComment: Alter<'setComment'> = async ({ table }, { comment }) => ({
  operation: 'SET TBLPROPERTIES',
  parameters: { properties: JSON.stringify({ comment: comment ?? '' }) },
  metadata: { ...table.metadata, description: comment ?? '' },
});
