'use client';
import {
  createInvite,
  listInvites,
  listMembers,
  type MemberRole,
  removeMember,
  revokeInvite,
  updateMember,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

export const memberKeys = { all: ['members'] as const, invites: ['members', 'invites'] as const };

export const useMembers = () =>
  useQuery({ queryKey: memberKeys.all, queryFn: ({ signal }) => call(listMembers, { signal }) });

/** Open invitations; only administrators may see them. */
export const useInvites = (enabled: boolean) =>
  useQuery({ queryKey: memberKeys.invites, enabled, queryFn: ({ signal }) => call(listInvites, { signal }) });

export function useMemberActions() {
  const cache = useQueryClient();
  const settle = () => cache.invalidateQueries({ queryKey: memberKeys.all });
  const changeRole = useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: MemberRole }) =>
      call(updateMember, { params: { userId }, body: { role } }),
    onSettled: settle,
    onError: toast.error,
  });
  const remove = useMutation({
    mutationFn: (userId: string) => call(removeMember, { params: { userId } }),
    onSettled: settle,
  });
  const invite = useMutation({
    mutationFn: (body: { email: string; role: MemberRole }) => call(createInvite, { body }),
    onSettled: settle,
  });
  const revoke = useMutation({
    mutationFn: (inviteId: string) => call(revokeInvite, { params: { inviteId } }),
    onSettled: settle,
    onError: toast.error,
  });
  return { changeRole, remove, invite, revoke };
}
