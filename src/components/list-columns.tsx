import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ListColumn } from './data-list';
import { RelativeTime } from './relative-time';

/** A name that opens its object: the first column of a list of objects. A name that is cut is whole on hover. */
export function nameColumn<Row>(options: {
  name: (row: Row) => string;
  href: (row: Row) => string;
  icon?: (row: Row) => LucideIcon;
  /** Where not the name alone decides the order. */
  sort?: (row: Row) => string;
  width?: string;
}): ListColumn<Row> {
  return {
    key: 'name',
    title: 'Name',
    sort: options.sort ?? ((row) => options.name(row).toLowerCase()),
    ...(options.width ? { width: options.width } : {}),
    cell: (row) => {
      const Icon = options.icon?.(row);
      return (
        <Link
          href={options.href(row)}
          title={options.name(row)}
          className="inline-flex max-w-full items-center gap-2 align-middle font-medium hover:underline"
        >
          {Icon ? <Icon aria-hidden className="size-4 shrink-0 text-muted" /> : null}
          <span className="truncate">{options.name(row)}</span>
        </Link>
      );
    },
  };
}

export const ownerColumn = <Row extends { ownerName: string }>(): ListColumn<Row> => ({
  key: 'owner',
  title: 'Owner',
  width: '180px',
  sort: (row) => row.ownerName.toLowerCase(),
  cell: (row) => row.ownerName,
});

export const changedColumn = <Row extends { updatedAtMs: number }>(): ListColumn<Row> => ({
  key: 'updated',
  title: 'Changed',
  width: '160px',
  sort: (row) => row.updatedAtMs,
  cell: (row) => <RelativeTime atMs={row.updatedAtMs} />,
});
