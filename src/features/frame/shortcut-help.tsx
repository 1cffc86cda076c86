'use client';
import { useEffect } from 'react';
import { create } from 'zustand';
import { Dialog } from '@/components/dialog';
import { Kbd } from '@/components/kbd';

export interface ShortcutGroup {
  title: string;
  shortcuts: { keys: string; what: string }[];
}

interface HelpStore {
  open: boolean;
  /** Groups that the page on screen adds to those that hold everywhere. */
  groups: ShortcutGroup[];
  show: () => void;
  setOpen: (open: boolean) => void;
  setGroups: (groups: ShortcutGroup[]) => void;
}

export const useShortcutHelp = create<HelpStore>((set) => ({
  open: false,
  groups: [],
  show: () => set({ open: true }),
  setOpen: (open) => set({ open }),
  setGroups: (groups) => set({ groups }),
}));

const everywhere: ShortcutGroup = {
  title: 'Everywhere',
  shortcuts: [
    { keys: 'Ctrl K', what: 'Search and commands' },
    { keys: '?', what: 'This overview' },
    { keys: 'Esc', what: 'Close what is open' },
    { keys: '↑ ↓', what: 'Move in a list' },
    { keys: 'Enter', what: 'Open' },
  ],
};

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('.monaco-editor') !== null);

export function ShortcutHelp() {
  const { open, groups, setOpen } = useShortcutHelp();
  // Keys of the document: the browser is the external system here.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event.target)) {
        event.preventDefault();
        setOpen(true);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [setOpen]);
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts" wide={groups.length > 0}>
      <div className="grid gap-6 pb-3 sm:grid-cols-2">
        {[...groups, everywhere].map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-muted text-xs">{group.title}</h3>
            <dl className="flex flex-col gap-1.5">
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.keys} className="flex items-center gap-3 text-sm">
                  <dt className="w-32 shrink-0">
                    <Kbd keys={shortcut.keys} />
                  </dt>
                  <dd>{shortcut.what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
