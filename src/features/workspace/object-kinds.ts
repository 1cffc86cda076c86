import type { ObjectKind } from '@boathouse/contracts';
import { File, Folder, LayoutDashboard, type LucideIcon, NotebookText } from 'lucide-react';

/** How each kind of object looks and where its page is. */
export const objectKinds: Record<
  ObjectKind,
  { label: string; icon: LucideIcon; href: (object: { id: string; path: string }) => string }
> = {
  directory: { label: 'Folder', icon: Folder, href: ({ path }) => `/workspace?path=${encodeURIComponent(path)}` },
  notebook: { label: 'Notebook', icon: NotebookText, href: ({ id }) => `/notebook/${id}` },
  dashboard: { label: 'Dashboard', icon: LayoutDashboard, href: ({ id }) => `/dashboards/${id}` },
  file: {
    label: 'File',
    icon: File,
    href: ({ path }) => `/workspace?path=${encodeURIComponent(path.slice(0, path.lastIndexOf('/')) || '/')}`,
  },
};
