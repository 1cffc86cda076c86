'use client';
import { getMe, getState, type Me } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { call } from '@/lib/api';

export const sessionKeys = { me: ['me'] as const, state: ['state'] as const };

/** The signed-in person; fails with 401 where nobody is. */
export const useMe = () =>
  useQuery({ queryKey: sessionKeys.me, queryFn: ({ signal }) => call(getMe, { signal }), staleTime: 60_000 });

/** Whether the workspace is set up and somebody is signed in. */
export const useServerState = () =>
  useQuery({ queryKey: sessionKeys.state, queryFn: ({ signal }) => call(getState, { signal }), staleTime: 0 });

export type { Me };
