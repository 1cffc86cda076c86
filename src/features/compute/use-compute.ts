'use client';
import { cancelRun, listCompute, listRunning } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

export const computeKeys = { list: ['compute'] as const, running: ['running'] as const };

export const useComputes = () =>
  useQuery({ queryKey: computeKeys.list, queryFn: ({ signal }) => call(listCompute, { signal }) });

export const useRunning = () =>
  useQuery({ queryKey: computeKeys.running, queryFn: ({ signal }) => call(listRunning, { signal }) });

export function useStopRun() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(cancelRun, { params: { id }, body: {} }),
    onSettled: () => cache.invalidateQueries({ queryKey: computeKeys.running }),
    onError: toast.error,
  });
}
