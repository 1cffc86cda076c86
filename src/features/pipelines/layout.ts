import type { PipelineGraph } from '@boathouse/contracts';

export interface Placed {
  fullName: string;
  x: number;
  y: number;
}

export const nodeWidth = 250;
export const nodeHeight = 84;
const columnGap = 72;
const rowGap = 24;

const key = (name: string): string => name.toLowerCase();

/**
 * Places each node right of everything that it reads; within a column nodes stand beside what they read, so that few lines
 * cross. Nodes of a circle (which is an error of the text) are placed as far as the circle allows.
 */
export function layoutGraph({ nodes, edges }: Pick<PipelineGraph, 'nodes' | 'edges'>): Placed[] {
  const inputs = new Map<string, string[]>(nodes.map((node) => [key(node.fullName), []]));
  for (const { from, to } of edges) if (inputs.has(key(from))) inputs.get(key(to))?.push(key(from));
  const depth = depths(
    nodes.map((node) => key(node.fullName)),
    inputs,
  );
  const columns: string[][] = [];
  for (const node of nodes) {
    const column = depth.get(key(node.fullName)) ?? 0;
    columns[column] ??= [];
    columns[column].push(key(node.fullName));
  }
  const row = new Map<string, number>();
  for (const column of columns) {
    const middle = new Map(column.map((name, index) => [name, barycentre(inputs.get(name) ?? [], row) ?? index]));
    column.sort((a, b) => middle.get(a)! - middle.get(b)! || a.localeCompare(b));
    for (const [index, name] of column.entries()) row.set(name, index);
  }
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  return nodes.map(({ fullName }) => {
    const column = depth.get(key(fullName)) ?? 0;
    // Shorter columns stand in the middle of the tallest one.
    const above = (tallest - columns[column]!.length) / 2;
    return {
      fullName,
      x: column * (nodeWidth + columnGap),
      y: (above + row.get(key(fullName))!) * (nodeHeight + rowGap),
    };
  });
}

function depths(names: string[], inputs: ReadonlyMap<string, string[]>): Map<string, number> {
  const depth = new Map(names.map((name) => [name, 0]));
  for (let pass = 0; pass < names.length; pass++) {
    let moved = false;
    for (const name of names) {
      const at = Math.max(0, ...(inputs.get(name) ?? []).map((input) => depth.get(input)! + 1));
      // A circle would push its nodes on for ever: no node stands further right than there are nodes.
      if (at > depth.get(name)! && at < names.length) {
        depth.set(name, at);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const used = [...new Set(depth.values())].sort((a, b) => a - b);
  return new Map([...depth].map(([name, at]) => [name, used.indexOf(at)]));
}

function barycentre(names: string[], row: ReadonlyMap<string, number>): number | null {
  const rows = names.flatMap((name) => row.get(name) ?? []);
  return rows.length ? rows.reduce((sum, at) => sum + at, 0) / rows.length : null;
}
