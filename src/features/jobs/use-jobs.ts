'use client';
import {
  getJobPage,
  getJobRunPage,
  type JobSettings,
  jobsV22,
  listJobPages,
  listJobRunPages,
  type PartialJobSettings,
} from '@boathouse/contracts';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

/** Everything of jobs lies under `jobs`: a push about any job makes it old. */
const keys = {
  all: ['jobs'] as const,
  list: (notebookPath: string | undefined) => ['jobs', 'list', notebookPath ?? ''] as const,
  job: (id: string) => ['jobs', 'job', id] as const,
  runs: (id: string) => ['jobs', 'runs', id] as const,
  run: (id: string, runId: string) => ['jobs', 'run', id, runId] as const,
};

export const useJobs = (notebookPath?: string) =>
  useQuery({
    queryKey: keys.list(notebookPath),
    queryFn: ({ signal }) => call(listJobPages, { query: notebookPath ? { notebookPath } : {}, signal }),
  });

export const useJob = (id: string) =>
  useQuery({ queryKey: keys.job(id), queryFn: ({ signal }) => call(getJobPage, { params: { jobId: id }, signal }) });

export const useJobRuns = (id: string) =>
  useInfiniteQuery({
    queryKey: keys.runs(id),
    queryFn: ({ pageParam, signal }) =>
      call(listJobRunPages, { params: { jobId: id }, query: { ...(pageParam ? { before: pageParam } : {}) }, signal }),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.hasMore ? last.runs.at(-1)?.id : undefined),
  });

export const useJobRun = (id: string, runId: string) =>
  useQuery({
    queryKey: keys.run(id, runId),
    queryFn: ({ signal }) => call(getJobRunPage, { params: { jobId: id, runId }, signal }),
  });

export type NewJob = z.input<typeof JobSettings>;

/** What people do with jobs; pages follow by themselves. */
export function useJobActions() {
  const cache = useQueryClient();
  const options = {
    onSettled: () => cache.invalidateQueries({ queryKey: keys.all }),
    onError: toast.error,
  };
  return {
    create: useMutation({
      mutationFn: (body: NewJob) => call(jobsV22.create, { body }),
      ...options,
      onError: () => {},
    }),
    reset: useMutation({
      mutationFn: ({ id, settings }: { id: number; settings: NewJob }) =>
        call(jobsV22.reset, { body: { job_id: id, new_settings: settings } }),
      ...options,
      onError: () => {},
    }),
    update: useMutation({
      mutationFn: ({ id, settings, remove }: { id: number; settings?: PartialJobSettings; remove?: string[] }) =>
        call(jobsV22.update, {
          body: {
            job_id: id,
            ...(settings ? { new_settings: settings } : {}),
            ...(remove ? { fields_to_remove: remove } : {}),
          },
        }),
      ...options,
    }),
    remove: useMutation({ mutationFn: (id: number) => call(jobsV22.delete, { body: { job_id: id } }), ...options }),
    // The token makes a press that is sent twice one run.
    runNow: useMutation({
      mutationFn: (id: number) =>
        call(jobsV22.runNow, { body: { job_id: id, idempotency_token: crypto.randomUUID() } }),
      ...options,
    }),
    cancel: useMutation({
      mutationFn: (runId: number) => call(jobsV22.cancelRun, { body: { run_id: runId } }),
      ...options,
    }),
  };
}
