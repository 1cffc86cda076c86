'use client';
import type { TableHistoryEntry } from '@boathouse/contracts';
import type { ReactNode } from 'react';
import { formatCount, formatExact } from '@/lib/format';

/** All that a commit says of itself: when, with what parameters, and what it did. */
export function VersionDetail({ entry }: { entry: TableHistoryEntry }) {
  const parameters = Object.entries(entry.operationParameters).flatMap(([key, value]): [string, ReactNode][] =>
    value === null || value === '' ? [] : [[key, value]],
  );
  const metrics = Object.entries(entry.operationMetrics).map(([key, value]): [string, ReactNode] => [
    key,
    /^-?\d{1,15}$/.test(value) ? formatCount(Number(value)) : value,
  ]);
  const facts: [string, ReactNode][] = [
    ['Committed', formatExact(entry.timestampMs)],
    ...(entry.engineInfo ? [['Engine', entry.engineInfo] as [string, ReactNode]] : []),
    ...(typeof entry.readVersion === 'number' ? [['Read version', entry.readVersion] as [string, ReactNode]] : []),
    ...(entry.isolationLevel ? [['Isolation', entry.isolationLevel] as [string, ReactNode]] : []),
    ...(entry.userMetadata ? [['Note', entry.userMetadata] as [string, ReactNode]] : []),
  ];
  return (
    <div className="grid gap-x-8 gap-y-3 md:grid-cols-3">
      <Facts title="Commit" facts={facts} />
      <Facts title="Parameters" facts={parameters} />
      <Facts title="Metrics" facts={metrics} />
    </div>
  );
}

const Facts = ({ title, facts }: { title: string; facts: [string, ReactNode][] }) => (
  <section className="min-w-0">
    <h3 className="mb-1 text-muted text-xs">{title}</h3>
    {facts.length ? (
      <dl className="grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="break-words text-muted">{label}</dt>
            <dd className="whitespace-pre-wrap break-words tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    ) : (
      <p className="text-muted text-xs">None</p>
    )}
  </section>
);
