'use client';
import { useEffect, useState } from 'react';
import { formatExact, formatRelative } from '@/lib/format';

/** Relative time that keeps itself true; the exact one, with the zone, on hover. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)} suppressHydrationWarning>
      {formatRelative(atMs, now ?? atMs)}
    </time>
  );
}
