'use client';
import { getSamples, loadSamples } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Circle, CircleCheck, FileUp, House, NotebookText, Plus, Sparkles } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '@/components/button';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import { useMe } from '../session/use-session';
import { UploadDialog } from '../upload/upload-dialog';
import { objectKinds } from '../workspace/object-kinds';
import { useObjectActions, useRecent } from '../workspace/use-objects';
import { type ChecklistItem, useChecklist } from './use-checklist';

/** The first page: what to do first, and what was done last. */
export function HomePage() {
  const router = useRouter();
  const cache = useQueryClient();
  const me = useMe().data;
  const recent = useRecent();
  const { create } = useObjectActions();
  const [uploading, setUploading] = useState(false);
  const samples = useQuery({ queryKey: ['samples'], queryFn: ({ signal }) => call(getSamples, { signal }) });
  const explore = useMutation({
    mutationFn: () => call(loadSamples),
    onSuccess: (answer) => {
      void cache.invalidateQueries({ queryKey: ['samples'] });
      if (answer.notebookId) router.push(`/notebook/${answer.notebookId}`);
    },
    onError: toast.error,
  });
  const newNotebook = () =>
    create.mutate(
      { kind: 'notebook', name: 'Untitled notebook', makeUnique: true },
      { onSuccess: (made) => router.push(`/notebook/${made.id}`), onError: toast.error },
    );
  const checklist = useChecklist();
  // Done is done: the list makes room for what people work on. Remembered, so that no page begins with room for a list that goes.
  const doneKey = me ? `boathouse-first-steps-${me.userId}` : null;
  const beginning = checklist
    ? checklist.some((item) => !item.done)
    : doneKey === null || localStorage.getItem(doneKey) !== 'done';
  useEffect(() => {
    if (checklist && doneKey) localStorage.setItem(doneKey, beginning ? 'open' : 'done');
  }, [checklist, doneKey, beginning]);
  const steps: Record<ChecklistItem['step'], () => void> = {
    samples: () => explore.mutate(),
    upload: () => setUploading(true),
    run: newNotebook,
    dashboard: () => router.push('/dashboards'),
    invite: () => router.push('/settings'),
  };
  const ready = samples.data?.tables.length ? samples.data.tables.every((table) => table.state === 'ready') : false;

  return (
    <div className="mx-auto max-w-5xl px-6 pb-10">
      <PageHeader icon={House} title={me ? `Hello, ${me.name.split(' ')[0]}` : 'Home'} />
      <div className="mt-3 grid gap-3 sm:grid-cols-3">
        <button
          type="button"
          disabled={explore.isPending}
          onClick={() => explore.mutate()}
          className="flex flex-col items-start gap-2 rounded-card border border-line bg-surface p-4 text-left hover:border-accent disabled:opacity-60"
        >
          <Sparkles aria-hidden className="size-5 text-accent" strokeWidth={1.75} />
          <span className="font-medium">Explore sample data</span>
          <span className="text-muted text-sm">
            {explore.isPending
              ? 'Loading tables …'
              : ready
                ? 'Open the notebook on 3 million flights, airports, stocks and weather.'
                : 'Loads 3 million flights, airports, stocks and weather, and opens a ready notebook.'}
          </span>
        </button>
        <button
          type="button"
          onClick={() => setUploading(true)}
          className="flex flex-col items-start gap-2 rounded-card border border-line bg-surface p-4 text-left hover:border-accent"
        >
          <FileUp aria-hidden className="size-5 text-accent" strokeWidth={1.75} />
          <span className="font-medium">Bring your own file</span>
          <span className="text-muted text-sm">CSV, JSON or Parquet becomes a Delta table that anyone can read.</span>
        </button>
        <button
          type="button"
          disabled={create.isPending}
          onClick={newNotebook}
          className="flex flex-col items-start gap-2 rounded-card border border-line bg-surface p-4 text-left hover:border-accent disabled:opacity-60"
        >
          <NotebookText aria-hidden className="size-5 text-accent" strokeWidth={1.75} />
          <span className="font-medium">New notebook</span>
          <span className="text-muted text-sm">SQL, TypeScript, pipelines and text in one document you can share.</span>
        </button>
      </div>

      <div className={classNames('mt-6 grid gap-6', beginning && 'lg:grid-cols-[minmax(0,1fr)_300px]')}>
        <section aria-labelledby="recent-heading" className="min-w-0">
          <h2 id="recent-heading" className="mb-2 text-sm">
            Recent
          </h2>
          {recent.error ? (
            <ErrorState error={recent.error} onRetry={() => void recent.refetch()} />
          ) : !recent.data ? (
            <SkeletonRows rows={4} />
          ) : recent.data.objects.length === 0 ? (
            <div className="rounded-card border border-line bg-surface">
              <EmptyState
                icon={NotebookText}
                title="No notebooks yet"
                action={
                  <Button icon={Plus} onClick={newNotebook} busy={create.isPending}>
                    Notebook
                  </Button>
                }
              >
                What you and your colleagues work on shows up here.
              </EmptyState>
            </div>
          ) : (
            <ul className="overflow-hidden rounded-card border border-line bg-surface">
              {recent.data.objects.map((object) => {
                const { icon: Icon, href } = objectKinds[object.kind];
                return (
                  <li key={object.id} className="border-line border-b last:border-b-0">
                    <Link href={href(object)} className="flex h-10 items-center gap-2.5 px-3 text-sm hover:bg-sunken">
                      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
                      <span title={object.name} className="truncate font-medium">
                        {object.name}
                      </span>
                      <span className="min-w-0 truncate text-muted text-xs">{object.parentPath}</span>
                      <span className="ml-auto shrink-0 text-muted text-xs">
                        <RelativeTime atMs={object.updatedAtMs} />
                      </span>
                    </Link>
                  </li>
                );
              })}
            </ul>
          )}
        </section>
        {beginning ? (
          <section aria-labelledby="start-heading">
            <h2 id="start-heading" className="mb-2 text-sm">
              First steps
            </h2>
            {checklist ? (
              <ol className="rounded-card border border-line bg-surface p-1.5">
                {checklist.map((item) => (
                  <li key={item.step}>
                    <button
                      type="button"
                      disabled={item.done}
                      onClick={steps[item.step]}
                      className="flex w-full items-center gap-2 rounded-control px-1.5 py-1 text-left text-sm enabled:hover:bg-sunken"
                    >
                      {item.done ? (
                        <CircleCheck aria-label="Done" className="size-4 text-green" />
                      ) : (
                        <Circle aria-label="To do" className="size-4 text-faint" />
                      )}
                      <span className={item.done ? 'text-muted line-through' : ''}>{item.label}</span>
                    </button>
                  </li>
                ))}
              </ol>
            ) : (
              <SkeletonRows rows={4} />
            )}
          </section>
        ) : null}
      </div>
      {uploading ? <UploadDialog onClose={() => setUploading(false)} /> : null}
    </div>
  );
}
