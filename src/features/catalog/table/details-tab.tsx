'use client';
import type { TablePage } from '@boathouse/contracts';
import { File } from 'lucide-react';
import type { ReactNode } from 'react';
import { DataList } from '@/components/data-list';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState } from '@/components/states';
import { formatBytes, formatCount, formatCounted, formatExact } from '@/lib/format';
import { useTableDetail } from '../use-catalog';

/** Protocol, properties, place and files. */
export function DetailsTab({ table, fullName, withFiles }: { table: TablePage; fullName: string; withFiles: boolean }) {
  const facts: [string, ReactNode][] = [
    ['Full name', <code key="name">{fullName}</code>],
    ['Owner', table.owner],
    ['Created', formatExact(table.createdAtMs)],
    ['Changed', formatExact(table.updatedAtMs)],
    ['Table id', <code key="id">{table.id}</code>],
    ...(table.location ? [['Folder', <code key="location">{table.location}</code>] as [string, ReactNode]] : []),
    ...(table.partitionColumns.length
      ? [['Partitioned by', table.partitionColumns.join(', ')] as [string, ReactNode]]
      : []),
  ];
  return (
    <div className="flex flex-col gap-5">
      <Facts facts={facts} />
      {withFiles ? <Files fullName={fullName} /> : <Properties properties={table.properties} />}
    </div>
  );
}

const Facts = ({ facts }: { facts: [string, ReactNode][] }) => (
  <dl className="grid max-w-4xl grid-cols-[180px_1fr] gap-y-2 text-sm">
    {facts.map(([label, value]) => (
      <div key={label} className="contents">
        <dt className="text-muted">{label}</dt>
        <dd className="min-w-0 break-words">{value}</dd>
      </div>
    ))}
  </dl>
);

function Properties({ properties }: { properties: Record<string, string> }) {
  const entries = Object.entries(properties);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="properties">
      <h2 id="properties" className="mb-1.5 text-sm">
        Properties
      </h2>
      <Facts facts={entries.map(([key, value]) => [key, <code key={key}>{value}</code>])} />
    </section>
  );
}

function Files({ fullName }: { fullName: string }) {
  const detail = useTableDetail(fullName);
  if (detail.error) return <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />;
  const data = detail.data;
  return (
    <>
      {data ? (
        <>
          <Facts
            facts={[
              ['Protocol', `reader ${data.minReaderVersion}, writer ${data.minWriterVersion}`],
              ...(data.features.length ? [['Features', data.features.join(', ')] as [string, ReactNode]] : []),
              ['Size', `${formatBytes(data.sizeBytes)} in ${formatCounted(data.fileCount, 'file')}`],
            ]}
          />
          <Properties properties={data.properties} />
        </>
      ) : null}
      <section aria-labelledby="files">
        <h2 id="files" className="mb-1.5 text-sm">
          Files of the newest version
        </h2>
        <DataList
          label="Files"
          rows={data?.files}
          rowKey={(file) => file.path}
          columns={[
            {
              key: 'path',
              title: 'Path in the folder',
              sort: (file) => file.path,
              cell: (file) => (
                <code className="text-xs" title={file.path}>
                  {file.path}
                </code>
              ),
            },
            {
              key: 'rows',
              title: 'Rows',
              numeric: true,
              width: '120px',
              sort: (file) => file.rows ?? -1,
              cell: (file) =>
                file.rows === null ? <span className="text-faint">not said</span> : formatCount(file.rows),
            },
            {
              key: 'size',
              title: 'Size',
              numeric: true,
              width: '120px',
              sort: (file) => file.sizeBytes,
              cell: (file) => formatBytes(file.sizeBytes),
            },
            {
              key: 'modified',
              title: 'Written',
              width: '160px',
              sort: (file) => file.modifiedMs,
              cell: (file) => <RelativeTime atMs={file.modifiedMs} />,
            },
          ]}
          empty={{ icon: File, title: 'No files', text: 'The table holds no rows.' }}
        />
      </section>
    </>
  );
}
