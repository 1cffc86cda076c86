import { createObject } from '@boathouse/contracts';
import { FilePlus2, FolderOpen, LayoutDashboard, type LucideIcon, Moon, Sun } from 'lucide-react';
import { call } from '@/lib/api';
import { useTheme } from '@/lib/theme';

export interface PaletteCommand {
  id: string;
  label: string;
  icon: LucideIcon;
  /** Other words that find it. */
  words: string;
  run: (go: (href: string) => void) => Promise<void> | void;
}

/** Commands of the palette. A command that is not here is not offered. */
export const paletteCommands: PaletteCommand[] = [
  {
    id: 'new-notebook',
    label: 'New notebook',
    icon: FilePlus2,
    words: 'create sql cell',
    run: async (go) => {
      const made = await call(createObject, {
        body: { kind: 'notebook', name: 'Untitled notebook', makeUnique: true },
      });
      go(`/notebook/${made.id}`);
    },
  },
  {
    id: 'new-dashboard',
    label: 'New dashboard',
    icon: LayoutDashboard,
    words: 'create tiles',
    run: async (go) => {
      const made = await call(createObject, {
        body: { kind: 'dashboard', name: 'Untitled dashboard', makeUnique: true },
      });
      go(`/dashboards/${made.id}`);
    },
  },
  {
    id: 'upload',
    label: 'Upload a file',
    icon: FolderOpen,
    words: 'import csv parquet json bring',
    run: (go) => go('/catalog?upload=1'),
  },
  { id: 'light', label: 'Light theme', icon: Sun, words: 'appearance', run: () => useTheme.getState().choose('light') },
  { id: 'dark', label: 'Dark theme', icon: Moon, words: 'appearance', run: () => useTheme.getState().choose('dark') },
];
