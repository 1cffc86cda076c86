'use client';
import {
  catalogPage,
  catalogTree,
  compareRows,
  compareVersions,
  grantCandidates,
  type SecurableKind,
  schemaPage,
  securableGrants,
  setComment,
  tableDetail,
  tableHistory,
  tableLineage,
  tablePage,
  volumeFiles,
  volumePage,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '@/lib/api';

/** All begin with `catalog`: a push of a change in the catalog makes them old together. */
export const catalogKeys = {
  all: ['catalog'] as const,
  tree: ['catalog', 'tree'] as const,
  page: (kind: SecurableKind, fullName: string) => ['catalog', kind, fullName] as const,
  part: (kind: SecurableKind, fullName: string, part: string) => ['catalog', kind, fullName, part] as const,
};

export const useCatalogTree = () =>
  useQuery({ queryKey: catalogKeys.tree, queryFn: ({ signal }) => call(catalogTree, { signal }) });

export const useCatalogPage = (name: string) =>
  useQuery({
    queryKey: catalogKeys.page('catalog', name),
    queryFn: ({ signal }) => call(catalogPage, { params: { name }, signal }),
  });

export const useSchemaPage = (fullName: string) =>
  useQuery({
    queryKey: catalogKeys.page('schema', fullName),
    queryFn: ({ signal }) => call(schemaPage, { params: { fullName }, signal }),
  });

export const useTablePage = (fullName: string) =>
  useQuery({
    queryKey: catalogKeys.page('table', fullName),
    queryFn: ({ signal }) => call(tablePage, { params: { fullName }, signal }),
  });

export const useTableHistory = (fullName: string) =>
  useQuery({
    queryKey: catalogKeys.part('table', fullName, 'history'),
    queryFn: ({ signal }) => call(tableHistory, { params: { fullName }, query: { limit: '500' }, signal }),
  });

export const useTableDetail = (fullName: string, enabled = true) =>
  useQuery({
    enabled,
    queryKey: catalogKeys.part('table', fullName, 'detail'),
    queryFn: ({ signal }) => call(tableDetail, { params: { fullName }, signal }),
  });

// Versions never change: an answer stays true.
/** A table by its id, and its name as the API takes it: a name may come to mean another table. */
export interface TableKey {
  id: string;
  fullName: string;
}
const settled = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;
const versionsOf = (from: number, to: number) => ({ from: String(from), to: String(to) });

/** What differs from one version of a table to another, by its log. */
export const useComparison = ({ id, fullName }: TableKey, from: number, to: number) =>
  useQuery({
    ...settled,
    queryKey: ['table-compare', id, from, to],
    queryFn: ({ signal }) => call(compareVersions, { params: { fullName }, query: versionsOf(from, to), signal }),
  });

export const useRowChanges = ({ id, fullName }: TableKey, from: number, to: number) =>
  useQuery({
    ...settled,
    queryKey: ['table-compare', id, from, to, 'rows'],
    queryFn: ({ signal }) => call(compareRows, { params: { fullName }, query: versionsOf(from, to), signal }),
  });

export const useTableLineage = (fullName: string) =>
  useQuery({
    queryKey: catalogKeys.part('table', fullName, 'lineage'),
    queryFn: ({ signal }) => call(tableLineage, { params: { fullName }, signal }),
  });

export const useVolumePage = (fullName: string) =>
  useQuery({
    queryKey: catalogKeys.page('volume', fullName),
    queryFn: ({ signal }) => call(volumePage, { params: { fullName }, signal }),
  });

/** All files and folders of one folder of a volume (pages of the listing joined). */
export const useVolumeFiles = (fullName: string, folder: string, enabled: boolean) =>
  useQuery({
    queryKey: [...catalogKeys.part('volume', fullName, 'files'), folder],
    enabled,
    queryFn: async ({ signal }) => {
      const contents = [];
      let pageToken: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof call<typeof volumeFiles>>> = await call(volumeFiles, {
          params: { fullName },
          query: { ...(folder ? { folder } : {}), ...(pageToken ? { pageToken } : {}) },
          signal,
        });
        contents.push(...page.contents);
        pageToken = page.nextPageToken;
      } while (pageToken);
      return contents;
    },
  });

export const useGrants = (kind: SecurableKind, fullName: string) =>
  useQuery({
    queryKey: catalogKeys.part(kind, fullName, 'grants'),
    queryFn: ({ signal }) => call(securableGrants, { query: { kind, fullName }, signal }),
  });

export const useGrantCandidates = () =>
  useQuery({
    queryKey: ['members', 'principals'],
    queryFn: ({ signal }) => call(grantCandidates, { query: { includeAll: 'true' }, signal }),
  });

export function useSetComment(kind: SecurableKind, fullName: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (comment: string | null) => call(setComment, { body: { kind, fullName, comment } }),
    onSettled: () => cache.invalidateQueries({ queryKey: catalogKeys.all }),
  });
}
