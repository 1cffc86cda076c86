'use client';
import { useEffect, useState } from 'react';
import { formatExact, formatRelative } from '@/lib/format';

/** Relative time that keeps itself true; the exact one, with the zone, on hover. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const [now, setNow] = useState<number | null>(null);
  // Begins anew when the time changes: what has just happened is not in the future.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time decides, and the effect does not read it
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, [atMs]);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)} suppressHydrationWarning>
      {formatRelative(atMs, now ?? atMs)}
    </time>
  );
}
