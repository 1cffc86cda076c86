'use client';
import { ArrowDown, ArrowUp, type LucideIcon, Search } from 'lucide-react';
import { Fragment, type KeyboardEvent, type MouseEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { classNames } from '@/lib/class-names';
import { EmptyState, ErrorState, SkeletonRows } from './states';

export interface ListColumn<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Value to sort by; a column without one does not sort. */
  sort?: (row: Row) => string | number;
  numeric?: boolean;
  width?: string;
}

export interface DataListProps<Row> {
  /** What the rows are, for screen readers: "Jobs". */
  label: string;
  rows: Row[] | undefined;
  columns: ListColumn<Row>[];
  rowKey: (row: Row) => string;
  /** Text that search looks in; without it there is no search box. */
  searchText?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  /** More about a row, below it; null where it is folded. A button in one of its cells folds and unfolds. */
  detail?: (row: Row) => ReactNode;
  filters?: ReactNode;
  actions?: ReactNode;
  error?: { message: string; code?: string } | null;
  onRetry?: () => void;
  empty: { icon: LucideIcon; title: string; text?: ReactNode; action?: ReactNode };
  initialSort?: { key: string; descending: boolean };
}

const pageSize = 200;

/** A text that is cut shows itself whole under the pointer. */
const titleWhereCut = ({ currentTarget: cell }: MouseEvent<HTMLElement>) => {
  if (cell.scrollWidth > cell.clientWidth && !cell.querySelector('[title]')) cell.title = cell.textContent ?? '';
  else cell.removeAttribute('title');
};

/** The one list of the workspace: search, sortable columns, keyboard, empty, loading and failing states. */
export function DataList<Row>(props: DataListProps<Row>) {
  const {
    label,
    rows,
    columns,
    rowKey,
    searchText,
    onOpen,
    filters,
    actions,
    error,
    onRetry,
    empty,
    initialSort,
    detail,
  } = props;
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState(initialSort ?? null);
  const [shown, setShown] = useState(pageSize);
  const body = useRef<HTMLTableSectionElement>(null);

  const visible = useMemo(() => {
    let list = rows ?? [];
    const wanted = search.trim().toLowerCase();
    if (wanted && searchText) list = list.filter((row) => searchText(row).toLowerCase().includes(wanted));
    const by = sort && columns.find((column) => column.key === sort.key)?.sort;
    if (by) {
      const direction = sort.descending ? -1 : 1;
      list = [...list].sort((a, b) => {
        const left = by(a);
        const right = by(b);
        return (
          direction *
          (typeof left === 'number' && typeof right === 'number'
            ? left - right
            : String(left).localeCompare(String(right), undefined, { numeric: true }))
        );
      });
    }
    return list;
  }, [rows, search, searchText, sort, columns]);

  const onKey = (event: KeyboardEvent<HTMLTableRowElement>, row: Row) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter') onOpen?.(row);
    const step =
      event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const sibling = step > 0 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling;
    if (sibling instanceof HTMLElement) sibling.focus();
  };

  // Nothing there is nothing to search in.
  const searches = searchText !== undefined && rows?.length !== 0;
  const toolbar = searches || filters || actions;
  return (
    <div className="flex min-h-0 flex-col">
      {toolbar ? (
        <div className="flex flex-wrap items-center gap-2 pb-2">
          {searches ? (
            <label className="relative">
              <span className="sr-only">Search {label.toLowerCase()}</span>
              <Search aria-hidden className="absolute top-1.5 left-2 size-4 text-faint" />
              <input
                type="search"
                value={search}
                onChange={(event) => setSearch(event.target.value)}
                onKeyDown={(event) => event.key === 'ArrowDown' && body.current?.querySelector('tr')?.focus()}
                placeholder="Search"
                className="h-7 w-60 rounded-control border border-line-strong bg-surface pr-2 pl-7.5 text-sm placeholder:text-faint"
              />
            </label>
          ) : null}
          {filters}
          <div className="ml-auto flex gap-2">{actions}</div>
        </div>
      ) : null}
      {error ? (
        <ErrorState error={error} {...(onRetry ? { onRetry } : {})} />
      ) : rows === undefined ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <EmptyState icon={empty.icon} title={empty.title} action={empty.action}>
          {empty.text}
        </EmptyState>
      ) : visible.length === 0 ? (
        <EmptyState icon={Search} title={`Nothing matches "${search}"`} />
      ) : (
        <div className="overflow-x-auto rounded-card border border-line bg-surface">
          <table className="w-full text-sm" aria-label={label}>
            <thead>
              <tr>
                {columns.map((column) => {
                  const sorted = sort?.key === column.key;
                  return (
                    <th
                      key={column.key}
                      scope="col"
                      style={column.width ? { width: column.width } : undefined}
                      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
                      className={classNames(
                        'border-line border-b px-2.5 py-1.5 text-left font-medium text-muted text-xs',
                        column.numeric && 'text-right',
                      )}
                    >
                      {column.sort ? (
                        <button
                          type="button"
                          className="inline-flex items-center gap-1 hover:text-text"
                          onClick={() => setSort({ key: column.key, descending: sorted ? !sort.descending : false })}
                        >
                          {column.title}
                          {sorted ? (
                            sort.descending ? (
                              <ArrowDown aria-hidden className="size-3" />
                            ) : (
                              <ArrowUp aria-hidden className="size-3" />
                            )
                          ) : null}
                        </button>
                      ) : (
                        column.title || <span className="sr-only">Actions</span>
                      )}
                    </th>
                  );
                })}
              </tr>
            </thead>
            <tbody ref={body}>
              {visible.slice(0, shown).map((row) => (
                <Fragment key={rowKey(row)}>
                  <tr
                    tabIndex={onOpen ? 0 : undefined}
                    onKeyDown={(event) => onKey(event, row)}
                    onClick={(event) => {
                      const inside = (event.target as HTMLElement).closest('a,button,input,select');
                      if (!inside) onOpen?.(row);
                    }}
                    className={classNames(
                      'border-line border-b last:border-b-0 hover:bg-sunken focus-visible:bg-sunken',
                      onOpen && 'cursor-pointer',
                    )}
                  >
                    {columns.map((column) => (
                      <td
                        key={column.key}
                        onMouseEnter={titleWhereCut}
                        className={classNames('h-8.5 max-w-96 truncate px-2.5 py-1', column.numeric && 'num')}
                      >
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                  {unfolded(detail?.(row), columns.length)}
                </Fragment>
              ))}
            </tbody>
          </table>
          {visible.length > shown ? (
            <button
              type="button"
              className="w-full px-2.5 py-2 text-accent text-sm hover:bg-sunken"
              onClick={() => setShown(shown + pageSize * 5)}
            >
              {`Show more (${shown.toLocaleString('en-US')} of ${visible.length.toLocaleString('en-US')})`}
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}

const unfolded = (content: ReactNode, columns: number): ReactNode =>
  content === null || content === undefined ? null : (
    <tr className="border-line border-b last:border-b-0">
      <td colSpan={columns} className="bg-sunken px-3 py-2.5">
        {content}
      </td>
    </tr>
  );
