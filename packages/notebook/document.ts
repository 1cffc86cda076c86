import { CellKind, ChartSpec } from '@boathouse/contracts';
import * as Y from 'yjs';
import { isOrder, orderBetween, orders } from './order.ts';

/**
 * A notebook as a Yjs document:
 *   `cells`: Map of cell id → Map { id, kind, title, source: Text, order, chart, engine }
 *   `meta`:  Map { format: 1 }
 * Cell ids are permanent; order is a place (see order.ts) and not an array index, so a move keeps the cell and its text.
 * Outputs are not in the document: they belong to runs. The notebook's name is its name in the workspace.
 */
export interface Cell {
  id: string;
  kind: CellKind;
  title: string;
  source: string;
  order: string;
  /** How the result is drawn; null = as a grid. */
  chart: ChartSpec | null;
  /** Id of the attached engine that it runs on; null = the embedded one. */
  engine: string | null;
}

export interface NewCell {
  id: string;
  kind: CellKind;
  source?: string;
  title?: string;
  chart?: ChartSpec | null;
  engine?: string | null;
}

/** Where a cell goes: before or after another, or at the end of the document. */
export type Place = { before: string } | { after: string } | 'start' | 'end';

type CellMap = Y.Map<unknown>;

export const cellsOf = (doc: Y.Doc): Y.Map<CellMap> => doc.getMap<CellMap>('cells');
export const metaOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('meta');

/** A document with these cells. It has a client id of its own, so two made from the same cells do not merge into one. */
export function newNotebook(cells: NewCell[]): Y.Doc {
  const doc = new Y.Doc();
  replaceCells(doc, cells);
  return doc;
}

/** The cells in order. What another client wrote in a form that is no cell is left out. */
export function readCells(doc: Y.Doc): Cell[] {
  const cells: Cell[] = [];
  for (const [id, map] of cellsOf(doc)) {
    const cell = toCell(id, map);
    if (cell) cells.push(cell);
  }
  // Two people may add at one place at once: the id decides, alike for everybody.
  return cells.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
}

export function readCell(doc: Y.Doc, id: string): Cell | null {
  const map = cellsOf(doc).get(id);
  return map ? toCell(id, map) : null;
}

/** The text of a cell, to bind an editor to; null where the cell is gone. */
export function sourceOf(doc: Y.Doc, id: string): Y.Text | null {
  const source = cellsOf(doc).get(id)?.get('source');
  return source instanceof Y.Text ? source : null;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toCell(id: string, map: unknown): Cell | null {
  if (!(map instanceof Y.Map)) return null;
  const kind = CellKind.safeParse(map.get('kind'));
  const source = map.get('source');
  const order = map.get('order');
  const title = map.get('title');
  const engine = map.get('engine');
  const chart = ChartSpec.safeParse(map.get('chart'));
  if (!kind.success || !(source instanceof Y.Text) || typeof order !== 'string' || !isOrder(order)) return null;
  return {
    id,
    kind: kind.data,
    title: typeof title === 'string' ? title : '',
    source: source.toString(),
    order,
    chart: chart.success ? chart.data : null,
    engine: typeof engine === 'string' && engine !== '' ? engine : null,
  };
}

function toMap(cell: NewCell, order: string): CellMap {
  const map: CellMap = new Y.Map();
  map.set('id', cell.id);
  map.set('kind', cell.kind);
  map.set('title', cell.title ?? '');
  map.set('source', new Y.Text(cell.source ?? ''));
  map.set('order', order);
  map.set('chart', cell.chart ?? null);
  if (cell.engine) map.set('engine', cell.engine);
  return map;
}

export function addCell(doc: Y.Doc, cell: NewCell, place: Place = 'end'): void {
  doc.transact(() => {
    cellsOf(doc).set(cell.id, toMap(cell, placeFor(doc, place, null)));
  });
}

/** Moving a cell that is gone does nothing: somebody deleted it at the same time. */
export function moveCell(doc: Y.Doc, id: string, place: Place): void {
  doc.transact(() => {
    const map = cellsOf(doc).get(id);
    if (map) map.set('order', placeFor(doc, place, id));
  });
}

export function deleteCell(doc: Y.Doc, id: string): void {
  cellsOf(doc).delete(id);
}

/**
 * Divides a cell's text at an offset in UTF-16 units: the cell keeps what is before it, and with it its runs; a new cell of the
 * same kind after it gets the rest. Line breaks at the cut are dropped. False where the cell is gone.
 */
export function splitCell(doc: Y.Doc, id: string, offset: number, newId: string): boolean {
  const cell = readCell(doc, id);
  const source = sourceOf(doc, id);
  if (!cell || !source) return false;
  const before = cell.source.slice(0, offset).replace(/[ \t]*\n+$/, '');
  const rest = cell.source.slice(offset).replace(/^[ \t]*\n+/, '');
  doc.transact(() => {
    addCell(doc, { id: newId, kind: cell.kind, source: rest, engine: cell.engine }, { after: id });
    // Deleted and not written anew: what a colleague types above the cut meanwhile stays in its place.
    source.delete(before.length, source.length - before.length);
  });
  return true;
}

/**
 * Appends the text of the cell after `id` to it and deletes that cell. False, and nothing changes, where there is none after it
 * or it is of another kind: its text would be read in another language.
 */
export function mergeWithNext(doc: Y.Doc, id: string): boolean {
  const cells = readCells(doc);
  const at = cells.findIndex((cell) => cell.id === id);
  const cell = cells[at];
  const next = cells[at + 1];
  const source = sourceOf(doc, id);
  if (!cell || !next || !source || cell.kind !== next.kind) return false;
  doc.transact(() => {
    const between = cell.source === '' || next.source === '' ? '' : '\n';
    source.insert(source.length, `${between}${next.source}`);
    deleteCell(doc, next.id);
  });
  return true;
}

/** Changes what is not text; the text is changed through `sourceOf`. */
export function updateCell(
  doc: Y.Doc,
  id: string,
  change: { kind?: CellKind; title?: string; chart?: ChartSpec | null; engine?: string | null },
): void {
  doc.transact(() => {
    const map = cellsOf(doc).get(id);
    if (!map) return;
    for (const [name, value] of Object.entries(change)) if (value !== undefined) map.set(name, value);
  });
}

/** All cells anew, for an import. */
export function replaceCells(doc: Y.Doc, cells: NewCell[]): void {
  doc.transact(() => {
    const map = cellsOf(doc);
    for (const id of [...map.keys()]) map.delete(id);
    const places = orders(cells.length);
    for (const [index, cell] of cells.entries()) map.set(cell.id, toMap(cell, places[index]!));
    metaOf(doc).set('format', 1);
  });
}

function placeFor(doc: Y.Doc, place: Place, moving: string | null): string {
  const others = readCells(doc).filter((cell) => cell.id !== moving);
  const at = indexFor(others, place);
  const before = others[at - 1]?.order ?? null;
  const after = others[at]?.order ?? null;
  if (before === null || after === null || before < after) return orderBetween(before, after);
  // Two cells share one place (added there at once): spread all of them, then there is room.
  const places = orders(others.length + 1);
  for (const [index, cell] of others.entries()) {
    cellsOf(doc)
      .get(cell.id)
      ?.set('order', places[index < at ? index : index + 1]!);
  }
  return places[at]!;
}

function indexFor(cells: Cell[], place: Place): number {
  if (place === 'start') return 0;
  if (place === 'end') return cells.length;
  const id = 'before' in place ? place.before : place.after;
  const index = cells.findIndex((cell) => cell.id === id);
  if (index < 0) return cells.length;
  return 'before' in place ? index : index + 1;
}
