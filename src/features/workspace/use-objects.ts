'use client';
import { createObject, deleteObject, listObjects, listRecent, updateObject } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '@/lib/api';

export const objectKeys = { folder: (path: string) => ['objects', path] as const, recent: ['recent'] as const };

export const useFolder = (path: string) =>
  useQuery({
    queryKey: objectKeys.folder(path),
    queryFn: ({ signal }) => call(listObjects, { query: { path }, signal }),
  });

export const useRecent = () =>
  useQuery({
    queryKey: objectKeys.recent,
    queryFn: ({ signal }) => call(listRecent, { query: { limit: '12' }, signal }),
  });

/** Creating, renaming, moving and deleting; lists follow by themselves. */
export function useObjectActions() {
  const cache = useQueryClient();
  const settle = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: ['objects'] }),
      cache.invalidateQueries({ queryKey: objectKeys.recent }),
    ]);
  const create = useMutation({
    mutationFn: (body: {
      kind: 'directory' | 'notebook' | 'dashboard';
      name: string;
      parentPath?: string;
      makeUnique?: boolean;
    }) => call(createObject, { body }),
    onSettled: settle,
  });
  const update = useMutation({
    mutationFn: ({ id, ...body }: { id: string; name?: string; parentPath?: string }) =>
      call(updateObject, { params: { objectId: id }, body }),
    onSettled: settle,
  });
  const remove = useMutation({
    mutationFn: ({ id, recursive }: { id: string; recursive: boolean }) =>
      call(deleteObject, { params: { objectId: id }, query: recursive ? { recursive: 'true' } : {} }),
    onSettled: settle,
  });
  return { create, update, remove };
}
