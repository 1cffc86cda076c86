import { LineageEnd, type Principal } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Access } from '../../workspace/index.ts';
import { chainsById } from '../chains.ts';
import type { WorkspaceReader } from '../reader.ts';
import { links } from './links.ts';

const Edge = z.object({
  direction: z.enum(['read', 'write']),
  sourceKind: LineageEnd.shape.sourceKind,
  sourceId: z.string(),
  lastRunId: z.string().nullable(),
  lastVersion: z.coerce.number().nullable(),
  count: z.coerce.number(),
  firstAt: z.date(),
  lastAt: z.date(),
});
type Edge = z.infer<typeof Edge>;
type Named = Pick<LineageEnd, 'name' | 'href'>;

export interface LineageOptions {
  pool: Pool;
  access: Pick<Access, 'require'>;
  reader: WorkspaceReader;
  workspaceId: string;
  principal: Principal;
}

const unseen: Named = { name: null, href: null };

/** What wrote and read a table, newest first, with names where the person may know them. */
export async function lineageOf(
  options: LineageOptions,
  tableId: string,
): Promise<{ writers: LineageEnd[]; readers: LineageEnd[] }> {
  const { rows } = await options.pool.query(
    'SELECT * FROM lineage_edge WHERE "tableId" = $1 ORDER BY "lastAt" DESC LIMIT 500',
    [tableId],
  );
  const ends = await Promise.all(rows.map((row) => end(options, Edge.parse(row))));
  return {
    writers: ends.filter((it) => it.direction === 'write'),
    readers: ends.filter((it) => it.direction === 'read'),
  };
}

async function end(options: LineageOptions, edge: Edge): Promise<LineageEnd> {
  return {
    direction: edge.direction,
    sourceKind: edge.sourceKind,
    sourceId: edge.sourceId,
    ...(await nameOf(options, edge)),
    lastRunId: edge.lastRunId,
    lastVersion: edge.lastVersion,
    count: edge.count,
    firstAtMs: edge.firstAt.getTime(),
    lastAtMs: edge.lastAt.getTime(),
  };
}

async function nameOf(options: LineageOptions, { sourceKind, sourceId }: Edge): Promise<Named> {
  const { pool, access, principal, workspaceId } = options;
  switch (sourceKind) {
    case 'notebook':
    case 'dashboard': {
      const object = await access.require(principal, sourceId, 'view').catch(() => null);
      return object ? { name: object.name, href: links[sourceKind](sourceId) } : unseen;
    }
    case 'pipeline':
    case 'job': {
      const { rows } = await pool.query<{ name: string; ownerId: string }>(
        `SELECT name, "ownerId" FROM ${sourceKind} WHERE id::text = $1 AND "workspaceId" = $2`,
        [sourceId, workspaceId],
      );
      const found = rows[0];
      return found && (principal.admin || found.ownerId === principal.userId)
        ? { name: found.name, href: links[sourceKind](sourceId) }
        : unseen;
    }
    case 'user': {
      const { rows } = await pool.query<{ name: string }>('SELECT name FROM "user" WHERE id = $1', [sourceId]);
      return { name: rows[0]?.name ?? null, href: null };
    }
    case 'table': {
      const chain = (await chainsById(pool, workspaceId, 'table', [sourceId], principal)).get(sourceId);
      if (!chain?.schema || !chain.table) return unseen;
      const names = [chain.catalog.name, chain.schema.name, chain.table.name] as const;
      // The reader decides on sight, as for every other name.
      const seen = await options.reader.find(principal, 'table', [...names]);
      return seen ? { name: names.join('.'), href: links.table(...names) } : unseen;
    }
  }
}
