import type { SecurableKind, TableKind } from '@boathouse/contracts';
import { BookOpen, Database, Eye, FolderTree, HardDrive, type LucideIcon, Radio, Table2 } from 'lucide-react';
import { quoted } from './quoted';

export { quoted };

/** Kinds of things in the tree. Volumes and tables of a schema may share a name, so the kind is part of an address. */
export type NodeKind = Exclude<SecurableKind, 'metastore'>;

export const fullNameOf = (parts: readonly string[]): string => parts.map(quoted).join('.');

/** The page of a catalog, schema, table or volume. */
export function catalogHref(parts: readonly string[], kind?: NodeKind): string {
  const path = ['/catalog', ...parts.map(encodeURIComponent)].join('/');
  return kind === 'volume' ? `${path}?kind=volume` : path;
}

/** The names in a path of these pages. */
export const partsOf = (path: string): string[] =>
  path
    .replace(/^\/catalog\/?/, '')
    .split('/')
    .filter(Boolean)
    .map(decodeURIComponent);

export const tableKinds: Record<TableKind, { label: string; icon: LucideIcon }> = {
  MANAGED: { label: 'Table', icon: Table2 },
  VIEW: { label: 'View', icon: Eye },
  STREAMING_TABLE: { label: 'Streaming table', icon: Radio },
  MATERIALIZED_VIEW: { label: 'Materialized view', icon: BookOpen },
};
export const nodeIcons: Record<NodeKind, LucideIcon> = {
  catalog: Database,
  schema: FolderTree,
  table: Table2,
  volume: HardDrive,
};
