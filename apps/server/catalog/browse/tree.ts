import { createHash } from 'node:crypto';
import type {
  CatalogNode,
  CatalogTree,
  CompletionSnapshot,
  SchemaNode,
  TableNode,
  VolumeNode,
} from '@boathouse/contracts';
import type { CatalogRecord, TableRecord, VolumeRecord } from '../records.ts';
import type { VisibleCatalog, VisibleSchema } from '../visible.ts';

type Owned<T> = T & { owner: string };

export const catalogNode = (it: Owned<Pick<CatalogRecord, 'id' | 'name' | 'comment'>>): CatalogNode => ({
  id: it.id,
  name: it.name,
  comment: it.comment,
  owner: it.owner,
});
export const tableNode = (it: TableRecord): TableNode => ({
  id: it.id,
  name: it.name,
  kind: it.kind,
  comment: it.comment,
});
export const volumeNode = (it: VolumeRecord): VolumeNode => ({ id: it.id, name: it.name, comment: it.comment });

const schemaNode = ({ schema, tables, volumes }: VisibleSchema): SchemaNode => ({
  ...catalogNode(schema),
  tables: tables.map(tableNode),
  volumes: volumes.map(volumeNode),
});

export const treeOf = (visible: VisibleCatalog[]): CatalogTree => ({
  catalogs: visible.map(({ catalog, schemas }) => ({ ...catalogNode(catalog), schemas: schemas.map(schemaNode) })),
});

/** Names for the editor's completion; the version is a hash of them. */
export function completionOf(visible: VisibleCatalog[]): CompletionSnapshot {
  const catalogs = visible.map(({ catalog, schemas }) => ({
    name: catalog.name,
    schemas: schemas.map(({ schema, tables, volumes }) => ({
      name: schema.name,
      tables: tables.map((table) => ({
        name: table.name,
        kind: table.kind,
        columns: table.columns.map(({ name, type, comment }) => ({
          name,
          type,
          ...(comment === undefined ? {} : { comment }),
        })),
      })),
      volumes: volumes.map((it) => it.name),
    })),
  }));
  return { version: createHash('sha256').update(JSON.stringify(catalogs)).digest('hex').slice(0, 16), catalogs };
}
