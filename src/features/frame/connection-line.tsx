'use client';
import { WifiOff } from 'lucide-react';
import { useLiveStatus } from '@/lib/live';

/** Says in one line that the page no longer hears of changes; it goes by itself when the connection is back. */
export function ConnectionLine() {
  const offline = useLiveStatus((state) => state.status === 'offline');
  return (
    <div role="status" aria-live="polite">
      {offline ? (
        <p className="flex items-center justify-center gap-2 bg-amber-soft px-3 py-1 text-amber text-xs">
          <WifiOff aria-hidden className="size-3.5" />
          Not connected to the workspace: what you see may be old. Connecting again …
        </p>
      ) : null}
    </div>
  );
}
