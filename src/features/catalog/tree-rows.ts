import type { CatalogTree, TableKind } from '@boathouse/contracts';
import type { NodeKind } from './names.ts';

/** One row of the tree as it is drawn and as screen readers hear it. */
export interface TreeRow {
  /** Unique in the tree: kind and names. */
  key: string;
  kind: NodeKind;
  tableKind?: TableKind;
  name: string;
  parts: string[];
  /** 1 = catalog. */
  level: number;
  /** Null for what holds nothing. */
  expanded: boolean | null;
  position: number;
  siblings: number;
}

export const rowKey = (kind: NodeKind, parts: readonly string[]): string => `${kind}:${parts.join('\u0000')}`;

interface Node {
  kind: NodeKind;
  tableKind?: TableKind;
  name: string;
  children: Node[] | null;
}

function nodesOf(tree: CatalogTree): Node[] {
  return tree.catalogs.map((catalog) => ({
    kind: 'catalog',
    name: catalog.name,
    children: catalog.schemas.map((schema) => ({
      kind: 'schema',
      name: schema.name,
      children: [
        ...schema.tables.map(
          (table): Node => ({
            kind: 'table',
            tableKind: table.kind,
            name: table.name,
            children: null,
          }),
        ),
        ...schema.volumes.map((volume): Node => ({ kind: 'volume', name: volume.name, children: null })),
      ],
    })),
  }));
}

/** What matches, with what it lies in; a container that matches keeps everything inside. */
function matching(nodes: Node[], wanted: string): Node[] {
  return nodes.flatMap((node) => {
    if (node.name.toLowerCase().includes(wanted)) return [node];
    const inside = node.children ? matching(node.children, wanted) : [];
    return inside.length > 0 ? [{ ...node, children: inside }] : [];
  });
}

/**
 * The rows that are on screen: everything that `expanded` opens. While searching, whatever holds a match is open.
 * `search` is compared without case; `schema.table` finds a table in its schema.
 */
export function treeRows(tree: CatalogTree, expanded: ReadonlySet<string>, search: string): TreeRow[] {
  const words = search.trim().toLowerCase().split('.').filter(Boolean);
  let nodes = nodesOf(tree);
  const last = words.at(-1);
  if (last) nodes = words.length === 1 ? matching(nodes, last) : byPath(nodes, words);
  const rows: TreeRow[] = [];
  const walk = (list: Node[], parents: string[]) => {
    list.forEach((node, index) => {
      const parts = [...parents, node.name];
      const key = rowKey(node.kind, parts);
      const open = node.children === null ? null : last !== undefined || expanded.has(key);
      rows.push({
        key,
        kind: node.kind,
        ...(node.tableKind ? { tableKind: node.tableKind } : {}),
        name: node.name,
        parts,
        level: parts.length,
        expanded: open,
        position: index + 1,
        siblings: list.length,
      });
      if (open && node.children) walk(node.children, parts);
    });
  };
  walk(nodes, []);
  return rows;
}

/** `samples.fli` finds tables that begin so in schemas that end so. */
function byPath(nodes: Node[], words: string[]): Node[] {
  const [first, ...rest] = words;
  const here = nodes.flatMap((node) => {
    if (!node.name.toLowerCase().includes(first!)) return [];
    if (rest.length === 0) return [node];
    const inside = node.children ? byPath(node.children, rest) : [];
    return inside.length > 0 ? [{ ...node, children: inside }] : [];
  });
  const below = nodes.flatMap((node) => {
    const inside = node.children ? byPath(node.children, words) : [];
    return inside.length > 0 ? [{ ...node, children: inside }] : [];
  });
  return here.length > 0 ? here : below;
}
