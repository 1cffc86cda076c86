/**
 * Browsers cap the height of an element (about 16–33 million px), so a million rows cannot each have their own place. Up to
 * the cap, scrolling is pixel for pixel; beyond it the scroll bar is a scale: its position chooses the first row.
 */
export const rowHeight = 27;
const maxHeight = 15_000_000;

export interface RowWindow {
  /** First row drawn and the one after the last. */
  first: number;
  last: number;
  /** Where the first drawn row lies in the scroll container, in px. */
  top: number;
  /** Height of the whole, in px. */
  height: number;
}

/** Which rows to draw for a scroll position. Pure: `scrollTop` and `viewport` in px. */
export function rowWindow(rowCount: number, scrollTop: number, viewport: number, overscan = 8): RowWindow {
  const natural = rowCount * rowHeight;
  const height = Math.min(natural, maxHeight);
  const visible = Math.ceil(viewport / rowHeight);
  if (natural <= maxHeight) {
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
    const last = Math.min(rowCount, Math.floor(scrollTop / rowHeight) + visible + overscan + 1);
    return { first, last, top: first * rowHeight, height };
  }
  const scrollable = Math.max(1, height - viewport);
  const share = Math.min(1, Math.max(0, scrollTop / scrollable));
  const exact = share * (rowCount - viewport / rowHeight);
  const at = Math.floor(exact);
  const first = Math.max(0, at - overscan);
  const last = Math.min(rowCount, at + visible + overscan + 1);
  return { first, last, top: scrollTop - (exact - first) * rowHeight, height };
}

/** The scroll position that shows the row, given where the view is now; null where it shows already. */
export function scrollToRow(rowCount: number, row: number, scrollTop: number, viewport: number): number | null {
  const natural = rowCount * rowHeight;
  if (natural <= maxHeight) {
    if (row * rowHeight < scrollTop) return row * rowHeight;
    if ((row + 1) * rowHeight > scrollTop + viewport) return (row + 1) * rowHeight - viewport;
    return null;
  }
  const rowsShown = viewport / rowHeight;
  const scrollable = Math.max(1, maxHeight - viewport);
  const exact = (scrollTop / scrollable) * (rowCount - rowsShown);
  const to = row < exact ? row : row + 1 > exact + rowsShown ? row + 1 - rowsShown : null;
  return to === null ? null : (to / (rowCount - rowsShown)) * scrollable;
}
