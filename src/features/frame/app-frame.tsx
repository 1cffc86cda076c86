'use client';
import { BoathouseError } from '@boathouse/contracts';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { ErrorState, Skeleton } from '@/components/states';
import { useMe } from '../session/use-session';
import { ConnectionLine } from './connection-line';
import { Palette } from './palette';
import { Rail } from './rail';
import { ShortcutHelp } from './shortcut-help';
import { TopBar } from './top-bar';
import { useWorkspaceChanges } from './use-workspace-changes';

/** What every page of the workspace stands in. Nobody signed in: to the sign-in page, and back afterwards. */
export function AppFrame({ children }: { children: ReactNode }) {
  const me = useMe();
  const router = useRouter();
  const path = usePathname();
  const signedOut = me.error instanceof BoathouseError && me.error.status === 401;
  useEffect(() => {
    if (signedOut) router.replace(`/sign-in?next=${encodeURIComponent(path + location.search)}`);
  }, [signedOut, router, path]);
  useWorkspaceChanges(me.data !== undefined);

  return (
    <div className="flex h-screen flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2">
        Skip to content
      </a>
      <TopBar me={me.data} />
      <ConnectionLine />
      <div className="flex min-h-0 flex-1">
        <Rail />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 overflow-auto outline-none">
          {me.data ? (
            children
          ) : me.error && !signedOut ? (
            <div className="p-6">
              <ErrorState error={me.error} onRetry={() => void me.refetch()} />
            </div>
          ) : (
            <div className="flex flex-col gap-3 p-6" role="status" aria-label="Loading">
              <Skeleton className="h-6 w-64" />
              <Skeleton className="h-4 w-96" />
            </div>
          )}
        </main>
      </div>
      <Palette />
      <ShortcutHelp />
    </div>
  );
}
