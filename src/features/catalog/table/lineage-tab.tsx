'use client';
import type { LineageEnd } from '@boathouse/contracts';
import {
  CalendarClock,
  CircleUserRound,
  LayoutDashboard,
  type LucideIcon,
  NotebookText,
  Table2,
  Workflow,
} from 'lucide-react';
import Link from 'next/link';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatCount } from '@/lib/format';
import { useTableLineage } from '../use-catalog';

const kinds: Record<LineageEnd['sourceKind'], { label: string; icon: LucideIcon }> = {
  notebook: { label: 'Notebook', icon: NotebookText },
  pipeline: { label: 'Pipeline', icon: Workflow },
  job: { label: 'Job', icon: CalendarClock },
  dashboard: { label: 'Dashboard', icon: LayoutDashboard },
  user: { label: 'Statement', icon: CircleUserRound },
  table: { label: 'Table', icon: Table2 },
};

/** What wrote the table and what reads it, newest first. Names stand only where the person may know them. */
export function LineageTab({ fullName }: { fullName: string }) {
  const lineage = useTableLineage(fullName);
  if (lineage.error) return <ErrorState error={lineage.error} onRetry={() => void lineage.refetch()} />;
  if (!lineage.data) return <SkeletonRows />;
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Ends title="Written by" verb="wrote" ends={lineage.data.writers} nothing="Nothing has written it yet." />
      <Ends title="Read by" verb="read" ends={lineage.data.readers} nothing="Nothing has read it yet." />
    </div>
  );
}

function Ends({ title, verb, ends, nothing }: { title: string; verb: string; ends: LineageEnd[]; nothing: string }) {
  const heading = `lineage-${verb}`;
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading} className="mb-1.5 text-sm">
        {title}
      </h2>
      <ul className="overflow-hidden rounded-card border border-line bg-surface">
        {ends.length === 0 ? <li className="px-3 py-2.5 text-muted text-sm">{nothing}</li> : null}
        {ends.map((end) => {
          const { label, icon: Icon } = kinds[end.sourceKind];
          const name = end.name ?? `A ${label.toLowerCase()} that you may not see`;
          return (
            <li
              key={`${end.sourceKind}:${end.sourceId}`}
              className="flex h-10 items-center gap-2.5 border-line border-b px-3 text-sm last:border-b-0"
            >
              <Icon aria-label={label} className="size-4 shrink-0 text-muted" />
              {end.href ? (
                <Link href={end.href} className="min-w-0 truncate font-medium hover:underline" title={name}>
                  {name}
                </Link>
              ) : (
                <span className={end.name ? 'min-w-0 truncate' : 'min-w-0 truncate text-muted'}>{name}</span>
              )}
              <span className="ml-auto shrink-0 text-muted text-xs">
                {formatCount(end.count)} {end.count === 1 ? 'time' : 'times'}
                {end.lastVersion === null ? '' : ` · version ${end.lastVersion}`} · <RelativeTime atMs={end.lastAtMs} />
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
