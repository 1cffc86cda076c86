'use client';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, Skeleton } from '@/components/states';
import { StatusBadge } from '@/components/status';
import { classNames } from '@/lib/class-names';
import { messageWithPlace } from '@/lib/error-place';
import { formatCount } from '@/lib/format';
import { DatasetPanel } from './dataset-panel';
import { useNotebookPipelineState } from './notebook-pipeline';
import { actionWords, badgeOf, flowLine, flowOf, shortName } from './words';

const GraphView = dynamic(() => import('./graph-view'), { ssr: false, loading: () => <Skeleton className="h-56" /> });

/** Below a pipeline cell: what the last update did with its datasets; below the first one, the graph of all. */
export function PipelineCellOutput({ cellId, first }: { cellId: string; first: boolean }) {
  const state = useNotebookPipelineState();
  const [chosen, setChosen] = useState<string | null>(null);
  const graph = state?.checked ?? state?.update?.graph;
  if (!state || !graph) return null;
  const flows = state.checked ? [] : (state.update?.flows ?? []);
  const nodes = graph.nodes.filter((node) => node.cellId === cellId);
  const errors = graph.errors.filter((error) => error.cellId === cellId);
  if (!nodes.length && !errors.length) return null;
  const { pipeline, update } = state;
  const chosenNode = graph.nodes.find((node) => node.fullName === chosen);
  return (
    <section aria-label="Pipeline" className="border-line border-t">
      {first ? (
        <>
          <div className="flex items-center gap-2 px-3 pt-2 text-xs">
            {update && !state.checked ? <StatusBadge status={badgeOf(update.state)} /> : null}
            {update && !state.checked ? (
              <span className="text-muted">
                <RelativeTime key={update.id} atMs={update.createdAtMs} /> by {update.createdBy}
              </span>
            ) : (
              <span className="text-muted">Checked, nothing was run</span>
            )}
            {pipeline ? (
              <Link href={`/pipelines/${pipeline.id}`} className="ml-auto text-accent hover:underline">
                Open pipeline
              </Link>
            ) : null}
          </div>
          {graph.nodes.length ? (
            <div className="flex gap-3 px-3 py-2">
              <div className="min-w-0 flex-1">
                <GraphView graph={graph} flows={flows} chosen={chosen} onChoose={setChosen} height={240} />
              </div>
              {chosenNode ? (
                <DatasetPanel node={chosenNode} update={{ graph, flows }} onClose={() => setChosen(null)} />
              ) : null}
            </div>
          ) : (
            // Nothing of the text could be read: the error below says why.
            <div className="h-2" />
          )}
        </>
      ) : null}
      {errors.map((error) => (
        <div key={`${error.dataset} ${error.code}`} className="px-2 pb-2">
          <ErrorState error={{ code: error.code, message: messageWithPlace(error) }} />
        </div>
      ))}
      <ul className={classNames('divide-y divide-line border-line', nodes.length > 0 && 'border-t')}>
        {nodes.map((node) => {
          const flow = flowOf(flows, node);
          return (
            <li key={node.fullName} className="px-3 py-1.5 text-sm">
              <div className="flex flex-wrap items-center gap-2">
                <span className="font-medium" title={node.fullName}>
                  {shortName(node.fullName)}
                </span>
                {flow ? <StatusBadge status={badgeOf(flow.status)} /> : null}
                <span className="text-muted text-xs">{flow ? flowLine(flow) : 'Not run yet'}</span>
              </div>
              {node.expectations.map((expectation) => {
                const counts = flow?.expectations.find((it) => it.name === expectation.name);
                return (
                  <div key={expectation.name} className="flex flex-wrap items-center gap-x-3 pl-3 text-muted text-xs">
                    <code className="font-mono">{expectation.name}</code>
                    <span>{actionWords[expectation.action]}</span>
                    {counts ? (
                      <span className={counts.failed ? 'text-amber' : ''}>
                        {formatCount(counts.passed)} passed, {formatCount(counts.failed)} failed
                      </span>
                    ) : null}
                  </div>
                );
              })}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
