import { rank, type Searchable } from '@boathouse/catalog';
import type { Principal, SearchHit } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Access } from '../../workspace/index.ts';
import type { VisibleCatalog } from '../visible.ts';
import { links } from './links.ts';

type Candidate = Searchable & Omit<SearchHit, 'title' | 'subtitle' | 'score'>;

/** Everything of the catalog that a query may find, columns included. */
export function* catalogCandidates(visible: VisibleCatalog[]): Iterable<Candidate> {
  for (const { catalog, schemas } of visible) {
    yield {
      kind: 'catalog',
      id: catalog.id,
      text: catalog.name,
      extra: catalog.comment,
      href: links.catalog(catalog.name),
      bonus: 2,
    };
    for (const { schema, tables, volumes } of schemas) {
      const path = `${catalog.name}.${schema.name}`;
      yield {
        kind: 'schema',
        id: schema.id,
        text: schema.name,
        path: catalog.name,
        extra: schema.comment,
        href: links.schema(catalog.name, schema.name),
        bonus: 2,
      };
      for (const table of tables) {
        const href = links.table(catalog.name, schema.name, table.name);
        yield {
          kind: table.kind === 'VIEW' ? 'view' : 'table',
          id: table.id,
          text: table.name,
          path,
          extra: table.comment,
          href,
          bonus: 4,
        };
        for (const column of table.columns) {
          // A table is what people look for; its columns come after it.
          yield {
            kind: 'column',
            id: `${table.id}.${column.name}`,
            text: column.name,
            path: `${path}.${table.name}`,
            extra: column.comment,
            href,
            bonus: -6,
            byName: true,
          };
        }
      }
      for (const volume of volumes) {
        yield {
          kind: 'volume',
          id: volume.id,
          text: volume.name,
          path,
          extra: volume.comment,
          href: links.volume(catalog.name, schema.name, volume.name),
        };
      }
    }
  }
}

export interface SearchOptions {
  pool: Pool;
  access: Pick<Access, 'search'>;
  workspaceId: string;
  principal: Principal;
}

/** Notebooks, dashboards, folders and files that the person sees, and their own jobs and pipelines. */
async function objectCandidates(options: SearchOptions, query: string): Promise<Candidate[]> {
  const { pool, access, workspaceId, principal } = options;
  const [objects, jobs, pipelines] = await Promise.all([
    access.search(principal, workspaceId, query, 100),
    owned(pool, 'job', workspaceId, principal),
    owned(pool, 'pipeline', workspaceId, principal),
  ]);
  return [
    ...objects.map((it): Candidate => {
      const kind = it.kind === 'directory' ? 'folder' : it.kind;
      const folder = it.path.slice(0, it.path.lastIndexOf('/')) || '/';
      const href =
        kind === 'notebook'
          ? links.notebook(it.id)
          : kind === 'dashboard'
            ? links.dashboard(it.id)
            : links.folder(kind === 'folder' ? it.path : folder);
      return { kind, id: it.id, text: it.name, path: folder, href, bonus: 5 };
    }),
    ...jobs.map(
      (it): Candidate => ({ kind: 'job', id: it.id, text: it.name, path: 'Jobs', href: links.job(it.id), bonus: 3 }),
    ),
    ...pipelines.map(
      (it): Candidate => ({
        kind: 'pipeline',
        id: it.id,
        text: it.name,
        path: 'Pipelines',
        href: links.pipeline(it.id),
        bonus: 3,
      }),
    ),
  ];
}

async function owned(
  pool: Pool,
  relation: 'job' | 'pipeline',
  workspaceId: string,
  who: Principal,
): Promise<{ id: string; name: string }[]> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    `SELECT id::text, name FROM ${relation} WHERE "workspaceId" = $1 AND ($2 OR "ownerId" = $3)`,
    [workspaceId, who.admin, who.userId],
  );
  return rows;
}

export async function searchAll(
  options: SearchOptions,
  visible: VisibleCatalog[],
  query: string,
  limit: number,
): Promise<SearchHit[]> {
  const candidates = [...catalogCandidates(visible), ...(await objectCandidates(options, query))];
  return rank(query, candidates, limit).map(({ item, score }) => ({
    kind: item.kind,
    id: item.id,
    title: item.text,
    subtitle: item.path ?? '',
    href: item.href,
    score,
  }));
}
