'use client';
import type { TableDetail, TablePage } from '@boathouse/contracts';
import type { ReactNode } from 'react';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatBytes, formatCount, formatCounted, formatExact } from '@/lib/format';
import { useTableDetail } from '../use-catalog';
import { ConstraintsSection } from './constraints-section';
import { featureWords } from './feature-words';
import { FilesSection } from './files-section';
import { PropertiesSection } from './properties-section';

type Fact = [label: string, value: ReactNode];

/** What a table is made of: format, place and protocol, properties, constraints and files. Views have less to tell. */
export function DetailsTab({ table, fullName, withFiles }: { table: TablePage; fullName: string; withFiles: boolean }) {
  const detail = useTableDetail(fullName, withFiles);
  // The statements behind the buttons need both, and a pipeline's datasets are its own to change.
  const mayEdit = table.may.manage && table.may.modify && table.kind === 'MANAGED' && table.pipelineId === null;
  const data = detail.data;
  if (!withFiles)
    return (
      <div className="flex flex-col gap-5">
        <Facts facts={factsOf(table, fullName, undefined)} />
        {table.kind === 'VIEW' ? null : (
          <PropertiesSection properties={table.properties} fullName={fullName} mayEdit={false} />
        )}
      </div>
    );
  return (
    <div className="flex flex-col gap-5">
      <Facts facts={factsOf(table, fullName, data)} />
      {detail.error ? <ErrorState error={detail.error} onRetry={() => void detail.refetch()} /> : null}
      {data ? <Features features={data.features} /> : null}
      {detail.error ? null : (
        <>
          <PropertiesSection properties={data?.properties} fullName={fullName} mayEdit={mayEdit} />
          <ConstraintsSection
            columns={data?.columns ?? table.columns}
            properties={data?.properties}
            fullName={fullName}
            mayEdit={mayEdit}
          />
          <FilesSection detail={data} />
        </>
      )}
      {data || detail.error ? null : <SkeletonRows rows={3} />}
    </div>
  );
}

function factsOf(table: TablePage, fullName: string, detail: TableDetail | undefined): Fact[] {
  const isTable = table.kind !== 'VIEW';
  return [
    ['Full name', <code key="name">{fullName}</code>],
    ['Owner', table.owner],
    ...(isTable ? [['Format', 'Delta Lake'] satisfies Fact] : []),
    ['Table id', <code key="id">{table.id}</code>],
    ...(table.location ? [['Location', <code key="location">{table.location}</code>] satisfies Fact] : []),
    ['Created', formatExact(table.createdAtMs)],
    ['Changed', formatExact(detail?.lastModifiedMs ?? table.updatedAtMs)],
    ...(table.partitionColumns.length
      ? [['Partitioned by', <code key="partitions">{table.partitionColumns.join(', ')}</code>] satisfies Fact]
      : []),
    ...(detail ? factsOfLog(detail) : []),
  ];
}

const factsOfLog = (detail: TableDetail): Fact[] => [
  ...(detail.clusteringColumns?.length
    ? [['Clustered by', <code key="clusters">{detail.clusteringColumns.join(', ')}</code>] satisfies Fact]
    : []),
  ['Version', formatCount(detail.version)],
  ['Size', `${formatBytes(detail.sizeBytes)} in ${formatCounted(detail.fileCount, 'file')}`],
  ['Rows', detail.rowCount === null ? 'Not said by every file' : formatCount(detail.rowCount)],
  [
    'Last checkpoint',
    typeof detail.checkpointVersion === 'number' ? `Version ${formatCount(detail.checkpointVersion)}` : 'None yet',
  ],
  ['Protocol', `reader ${detail.minReaderVersion}, writer ${detail.minWriterVersion}`],
];

const Facts = ({ facts }: { facts: Fact[] }) => (
  <dl className="grid max-w-4xl grid-cols-[180px_1fr] gap-y-2 text-sm">
    {facts.map(([label, value]) => (
      <div key={label} className="contents">
        <dt className="text-muted">{label}</dt>
        <dd className="min-w-0 break-words">{value}</dd>
      </div>
    ))}
  </dl>
);

const Features = ({ features }: { features: string[] }) => (
  <section aria-labelledby="features">
    <h2 id="features" className="mb-1.5 text-sm">
      Table features
    </h2>
    {features.length ? (
      <dl className="grid max-w-4xl grid-cols-[180px_1fr] gap-y-1.5 text-sm">
        {features.map((feature) => (
          <div key={feature} className="contents">
            <dt className="min-w-0 break-words pr-3">
              <code className="text-xs">{feature}</code>
            </dt>
            <dd className="text-muted">{featureWords(feature)}</dd>
          </div>
        ))}
      </dl>
    ) : (
      <p className="text-muted text-sm">None: every reader of Delta Lake can read the table.</p>
    )}
  </section>
);
