'use client';
import { createOwnToken, listOwnTokens, revokeOwnToken } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '@/lib/api';

export const tokenKeys = ['tokens'] as const;

export const useTokens = () =>
  useQuery({ queryKey: tokenKeys, queryFn: ({ signal }) => call(listOwnTokens, { signal }) });

export function useTokenActions() {
  const cache = useQueryClient();
  const settle = () => cache.invalidateQueries({ queryKey: tokenKeys });
  const create = useMutation({
    mutationFn: (body: { comment: string; lifetimeSeconds?: number }) => call(createOwnToken, { body }),
    onSettled: settle,
  });
  const revoke = useMutation({
    mutationFn: (tokenId: string) => call(revokeOwnToken, { params: { tokenId } }),
    onSettled: settle,
  });
  return { create, revoke };
}
