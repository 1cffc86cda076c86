'use client';
import type { PipelineGraph, PipelineView } from '@boathouse/contracts';
import { CircleCheck, EllipsisVertical, History, Play, RefreshCw, Square, Workflow } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { Pill, StatusBadge } from '@/components/status';
import { Tabs } from '@/components/tabs';
import { toast } from '@/components/toast';
import { DatasetPanel } from './dataset-panel';
import { EventList } from './event-list';
import { ExpectationTable } from './expectation-table';
import { GraphErrors } from './graph-errors';
import { SettingsTab } from './settings-tab';
import { UpdateList } from './update-list';
import { usePipeline, usePipelineActions, usePipelineUpdate } from './use-pipelines';
import { badgeOf, isActive } from './words';

const GraphView = dynamic(() => import('./graph-view'), { ssr: false, loading: () => <Skeleton className="h-80" /> });

export function PipelinePage({ id }: { id: string }) {
  const pipeline = usePipeline(id);
  if (pipeline.error)
    return <ErrorState error={pipeline.error} onRetry={() => void pipeline.refetch()} className="m-6" />;
  if (!pipeline.data)
    return (
      <div role="status" aria-label="Opening the pipeline" className="flex flex-col gap-4 px-6 py-4">
        <Skeleton className="h-7 w-72" />
        <Skeleton className="h-80" />
      </div>
    );
  return <Opened pipeline={pipeline.data} />;
}

function Opened({ pipeline }: { pipeline: PipelineView }) {
  const router = useRouter();
  const params = useSearchParams();
  const { start, stop, validate } = usePipelineActions();
  const [refreshing, setRefreshing] = useState(false);
  const [checked, setChecked] = useState<PipelineGraph | null>(null);
  const updateId = params.get('update') ?? pipeline.latestUpdate?.id;
  const update = usePipelineUpdate(pipeline.id, updateId);
  const mayRun = pipeline.level !== 'view';
  const active = isActive(pipeline.latestUpdate);
  const shown = update.data;
  const tab = params.get('tab') ?? 'graph';
  const chosenName = params.get('dataset');

  const go = (change: Record<string, string | null>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    router.replace(`/pipelines/${pipeline.id}${text ? `?${text}` : ''}`, { scroll: false });
  };
  const run = (fullRefresh: boolean) => {
    setChecked(null);
    start.mutate({ id: pipeline.id, fullRefresh }, { onSuccess: () => go({ update: null, tab: null }) });
  };
  const check = () =>
    validate.mutate(pipeline.id, {
      onSuccess: (graph) => {
        setChecked(graph);
        go({ tab: null });
        if (!graph.errors.length) toast.done('The pipeline has no errors.');
      },
    });

  const graph = checked ?? shown?.graph;
  const flows = checked ? [] : (shown?.flows ?? []);
  const chosen = graph?.nodes.find((node) => node.fullName === chosenName);
  const state = shown ?? pipeline.latestUpdate;

  const graphTab = (
    <div className="flex flex-col gap-3">
      {shown?.withheld ? <p className="bg-amber-soft px-3 py-2 text-amber text-sm">{shown.withheld.message}</p> : null}
      {graph ? <GraphErrors graph={graph} /> : null}
      {!checked && shown?.error && !shown.graph.errors.length ? <ErrorState error={shown.error} /> : null}
      {update.error ? (
        <ErrorState error={update.error} onRetry={() => void update.refetch()} />
      ) : graph?.nodes.length ? (
        <div className="flex gap-4">
          <div className="min-w-0 flex-1">
            <GraphView
              graph={graph}
              flows={flows}
              chosen={chosenName}
              onChoose={(name) => go({ dataset: name })}
              height={380}
            />
          </div>
          {chosen ? (
            <DatasetPanel node={chosen} update={{ graph, flows }} onClose={() => go({ dataset: null })} />
          ) : null}
        </div>
      ) : updateId && !graph ? (
        <Skeleton className="h-80" />
      ) : graph ? null : (
        <EmptyState
          icon={Workflow}
          title="Not run yet"
          action={
            <Button kind="primary" icon={Play} disabled={!mayRun} onClick={() => run(false)}>
              Run pipeline
            </Button>
          }
        >
          The first update makes the tables and draws the graph.
        </EmptyState>
      )}
      {graph ? <ExpectationTable graph={graph} flows={flows} /> : null}
    </div>
  );

  return (
    <div className="px-6 pb-10">
      <PageHeader
        icon={Workflow}
        title={pipeline.name}
        path={
          <>
            Pipeline · {pipeline.spec.catalog}.{pipeline.spec.schema}
            {pipeline.notebookId ? (
              <>
                {' · '}
                <Link href={`/notebook/${pipeline.notebookId}`} className="hover:text-text hover:underline">
                  {pipeline.notebookName}
                </Link>
              </>
            ) : null}
          </>
        }
        status={
          <span aria-live="polite" className="inline-flex items-center gap-2">
            {checked ? <Pill tone="accent">Checked, nothing was run</Pill> : null}
            {state && !checked ? <StatusBadge status={badgeOf(state.state)} /> : null}
            {state && !checked ? (
              <span className="hidden whitespace-nowrap text-muted text-xs lg:inline">
                <RelativeTime key={state.id} atMs={state.createdAtMs} /> by {state.createdBy}
              </span>
            ) : null}
            {params.get('update') && params.get('update') !== pipeline.latestUpdate?.id ? (
              <Button kind="quiet" icon={History} onClick={() => go({ update: null })}>
                Show the latest
              </Button>
            ) : null}
          </span>
        }
        actions={
          <>
            <Menu
              trigger={<IconButton icon={EllipsisVertical} label="More actions" />}
              items={[
                {
                  label: 'Full refresh',
                  icon: RefreshCw,
                  disabled: !mayRun || active,
                  onSelect: () => setRefreshing(true),
                },
              ]}
            />
            {active ? (
              <Button icon={Square} disabled={!mayRun} busy={stop.isPending} onClick={() => stop.mutate(pipeline.id)}>
                Stop
              </Button>
            ) : null}
            <Button icon={CircleCheck} busy={validate.isPending} disabled={!mayRun} onClick={check}>
              Validate
            </Button>
            <Button
              kind="primary"
              icon={Play}
              disabled={!mayRun || active}
              busy={start.isPending}
              onClick={() => run(false)}
            >
              Run pipeline
            </Button>
          </>
        }
      />
      <Tabs
        label="Views of the pipeline"
        value={tab}
        onChange={(key) => go({ tab: key === 'graph' ? null : key })}
        tabs={[
          { key: 'graph', label: 'Graph', content: graphTab },
          { key: 'events', label: 'Events', content: <EventList events={shown?.events ?? []} /> },
          {
            key: 'updates',
            label: 'Updates',
            content: (
              <UpdateList
                pipelineId={pipeline.id}
                onOpen={(opened) => {
                  setChecked(null);
                  go({ update: opened, tab: null, dataset: null });
                }}
              />
            ),
          },
          {
            key: 'settings',
            label: 'Settings',
            content: <SettingsTab key={pipeline.spec.schema} pipeline={pipeline} />,
          },
        ]}
      />
      <Dialog
        open={refreshing}
        onOpenChange={setRefreshing}
        title={`Refresh ${pipeline.name} from the beginning?`}
        description="Its streaming tables are emptied and all files that are in their volumes now are read again. Rows of files that were deleted since do not come back."
        actions={
          <>
            <Button onClick={() => setRefreshing(false)}>Cancel</Button>
            <Button
              kind="danger"
              onClick={() => {
                setRefreshing(false);
                run(true);
              }}
            >
              Full refresh
            </Button>
          </>
        }
      />
    </div>
  );
}
