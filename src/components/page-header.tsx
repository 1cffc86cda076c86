import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

export interface PageHeaderProps {
  icon: LucideIcon;
  title: ReactNode;
  /** Where the object lies: a path or breadcrumb. */
  path?: ReactNode;
  /** Presence and status, beside the path. */
  status?: ReactNode;
  /** Right-aligned; the primary one last. */
  actions?: ReactNode;
  description?: ReactNode;
}

/** The same head on every object's page: icon, name, path, status, actions. */
export function PageHeader({ icon: Icon, title, path, status, actions, description }: PageHeaderProps) {
  return (
    <header className="pt-3.5 pb-2">
      <div className="flex min-h-8 flex-wrap items-center gap-2.5 md:flex-nowrap">
        <Icon aria-hidden className="size-[18px] shrink-0 text-muted" strokeWidth={1.75} />
        <h1 className="min-w-0 truncate text-lg">{title}</h1>
        {path ? <div className="min-w-0 shrink-[3] truncate text-muted text-xs">{path}</div> : null}
        {status}
        <div className="ml-auto flex shrink-0 items-center gap-2">{actions}</div>
      </div>
      {description ? <div className="mt-1 text-muted text-sm">{description}</div> : null}
    </header>
  );
}
