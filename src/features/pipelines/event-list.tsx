'use client';
import type { PipelineEvent } from '@boathouse/contracts';
import { CircleAlert, CircleX, Info, ListTree } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState } from '@/components/states';

const icons = {
  ERROR: { icon: CircleX, look: 'text-red', word: 'Error' },
  WARN: { icon: CircleAlert, look: 'text-amber', word: 'Warning' },
  INFO: { icon: Info, look: 'text-muted', word: 'Information' },
  METRICS: { icon: Info, look: 'text-muted', word: 'Metrics' },
} as const;

const shownEvents = 200;

/** What an update has said, newest first; each can be unfolded to the row of the event log. */
export function EventList({ events }: { events: readonly PipelineEvent[] }) {
  const [all, setAll] = useState(false);
  if (!events.length)
    return (
      <EmptyState icon={ListTree} title="No events">
        An update tells here what it does, as it does it.
      </EmptyState>
    );
  const newest = [...events].reverse();
  return (
    <>
      <ul aria-label="Events" className="overflow-hidden rounded-card border border-line bg-surface">
        {(all ? newest : newest.slice(0, shownEvents)).map((event) => {
          const { icon: Icon, look, word } = icons[event.level];
          return (
            <li key={event.id} className="border-line border-b px-2.5 py-1.5 text-sm last:border-b-0">
              <details>
                <summary className="flex cursor-pointer items-start gap-2">
                  <Icon aria-label={word} className={`mt-0.5 size-4 shrink-0 ${look}`} />
                  <span className="min-w-0 flex-1 break-words">{event.message}</span>
                  <span className="shrink-0 text-muted text-xs">
                    <RelativeTime atMs={Date.parse(event.timestamp)} />
                  </span>
                </summary>
                <pre className="mt-1.5 max-h-72 overflow-auto whitespace-pre-wrap break-words rounded bg-sunken p-2 text-xs">
                  {JSON.stringify(
                    { event_type: event.event_type, details: event.details, error: event.error },
                    null,
                    2,
                  )}
                </pre>
              </details>
            </li>
          );
        })}
      </ul>
      {!all && events.length > shownEvents ? (
        <Button kind="quiet" className="mt-2" onClick={() => setAll(true)}>
          Show all {events.length.toLocaleString('en-US')} events
        </Button>
      ) : null}
    </>
  );
}
