'use client';
import { useEffect } from 'react';
import { Button } from '@/components/button';
import { GateCard } from '@/features/session/gate-card';

/** A bug in a page: say so, offer the way on; the details are in the browser's console. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  useEffect(() => console.error(error), [error]);
  return (
    <GateCard
      title="This page failed"
      text="Nothing you saved is lost. Reload the page; if it fails again, the console of the browser has the details."
    >
      <Button kind="primary" onClick={reset}>
        Reload the page
      </Button>
    </GateCard>
  );
}
