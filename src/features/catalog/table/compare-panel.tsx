'use client';
import type { VersionComparison } from '@boathouse/contracts';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '@/components/button';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatCounted } from '@/lib/format';
import { type TableKey, useComparison } from '../use-catalog';
import { type Difference, definitionDifferences, filesAddedText, filesRemovedText, rowsText } from './compare';
import { RowChangesTable } from './row-changes-table';

/** What differs between two versions: files and rows by number, columns and properties, then some of the rows themselves. */
export function ComparePanel({
  table,
  from,
  to,
  onClose,
}: {
  table: TableKey;
  from: number;
  to: number;
  onClose: () => void;
}) {
  const comparison = useComparison(table, from, to);
  return (
    <section aria-labelledby="compare" className="rounded-card border border-line bg-surface">
      <header className="flex h-10 items-center gap-2 border-line border-b px-3">
        <h2 id="compare" className="text-sm">
          From version {Math.min(from, to)} to {Math.max(from, to)}
        </h2>
        {comparison.data ? (
          <span className="text-muted text-xs">
            <RelativeTime atMs={comparison.data.from.timestampMs} /> →{' '}
            <RelativeTime atMs={comparison.data.to.timestampMs} />
          </span>
        ) : null}
        <IconButton icon={X} label="Close the comparison" className="ml-auto size-6" onClick={onClose} />
      </header>
      {comparison.error ? (
        <ErrorState error={comparison.error} onRetry={() => void comparison.refetch()} className="m-3" />
      ) : comparison.data ? (
        <Compared comparison={comparison.data} table={table} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </section>
  );
}

function Compared({ comparison, table }: { comparison: VersionComparison; table: TableKey }) {
  const differences = definitionDifferences(comparison);
  const hasOtherFiles = comparison.filesAdded.count + comparison.filesRemoved.count > 0;
  const facts: [string, ReactNode][] = [
    ['Rows', rowsText(comparison)],
    ['Files added', filesAddedText(comparison)],
    ['Files removed', filesRemovedText(comparison)],
  ];
  return (
    <div className="flex flex-col gap-4 p-3">
      <dl className="flex flex-wrap gap-x-10 gap-y-2 text-sm">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-muted text-xs">{label}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="compare-definition">
        <h3 id="compare-definition" className="mb-1.5 text-sm">
          {differences.length
            ? `Columns and properties: ${formatCounted(differences.length, 'difference')}`
            : 'Columns and properties are the same'}
        </h3>
        {differences.length ? <Differences differences={differences} comparison={comparison} /> : null}
      </section>
      {hasOtherFiles ? (
        <RowChangesTable table={table} from={comparison.from.version} to={comparison.to.version} />
      ) : (
        <p className="text-muted text-sm">Both versions have the same files: no row differs.</p>
      )}
    </div>
  );
}

const cellClass = 'px-2.5 py-1.5 text-left align-top';

const Differences = ({ differences, comparison }: { differences: Difference[]; comparison: VersionComparison }) => (
  <div className="overflow-x-auto rounded-card border border-line">
    <table className="w-full text-sm" aria-label="Differences of columns and properties">
      <thead>
        <tr className="border-line border-b text-muted text-xs">
          {['', `Version ${comparison.from.version}`, `Version ${comparison.to.version}`].map((title) => (
            <th key={title} scope="col" className={`${cellClass} font-medium`}>
              {title || 'What'}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {differences.map(({ key, what, before, after }) => (
          <tr key={key} className="border-line border-b last:border-b-0">
            <th scope="row" className={`${cellClass} max-w-72 break-words font-medium`}>
              {what}
            </th>
            <Side value={before} tone="text-red" />
            <Side value={after} tone="text-green" />
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Side = ({ value, tone }: { value: string | null; tone: string }) => (
  <td className={cellClass}>
    {value === null ? (
      <span className="text-muted">none</span>
    ) : (
      <code className={`whitespace-pre-wrap break-words text-xs ${tone}`}>{value}</code>
    )}
  </td>
);
