'use client';
import { cancelRun, listCompute, listRunning, type Me } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleHelp, Cpu, LoaderCircle, LogOut, Monitor, Moon, Search, Settings, Square, Sun } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Popover } from 'radix-ui';
import { Avatar } from '@/components/avatar';
import { Brand } from '@/components/brand';
import { IconButton } from '@/components/button';
import { Kbd } from '@/components/kbd';
import { Menu } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { formatBytes } from '@/lib/format';
import { useTheme } from '@/lib/theme';
import { signOut } from '../session/auth';
import { usePalette } from './palette-store';
import { useShortcutHelp } from './shortcut-help';

export function TopBar({ me }: { me: Me | undefined }) {
  const openPalette = usePalette((state) => state.open);
  const openHelp = useShortcutHelp((state) => state.show);
  return (
    // Three columns: what comes and goes at the right must not move the search.
    <header className="grid h-11 shrink-0 grid-cols-[minmax(0,1fr)_minmax(0,420px)_minmax(max-content,1fr)] items-center gap-3 border-line border-b bg-surface px-3">
      <div className="flex min-w-0 items-center gap-3">
        <Link href="/" aria-label="Boathouse, home" className="flex shrink-0">
          <Brand />
        </Link>
        {me && me.workspace.name !== 'Boathouse' ? (
          <span title={me.workspace.name} className="truncate text-muted text-sm">
            {me.workspace.name}
          </span>
        ) : null}
      </div>
      <button
        type="button"
        onClick={() => openPalette()}
        className="flex h-7 w-full min-w-0 items-center gap-2 rounded-control border border-line bg-sunken px-2.5 text-muted text-sm hover:border-line-strong"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="flex-1 truncate text-left">Search tables, notebooks, commands…</span>
        <Kbd keys="Ctrl K" />
      </button>
      <div className="flex shrink-0 items-center justify-end gap-3">
        {me ? <RunningMenu /> : null}
        {me ? <ComputePill /> : null}
        <IconButton icon={CircleHelp} label="Keyboard shortcuts" shortcut="?" onClick={openHelp} />
        {me ? <PersonMenu me={me} /> : null}
      </div>
    </header>
  );
}

/** What runs now, with a stop button each; absent when nothing does. */
function RunningMenu() {
  const cache = useQueryClient();
  const running = useQuery({ queryKey: ['running'], queryFn: ({ signal }) => call(listRunning, { signal }) });
  const stop = useMutation({
    mutationFn: (id: string) => call(cancelRun, { params: { id }, body: {} }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['running'] }),
    onError: toast.error,
  });
  const runs = running.data?.runs ?? [];
  if (runs.length === 0) return null;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" aria-label={`${runs.length} running`}>
          <Pill tone="blue" icon={LoaderCircle} spin>
            {runs.length} running
          </Pill>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          className="z-50 max-h-96 w-96 overflow-auto rounded-card border border-line bg-surface p-1 shadow-lg"
        >
          <h2 className="px-2 py-1 text-muted text-xs">Running</h2>
          {runs.map((run) => (
            <div key={run.id} className="flex items-center gap-2 rounded-control px-2 py-1.5 hover:bg-sunken">
              <div className="min-w-0 flex-1">
                <p className="truncate font-mono text-xs">{run.text.trim().split('\n')[0]}</p>
                <p className="truncate text-muted text-xs">
                  {run.principalName} · {run.engine} · <RelativeTime atMs={run.startedAtMs ?? run.createdAtMs} />
                  {run.notebookId ? (
                    <>
                      {' · '}
                      <Link className="text-accent hover:underline" href={`/notebook/${run.notebookId}`}>
                        Open
                      </Link>
                    </>
                  ) : null}
                </p>
              </div>
              <IconButton
                icon={Square}
                label="Stop"
                kind="danger"
                busy={stop.isPending && stop.variables === run.id}
                onClick={() => stop.mutate(run.id)}
              />
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Without the parts of a megabyte, which change all the time. */
const wholeMegabytes = (bytes: number) => formatBytes(bytes < 1e9 ? Math.round(bytes / 1e6) * 1e6 : bytes);

function ComputePill() {
  const compute = useQuery({
    queryKey: ['compute'],
    queryFn: ({ signal }) => call(listCompute, { signal }),
    staleTime: 30_000,
  });
  if (!compute.data) return null;
  const ready = compute.data.computes.filter((one) => one.state === 'ready');
  const first = ready[0];
  const pill = first ? (
    <Pill
      tone="green"
      icon={Cpu}
      title={ready
        .map(
          (one) =>
            `${one.engine}: ${one.activeRuns} running, ${formatBytes(one.memoryBytes)} of ${formatBytes(one.memoryLimitBytes)}`,
        )
        .join('\n')}
    >
      <span className="tabular-nums">
        {ready.length === 1 ? 'Embedded' : `${ready.length} engines`} ·{' '}
        {wholeMegabytes(ready.reduce((sum, one) => sum + one.memoryBytes, 0))}
      </span>
    </Pill>
  ) : (
    <Pill tone="amber" icon={Cpu} title="No compute process is connected; it is started again by itself.">
      Compute starting
    </Pill>
  );
  return (
    <Link href="/compute" aria-label="Compute" className="inline-flex rounded-full">
      {pill}
    </Link>
  );
}

function PersonMenu({ me }: { me: Me }) {
  const router = useRouter();
  const cache = useQueryClient();
  const { choice, choose } = useTheme();
  const themes = { system: Monitor, light: Sun, dark: Moon } as const;
  const mark = (name: string, label: string) => (choice === name ? `${label} ✓` : label);
  return (
    <Menu
      label={`${me.name} · ${me.email}`}
      trigger={
        <button type="button" aria-label={`Account of ${me.name}`} className="rounded-full">
          <Avatar id={me.userId} name={me.name} />
        </button>
      }
      items={[
        { label: mark('system', 'System theme'), icon: themes.system, onSelect: () => choose('system') },
        { label: mark('light', 'Light theme'), icon: themes.light, onSelect: () => choose('light') },
        { label: mark('dark', 'Dark theme'), icon: themes.dark, onSelect: () => choose('dark') },
        'separator',
        { label: 'Settings', icon: Settings, onSelect: () => router.push('/settings') },
        {
          label: 'Sign out',
          icon: LogOut,
          onSelect: () =>
            void signOut().then(() => {
              cache.clear();
              router.replace('/sign-in');
            }, toast.error),
        },
      ]}
    />
  );
}
