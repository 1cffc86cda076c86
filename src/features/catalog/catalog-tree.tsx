'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight, Database, Search } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { ErrorState, SkeletonRows } from '@/components/states';
import { classNames } from '@/lib/class-names';
import { catalogHref, nodeIcons, tableKinds } from './names';
import { rowKey, type TreeRow, treeRows } from './tree-rows';
import { useTree } from './tree-store';
import { useCatalogTree } from './use-catalog';

const rowHeight = 28;

/** Catalogs, schemas, tables and volumes. One tab stop; arrows move and open, Enter goes there, letters search. */
export function CatalogTree({ selected }: { selected: { parts: string[]; volume: boolean } }) {
  const router = useRouter();
  const tree = useCatalogTree();
  const { expanded, toggle, open, restore } = useTree();
  const [search, setSearch] = useState('');
  const [active, setActive] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const selectedKey = selectedRow(selected);
  const rows = useMemo(() => (tree.data ? treeRows(tree.data, expanded, search) : []), [tree.data, expanded, search]);
  const isRow = (key: string | null) => key !== null && rows.some((row) => row.key === key);
  const activeKey = isRow(active) ? active : isRow(selectedKey) ? selectedKey : (rows[0]?.key ?? null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => rows[index]!.key,
  });

  // Only a row that is drawn can be named to screen readers.
  const drawn = virtual.getVirtualItems().find((item) => rows[item.index]?.key === activeKey);

  useEffect(() => restore(), [restore]);
  // What is on the page is visible in the tree.
  const path = selected.parts.join('\u0000');
  useEffect(() => {
    const parts = path === '' ? [] : path.split('\u0000');
    open([
      ...(parts.length > 1 ? [rowKey('catalog', parts.slice(0, 1))] : []),
      ...(parts.length > 2 ? [rowKey('schema', parts.slice(0, 2))] : []),
    ]);
    setActive(null);
  }, [path, open]);
  // A workspace with one catalog begins with it open.
  const only = tree.data?.catalogs.length === 1 ? tree.data.catalogs[0]!.name : null;
  useEffect(() => {
    if (only && !localStorage.getItem('boathouse-catalog-tree')) open([rowKey('catalog', [only])]);
  }, [only, open]);

  const move = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setActive(row.key);
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const onKey = (event: KeyboardEvent) => {
    const index = rows.findIndex((row) => row.key === activeKey);
    const row = rows[index];
    if (!row) return;
    const go = () => router.push(catalogHref(row.parts, row.kind));
    switch (event.key) {
      case 'ArrowDown':
        move(index + 1);
        break;
      case 'ArrowUp':
        move(index - 1);
        break;
      case 'Home':
        move(0);
        break;
      case 'End':
        move(rows.length - 1);
        break;
      case 'ArrowRight':
        if (row.expanded === false) toggle(row.key, true);
        else if (row.expanded) move(index + 1);
        break;
      case 'ArrowLeft':
        if (row.expanded && !search) toggle(row.key, false);
        else move(rows.findLastIndex((other, at) => at < index && other.level < row.level));
        break;
      case 'Enter':
        go();
        break;
      case ' ':
        if (row.expanded === null) go();
        else toggle(row.key);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <div className="flex h-full flex-col">
      <label className="relative m-2">
        <span className="sr-only">Search the catalog</span>
        <Search aria-hidden className="absolute top-1.5 left-2 size-4 text-faint" />
        <input
          type="search"
          value={search}
          placeholder="Search the catalog"
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') {
              event.preventDefault();
              box.current?.focus();
            }
          }}
          className="h-7 w-full rounded-control border border-line-strong bg-surface pr-2 pl-7.5 text-sm placeholder:text-faint"
        />
      </label>
      {tree.error ? (
        <ErrorState error={tree.error} onRetry={() => void tree.refetch()} className="m-2" />
      ) : !tree.data ? (
        <SkeletonRows rows={8} />
      ) : rows.length === 0 ? (
        <p className="px-3 py-2 text-muted text-sm" role="status">
          {search ? `Nothing matches "${search}".` : 'There is nothing that you may see yet.'}
        </p>
      ) : (
        <div
          ref={box}
          role="tree"
          aria-label="Catalog"
          tabIndex={0}
          aria-activedescendant={drawn === undefined ? undefined : `tree-row-${drawn.index}`}
          onKeyDown={onKey}
          className="group/tree min-h-0 flex-1 overflow-auto px-1.5 pb-3 focus-visible:outline-offset-[-2px]"
        >
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index]!;
              return (
                <TreeItem
                  key={row.key}
                  row={row}
                  index={item.index}
                  top={item.start}
                  active={row.key === activeKey}
                  selected={row.key === selectedKey}
                  onToggle={() => {
                    setActive(row.key);
                    toggle(row.key);
                  }}
                  onActive={() => setActive(row.key)}
                />
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

function TreeItem({
  row,
  index,
  top,
  active,
  selected,
  onToggle,
  onActive,
}: {
  row: TreeRow;
  index: number;
  top: number;
  active: boolean;
  selected: boolean;
  onToggle: () => void;
  onActive: () => void;
}) {
  const Icon = row.tableKind ? tableKinds[row.tableKind].icon : (nodeIcons[row.kind] ?? Database);
  const kind = row.tableKind ? tableKinds[row.tableKind].label : row.kind;
  return (
    <div
      id={`tree-row-${index}`}
      role="treeitem"
      aria-label={`${row.name}, ${kind.toLowerCase()}`}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={selected}
      tabIndex={-1}
      {...(row.expanded === null ? {} : { 'aria-expanded': row.expanded })}
      style={{ transform: `translateY(${top}px)`, height: rowHeight, paddingLeft: (row.level - 1) * 16 + 4 }}
      className={classNames(
        'absolute inset-x-0 top-0 flex items-center gap-1 rounded-control pr-1.5 text-sm',
        selected ? 'bg-accent-soft font-medium text-accent' : 'hover:bg-sunken',
        active && 'group-focus-visible/tree:shadow-[inset_0_0_0_1.5px_var(--accent)]',
      )}
    >
      {row.expanded === null ? (
        <span className="w-5 shrink-0" />
      ) : (
        // The keyboard's way is the arrow keys on the tree.
        <span aria-hidden onClick={onToggle} className="grid size-5 shrink-0 cursor-pointer place-items-center rounded">
          <ChevronRight
            className={classNames('size-3.5 text-faint transition-transform duration-100', row.expanded && 'rotate-90')}
          />
        </span>
      )}
      <Link
        href={catalogHref(row.parts, row.kind)}
        tabIndex={-1}
        aria-hidden
        title={row.name}
        onClick={onActive}
        className="flex min-w-0 flex-1 items-center gap-1.5"
      >
        <Icon aria-hidden className={classNames('size-4 shrink-0', selected ? '' : 'text-muted')} strokeWidth={1.75} />
        <span className="truncate">{row.name}</span>
      </Link>
    </div>
  );
}

function selectedRow({ parts, volume }: { parts: string[]; volume: boolean }): string | null {
  if (parts.length === 0) return null;
  return rowKey(parts.length === 1 ? 'catalog' : parts.length === 2 ? 'schema' : volume ? 'volume' : 'table', parts);
}
