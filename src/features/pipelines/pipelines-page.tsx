'use client';
import type { PipelineView } from '@boathouse/contracts';
import { NotebookText, Play, Workflow } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Button, IconButton } from '@/components/button';
import { DataList, type ListColumn } from '@/components/data-list';
import { nameColumn, ownerColumn } from '@/components/list-columns';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { StatusBadge } from '@/components/status';
import { toast } from '@/components/toast';
import { useObjectActions } from '../workspace/use-objects';
import { usePipelineActions, usePipelines } from './use-pipelines';
import { badgeOf, isActive } from './words';

/** Pipelines with how their last update ended. */
export function PipelinesPage() {
  const router = useRouter();
  const pipelines = usePipelines();
  const { start } = usePipelineActions();
  const { create } = useObjectActions();
  const columns: ListColumn<PipelineView>[] = [
    nameColumn({ name: (it) => it.name, href: (it) => `/pipelines/${it.id}`, icon: () => Workflow }),
    {
      key: 'state',
      title: 'Last update',
      sort: (it) => it.latestUpdate?.state ?? '',
      cell: ({ latestUpdate: last }) =>
        last ? <StatusBadge status={badgeOf(last.state)} /> : <span className="text-muted">Never run</span>,
    },
    {
      key: 'when',
      title: 'When',
      sort: (it) => -(it.latestUpdate?.createdAtMs ?? 0),
      cell: ({ latestUpdate: last }) => (last ? <RelativeTime atMs={last.createdAtMs} /> : '–'),
    },
    {
      key: 'target',
      title: 'Writes to',
      sort: (it) => `${it.spec.catalog}.${it.spec.schema}`,
      cell: (it) => `${it.spec.catalog}.${it.spec.schema}`,
    },
    {
      key: 'notebook',
      title: 'Notebook',
      cell: (it) =>
        it.notebookId ? (
          <Link href={`/notebook/${it.notebookId}`} className="hover:underline">
            {it.notebookName}
          </Link>
        ) : (
          <span className="text-muted">–</span>
        ),
    },
    ownerColumn(),
    {
      key: 'run',
      title: 'Run',
      width: '52px',
      cell: (it) => (
        <IconButton
          icon={Play}
          label={`Run ${it.name}`}
          disabled={it.level === 'view' || isActive(it.latestUpdate)}
          busy={start.isPending && start.variables.id === it.id}
          onClick={() => start.mutate({ id: it.id }, { onSuccess: () => router.push(`/pipelines/${it.id}`) })}
        />
      ),
    },
  ];
  return (
    <div className="px-6 pb-10">
      <PageHeader icon={Workflow} title="Pipelines" />
      <DataList
        label="Pipelines"
        rows={pipelines.data?.pipelines}
        columns={columns}
        rowKey={(it) => it.id}
        searchText={(it) => `${it.name} ${it.ownerName} ${it.spec.catalog}.${it.spec.schema}`}
        onOpen={(it) => router.push(`/pipelines/${it.id}`)}
        error={pipelines.error}
        onRetry={() => void pipelines.refetch()}
        empty={{
          icon: Workflow,
          title: 'No pipelines yet',
          text: 'A pipeline keeps tables up to date: it reads new files once each and checks their rows. It is written in the pipeline cells of a notebook.',
          action: (
            <Button
              kind="primary"
              icon={NotebookText}
              busy={create.isPending}
              onClick={() =>
                create.mutate(
                  { kind: 'notebook', name: 'Untitled pipeline', makeUnique: true },
                  {
                    onSuccess: (made) => router.push(`/notebook/${made.id}?cell=pipeline`),
                    onError: toast.error,
                  },
                )
              }
            >
              New notebook with a pipeline cell
            </Button>
          ),
        }}
      />
    </div>
  );
}
