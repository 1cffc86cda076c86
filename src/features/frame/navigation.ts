import {
  CalendarClock,
  Cpu,
  Database,
  Folder,
  House,
  LayoutDashboard,
  type LucideIcon,
  Settings,
  Workflow,
} from 'lucide-react';

export interface NavigationEntry {
  href: string;
  label: string;
  icon: LucideIcon;
}

/** The rooms of the workspace, in the order of the rail. A room that does not work yet is not here. */
export const navigation: NavigationEntry[] = [
  { href: '/', label: 'Home', icon: House },
  { href: '/workspace', label: 'Workspace', icon: Folder },
  { href: '/catalog', label: 'Catalog', icon: Database },
  { href: '/pipelines', label: 'Pipelines', icon: Workflow },
  { href: '/jobs', label: 'Jobs', icon: CalendarClock },
  { href: '/dashboards', label: 'Dashboards', icon: LayoutDashboard },
  { href: '/compute', label: 'Compute', icon: Cpu },
  { href: '/settings', label: 'Settings', icon: Settings },
];

/** Notebooks lie in the workspace, and have no room of their own. */
export const isCurrent = (href: string, path: string): boolean =>
  href === '/'
    ? path === '/'
    : path === href || path.startsWith(`${href}/`) || (href === '/workspace' && path.startsWith('/notebook/'));
