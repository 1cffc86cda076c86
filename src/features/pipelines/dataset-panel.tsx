'use client';
import type { PipelineUpdateDetail } from '@boathouse/contracts';
import { Table2, X } from 'lucide-react';
import Link from 'next/link';
import { IconButton } from '@/components/button';
import { ErrorState } from '@/components/states';
import { StatusBadge } from '@/components/status';
import { formatCount, formatDuration } from '@/lib/format';
import { catalogHref } from '../catalog/names';
import { badgeOf, flowOf, type GraphNode, isDataset, kindWords, shortName } from './words';

/** One dataset of the graph: what it is, and what the update did with it. */
export function DatasetPanel({
  node,
  update,
  onClose,
}: {
  node: GraphNode;
  update: Pick<PipelineUpdateDetail, 'graph' | 'flows'>;
  onClose: () => void;
}) {
  const flow = flowOf(update.flows, node);
  const reads = update.graph.edges.filter((edge) => edge.to === node.fullName).map((edge) => shortName(edge.from));
  const errors = update.graph.errors.filter((error) => error.dataset === node.fullName);
  const facts: [string, string][] = flow
    ? [
        ['Rows written', formatCount(flow.rows)],
        ['Rows dropped', formatCount(flow.dropped)],
        ...(flow.startedAtMs !== null && flow.endedAtMs !== null
          ? [['Took', formatDuration(flow.endedAtMs - flow.startedAtMs)] as [string, string]]
          : []),
      ]
    : [];
  return (
    <aside aria-label={`Dataset ${node.fullName}`} className="w-72 shrink-0 border-line border-l pl-4 text-sm">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 break-words text-sm">{shortName(node.fullName)}</h2>
        <IconButton icon={X} label="Close" className="size-6" onClick={onClose} />
      </div>
      <p className="mt-1 break-words text-muted text-xs">
        {kindWords[node.kind]}
        {reads.length ? ` · reads ${reads.join(', ')}` : ''}
      </p>
      {isDataset(node) ? (
        <dl className="mt-3 grid grid-cols-2 gap-y-1.5">
          <dt className="text-muted">State</dt>
          <dd className="text-right">{flow ? <StatusBadge status={badgeOf(flow.status)} /> : 'Not run yet'}</dd>
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="text-right tabular-nums">{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {errors.map((error) => (
        <ErrorState key={`${error.code} ${error.message}`} error={error} className="mt-3" />
      ))}
      {flow?.error ? <ErrorState error={flow.error} className="mt-3" /> : null}
      {node.kind !== 'files' && (node.kind === 'table' || flow) ? (
        <Link
          href={catalogHref(node.fullName.split('.'))}
          className="mt-3 inline-flex items-center gap-1.5 text-accent hover:underline"
        >
          <Table2 aria-hidden className="size-4" />
          Open table
        </Link>
      ) : null}
    </aside>
  );
}
