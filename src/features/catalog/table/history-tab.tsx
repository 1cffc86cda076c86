'use client';
import { History, SquareTerminal } from 'lucide-react';
import { IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { RelativeTime } from '@/components/relative-time';
import { useTableHistory } from '../use-catalog';
import { changeText } from './history-metrics';

/** Versions of a table, newest first; each can be queried as it was. */
export function HistoryTab({ fullName, onQuery }: { fullName: string; onQuery: (version: number) => void }) {
  const history = useTableHistory(fullName);
  return (
    <DataList
      label="Versions"
      rows={history.data?.entries}
      rowKey={(entry) => String(entry.version)}
      error={history.error}
      onRetry={() => void history.refetch()}
      initialSort={{ key: 'version', descending: true }}
      columns={[
        {
          key: 'version',
          title: 'Version',
          numeric: true,
          width: '90px',
          sort: (entry) => entry.version,
          cell: (entry) => entry.version,
        },
        {
          key: 'when',
          title: 'When',
          width: '160px',
          sort: (entry) => entry.timestampMs,
          cell: (entry) => <RelativeTime atMs={entry.timestampMs} />,
        },
        {
          key: 'operation',
          title: 'Operation',
          sort: (entry) => entry.operation,
          cell: (entry) => {
            const parameters = Object.entries(entry.operationParameters).filter(([, value]) => value !== null);
            return (
              <span title={parameters.map(([key, value]) => `${key}: ${value}`).join('\n')}>
                <code className="text-xs">{entry.operation}</code>
              </span>
            );
          },
        },
        {
          key: 'who',
          title: 'By',
          sort: (entry) => entry.userName ?? '',
          cell: (entry) => entry.userName ?? <span className="text-faint">not said</span>,
        },
        {
          key: 'rows',
          title: 'Rows',
          numeric: true,
          cell: (entry) => <span title="+ added, ~ changed, − removed">{changeText(entry)}</span>,
        },
        {
          key: 'engine',
          title: 'Engine',
          cell: (entry) => <span className="text-muted">{entry.engineInfo ?? ''}</span>,
        },
        {
          key: 'query',
          title: '',
          width: '48px',
          cell: (entry) => (
            <IconButton
              icon={SquareTerminal}
              label={`Query version ${entry.version}`}
              onClick={() => onQuery(entry.version)}
            />
          ),
        },
      ]}
      empty={{ icon: History, title: 'No versions yet' }}
    />
  );
}
