'use client';
import { searchWorkspace } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import {
  Columns3,
  Database,
  Folder,
  HardDrive,
  LayoutDashboard,
  type LucideIcon,
  NotebookText,
  Table2,
  Workflow,
} from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { paletteCommands } from './commands';
import { navigation } from './navigation';
import { usePalette } from './palette-store';

const icons: Record<string, LucideIcon> = {
  notebook: NotebookText,
  dashboard: LayoutDashboard,
  folder: Folder,
  table: Table2,
  view: Table2,
  column: Columns3,
  volume: HardDrive,
  schema: Database,
  catalog: Database,
  job: Workflow,
  pipeline: Workflow,
};

const rowClass =
  'flex h-9 cursor-default items-center gap-2.5 rounded-control px-2.5 text-sm data-[selected=true]:bg-sunken';

/** Ctrl-K: pages, commands and everything that has a name. */
export function Palette() {
  const { isOpen, setOpen } = usePalette();
  const router = useRouter();
  const [text, setText] = useState('');
  const found = useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) => call(searchWorkspace, { query: { q: text, limit: '20' }, signal }),
    enabled: isOpen && text.trim().length > 0,
    placeholderData: (before) => before,
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(!usePalette.getState().isOpen);
    };
    // Capture: an editor under the focus must not take the key.
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, [setOpen]);

  const go = (href: string) => {
    setOpen(false);
    setText('');
    router.push(href);
  };
  const wanted = text.trim().toLowerCase();
  const matches = (words: string) => wanted === '' || words.toLowerCase().includes(wanted);
  const pages = navigation.filter((page) => matches(page.label));
  const commands = paletteCommands.filter((command) => matches(`${command.label} ${command.words}`));
  const results = wanted === '' ? [] : (found.data?.hits ?? []);

  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-xl overflow-hidden rounded-card border border-line bg-surface shadow-xl"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Command label="Search and commands" shouldFilter={false}>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="Search tables, columns, notebooks, commands…"
              className="h-11 w-full border-line border-b bg-transparent px-4 text-sm outline-none placeholder:text-faint"
            />
            <Command.List className="max-h-96 overflow-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs">
              <Command.Empty className="px-3 py-6 text-center text-muted text-sm">
                {found.isFetching ? 'Searching…' : `Nothing matches "${text}"`}
              </Command.Empty>
              {results.length ? (
                <Command.Group heading="Found">
                  {results.map((result) => {
                    const Icon = icons[result.kind] ?? Table2;
                    return (
                      <Command.Item
                        key={`${result.kind}:${result.id}:${result.title}`}
                        value={`${result.kind}:${result.id}:${result.title}`}
                        onSelect={() => go(result.href)}
                        className={rowClass}
                      >
                        <Icon aria-hidden className="size-4 shrink-0 text-muted" />
                        <span className="truncate">{result.title}</span>
                        <span className="ml-auto truncate text-muted text-xs">{result.subtitle}</span>
                      </Command.Item>
                    );
                  })}
                </Command.Group>
              ) : null}
              {commands.length ? (
                <Command.Group heading="Commands">
                  {commands.map(({ id, label, icon: Icon, run }) => (
                    <Command.Item
                      key={id}
                      value={id}
                      className={rowClass}
                      onSelect={() => {
                        setOpen(false);
                        setText('');
                        Promise.resolve(run(go)).catch(toast.error);
                      }}
                    >
                      <Icon aria-hidden className="size-4 text-muted" />
                      {label}
                    </Command.Item>
                  ))}
                </Command.Group>
              ) : null}
              {pages.length ? (
                <Command.Group heading="Pages">
                  {pages.map(({ href, label, icon: Icon }) => (
                    <Command.Item key={href} value={`page:${href}`} onSelect={() => go(href)} className={rowClass}>
                      <Icon aria-hidden className="size-4 text-muted" />
                      {label}
                    </Command.Item>
                  ))}
                </Command.Group>
              ) : null}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
