'use client';
import type { ResultManifest } from '@boathouse/contracts';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Dialog } from '@/components/dialog';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { classNames } from '@/lib/class-names';
import { cellText, columnType, isNumeric, plain } from './format-cell';
import { useResult } from './use-result';
import { rowHeight, rowWindow, scrollToRow } from './virtual';

const headHeight = 42;
const minWidth = 60;

/** First guess of a column's width from its name and type. */
function guessWidth(name: string, type: string): number {
  const byType = /^(string|struct|array|map|varchar|char)/.test(type) ? 170 : /^timestamp/.test(type) ? 165 : 105;
  return Math.min(320, Math.max(byType, name.length * 7.5 + 26));
}

export interface ResultGridProps {
  runId: string;
  manifest: ResultManifest;
  /** Arrow IPC of the first rows, where they came with the push. */
  firstPage?: Uint8Array | undefined;
  maxHeight?: number;
}

/**
 * A stored result of any length as a grid: rows and columns on screen only, values decoded when they show. Arrow keys move,
 * Home/End and Ctrl with them jump, Ctrl-C copies, Enter shows the whole value.
 */
export function ResultGrid({ runId, manifest, firstPage, maxHeight = 360 }: ResultGridProps) {
  const { source, ensure, error } = useResult(runId, manifest, firstPage);
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, left: 0, width: 800 });
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [opened, setOpened] = useState(false);
  const types = useMemo(() => manifest.columns.map((column) => columnType(column.type)), [manifest.columns]);
  const [widths, setWidths] = useState(() => manifest.columns.map((column) => guessWidth(column.name, column.type)));
  const indexWidth = Math.max(38, String(manifest.rowCount).length * 8 + 18);

  const natural = manifest.rowCount * rowHeight + headHeight;
  const totalWidth = indexWidth + widths.reduce((sum, width) => sum + width, 0);
  const height = Math.min(maxHeight, natural + (totalWidth > scroll.width ? 14 : 2));
  const viewport = height - headHeight;
  const rows = rowWindow(manifest.rowCount, scroll.top, viewport);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `ensure` is new at every drawing; the rows on screen decide
  useEffect(() => ensure(rows.first, rows.last), [source, rows.first, rows.last]);
  // The width of the box is the browser's to say.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setScroll((before) => ({ ...before, width: element.clientWidth })));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const lefts = useMemo(() => {
    let at = indexWidth;
    return widths.map((width) => {
      const left = at;
      at += width;
      return left;
    });
  }, [widths, indexWidth]);
  let firstColumn = lefts.findIndex((left, index) => left + widths[index]! > scroll.left);
  if (firstColumn < 0) firstColumn = 0;
  let lastColumn = firstColumn;
  while (lastColumn < lefts.length && lefts[lastColumn]! < scroll.left + scroll.width + 100) lastColumn++;
  const columns = Array.from({ length: lastColumn - firstColumn }, (_, index) => firstColumn + index);

  const move = (row: number, column: number) => {
    const to = {
      row: Math.min(Math.max(0, row), manifest.rowCount - 1),
      column: Math.min(Math.max(0, column), manifest.columns.length - 1),
    };
    setActive(to);
    const element = box.current;
    if (!element) return;
    const top = scrollToRow(manifest.rowCount, to.row, element.scrollTop, viewport);
    if (top !== null) element.scrollTop = top;
    const left = lefts[to.column] ?? 0;
    const width = widths[to.column] ?? 0;
    if (left < element.scrollLeft + indexWidth) element.scrollLeft = left - indexWidth;
    else if (left + width > element.scrollLeft + element.clientWidth)
      element.scrollLeft = left + width - element.clientWidth;
  };

  const valueAt = (row: number, column: number) => source.value(row, column);
  const exactText = (row: number, column: number): string => {
    const value = valueAt(row, column);
    const type = types[column]!;
    if (value === null || value === undefined) return '';
    if (['array', 'map', 'struct'].includes(type.kind)) return JSON.stringify(plain(value, type), null, 2);
    const text = cellText(value, type);
    return text.kind === 'number' ? (text.title ?? text.text) : text.text;
  };

  const onKey = (event: KeyboardEvent) => {
    const jump = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const moves: Record<string, [number, number]> = {
      ArrowDown: [jump ? manifest.rowCount - 1 : active.row + 1, active.column],
      ArrowUp: [jump ? 0 : active.row - 1, active.column],
      ArrowRight: [active.row, jump ? manifest.columns.length - 1 : active.column + 1],
      ArrowLeft: [active.row, jump ? 0 : active.column - 1],
      PageDown: [active.row + page, active.column],
      PageUp: [active.row - page, active.column],
      Home: [jump ? 0 : active.row, 0],
      End: [jump ? manifest.rowCount - 1 : active.row, manifest.columns.length - 1],
    };
    const to = moves[event.key];
    if (to) {
      event.preventDefault();
      event.stopPropagation();
      move(...to);
    } else if (event.key === 'c' && jump && !getSelection()?.toString()) {
      event.preventDefault();
      void navigator.clipboard
        .writeText(exactText(active.row, active.column))
        .then(() => toast.done('Copied the cell.'));
    } else if (event.key === 'Enter' && !event.shiftKey && !jump) {
      event.preventDefault();
      event.stopPropagation();
      setOpened(true);
    }
  };

  const resize = (column: number, event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const startX = event.clientX;
    const startWidth = widths[column]!;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) =>
      setWidths((before) =>
        before.map((width, index) =>
          index === column ? Math.max(minWidth, startWidth + moved.clientX - startX) : width,
        ),
      );
    handle.onpointerup = () => {
      handle.onpointermove = null;
      handle.onpointerup = null;
    };
  };

  if (manifest.columns.length === 0) return null;
  return (
    <>
      {error ? <ErrorState error={error} onRetry={() => ensure(rows.first, rows.last)} className="m-2" /> : null}
      <div
        ref={box}
        role="grid"
        aria-label="Result"
        aria-rowcount={manifest.rowCount + 1}
        aria-colcount={manifest.columns.length}
        aria-activedescendant={`cell-${manifest.hash.slice(0, 8)}-${active.row}-${active.column}`}
        tabIndex={0}
        onKeyDown={onKey}
        onScroll={(event) => {
          const { scrollTop, scrollLeft } = event.currentTarget;
          setScroll((before) => ({ ...before, top: scrollTop, left: scrollLeft }));
        }}
        style={{ height }}
        className="group/grid relative overflow-auto bg-surface text-sm focus-visible:outline-offset-[-2px]"
      >
        <div
          role="rowgroup"
          style={{ width: totalWidth, minWidth: '100%', height: headHeight }}
          className="sticky top-0 z-10 border-line border-b bg-sunken"
        >
          <div role="row" aria-rowindex={1} className="relative h-full">
            {columns.map((column) => (
              <div
                key={column}
                role="columnheader"
                aria-colindex={column + 1}
                style={{ left: lefts[column]!, width: widths[column]! }}
                className={classNames(
                  'absolute inset-y-0 flex flex-col justify-center px-2.5',
                  isNumeric(types[column]!) && 'items-end',
                )}
              >
                <span className="max-w-full truncate font-medium text-xs" title={manifest.columns[column]!.name}>
                  {manifest.columns[column]!.name}
                </span>
                <span
                  className="max-w-full truncate font-mono text-[11px] text-muted"
                  title={manifest.columns[column]!.type}
                >
                  {manifest.columns[column]!.type}
                </span>
                <span
                  aria-hidden
                  onPointerDown={(event) => resize(column, event)}
                  className="absolute inset-y-0 right-0 w-1.5 cursor-col-resize hover:bg-accent/40"
                />
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ width: totalWidth, minWidth: '100%', height: rows.height }} className="relative">
          <div style={{ transform: `translateY(${rows.top}px)` }} className="absolute inset-x-0 top-0">
            {Array.from({ length: rows.last - rows.first }, (_, index) => rows.first + index).map((row) => (
              <div
                key={row}
                role="row"
                aria-rowindex={row + 2}
                style={{ height: rowHeight }}
                className="relative border-line border-b"
              >
                <div
                  aria-hidden
                  style={{ width: indexWidth, left: scroll.left }}
                  className="num absolute inset-y-0 z-[1] flex items-center justify-end border-line border-r bg-sunken px-2 text-[11px] text-faint"
                >
                  {(row + 1).toLocaleString('en-US')}
                </div>
                {columns.map((column) => {
                  const value = valueAt(row, column);
                  const cell = value === undefined ? null : cellText(value, types[column]!);
                  const isActive = row === active.row && column === active.column;
                  return (
                    <div
                      key={column}
                      id={`cell-${manifest.hash.slice(0, 8)}-${row}-${column}`}
                      role="gridcell"
                      aria-colindex={column + 1}
                      aria-selected={isActive}
                      title={
                        cell ? (cell.title ?? (cell.text.length > 24 ? cell.text.slice(0, 500) : undefined)) : undefined
                      }
                      onMouseDown={() => setActive({ row, column })}
                      onDoubleClick={() => setOpened(true)}
                      style={{ left: lefts[column]!, width: widths[column]! }}
                      className={classNames(
                        'absolute inset-y-0 flex items-center truncate px-2.5',
                        isActive && 'group-focus/grid:shadow-[inset_0_0_0_1.5px_var(--accent)]',
                        cell?.kind === 'number' && 'justify-end tabular-nums',
                        cell?.kind === 'null' && 'text-faint text-xs',
                        cell?.kind === 'null' && isNumeric(types[column]!) && 'justify-end',
                        (cell?.kind === 'nested' || cell?.kind === 'binary') && 'font-mono text-xs',
                      )}
                    >
                      <span dir="auto" className="truncate">
                        {cell === null ? '' : cell.text.length > 400 ? `${cell.text.slice(0, 400)}…` : cell.text}
                      </span>
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      </div>
      {opened ? (
        <Dialog
          open
          onOpenChange={setOpened}
          wide
          title={manifest.columns[active.column]!.name}
          description={`${manifest.columns[active.column]!.type}, row ${(active.row + 1).toLocaleString('en-US')}`}
        >
          <pre dir="auto" className="whitespace-pre-wrap break-words pb-4 text-xs">
            {valueAt(active.row, active.column) === null ? 'NULL' : exactText(active.row, active.column)}
          </pre>
        </Dialog>
      ) : null}
    </>
  );
}
