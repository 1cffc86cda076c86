'use client';
import {
  type AttachEngineRequest,
  attachEngine,
  type ChangeEngineRequest,
  changeEngine,
  checkEngine,
  checkNewEngine,
  detachEngine,
  listEngines,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { computeKeys } from './use-compute';

/** Below the key of compute: its news are theirs. */
const key = [...computeKeys.list, 'engines'] as const;

/** Attached engines that the person may use. */
export const useEngines = () => useQuery({ queryKey: key, queryFn: ({ signal }) => call(listEngines, { signal }) });

function useChanging<T>(mutationFn: (value: T) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => cache.invalidateQueries({ queryKey: key }) });
}

export const useAttachEngine = () => useChanging((body: AttachEngineRequest) => call(attachEngine, { body }));
export const useChangeEngine = () =>
  useChanging(({ id, ...body }: ChangeEngineRequest & { id: string }) => call(changeEngine, { params: { id }, body }));

export function useDetachEngine() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(detachEngine, { params: { id } }),
    onSettled: () => cache.invalidateQueries({ queryKey: key }),
    onError: toast.error,
  });
}

/** What is to be tried: an attached engine by its id, or one as its form describes it. */
export type EngineToTry = { id: string } | NewEngine;
type NewEngine = Pick<AttachEngineRequest, 'url' | 'tls' | 'token' | 'caCertificate' | 'storageUrl'> & { id?: string };

export const useCheckEngine = () =>
  useMutation({
    mutationFn: (engine: EngineToTry) =>
      'url' in engine
        ? call(checkNewEngine, { body: engine })
        : call(checkEngine, { params: { id: engine.id }, body: {} }),
  });
