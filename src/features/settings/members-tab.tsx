'use client';
import {
  createInvite,
  type InviteView,
  listInvites,
  listMembers,
  MemberRole,
  type MemberView,
  removeMember,
  revokeInvite,
  updateMember,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2, UserPlus, Users } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Avatar } from '@/components/avatar';
import { Button, IconButton } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { RelativeTime } from '@/components/relative-time';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { useMe } from '../session/use-session';

const roles: Record<MemberRole, string> = { admin: 'Administrator', member: 'Member' };

export function MembersTab() {
  const me = useMe().data;
  const cache = useQueryClient();
  const admin = me?.role === 'admin';
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => call(listMembers, { signal }) });
  const invites = useQuery({
    queryKey: ['members', 'invites'],
    queryFn: ({ signal }) => call(listInvites, { signal }),
    enabled: admin,
  });
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<MemberView | null>(null);
  const settle = () => cache.invalidateQueries({ queryKey: ['members'] });
  const change = useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: MemberRole }) =>
      call(updateMember, { params: { userId }, body: { role } }),
    onError: toast.error,
    onSettled: settle,
  });
  const remove = useMutation({
    mutationFn: (userId: string) => call(removeMember, { params: { userId } }),
    onError: toast.error,
    onSettled: settle,
  });
  const revoke = useMutation({
    mutationFn: (inviteId: string) => call(revokeInvite, { params: { inviteId } }),
    onError: toast.error,
    onSettled: settle,
  });

  return (
    <div className="flex flex-col gap-8">
      <DataList
        label="Members"
        rows={members.data?.members}
        rowKey={(member) => member.userId}
        searchText={(member) => `${member.name} ${member.email}`}
        error={members.error}
        onRetry={() => void members.refetch()}
        actions={
          admin ? (
            <Button kind="primary" icon={UserPlus} onClick={() => setInviting(true)}>
              Invite
            </Button>
          ) : null
        }
        empty={{ icon: Users, title: 'Nobody here' }}
        columns={[
          {
            key: 'name',
            title: 'Name',
            sort: (member) => member.name.toLowerCase(),
            cell: (member) => (
              <span className="inline-flex items-center gap-2">
                <Avatar id={member.userId} name={member.name} />
                <span className="truncate">{member.name}</span>
                {member.userId === me?.userId ? <span className="text-muted text-xs">you</span> : null}
              </span>
            ),
          },
          { key: 'email', title: 'E-mail', sort: (member) => member.email, cell: (member) => member.email },
          {
            key: 'role',
            title: 'Role',
            width: '170px',
            sort: (member) => member.role,
            cell: (member) =>
              admin ? (
                <Select
                  aria-label={`Role of ${member.name}`}
                  className="w-36"
                  value={member.role}
                  onChange={(event) =>
                    change.mutate({ userId: member.userId, role: MemberRole.parse(event.target.value) })
                  }
                >
                  {MemberRole.options.map((role) => (
                    <option key={role} value={role}>
                      {roles[role]}
                    </option>
                  ))}
                </Select>
              ) : (
                roles[member.role]
              ),
          },
          {
            key: 'joined',
            title: 'Joined',
            width: '140px',
            sort: (member) => member.joinedAtMs,
            cell: (member) => <RelativeTime atMs={member.joinedAtMs} />,
          },
          {
            key: 'remove',
            title: '',
            width: '44px',
            cell: (member) =>
              admin && member.userId !== me?.userId ? (
                <IconButton icon={Trash2} label={`Remove ${member.name}`} onClick={() => setRemoving(member)} />
              ) : null,
          },
        ]}
      />
      {admin && invites.data && invites.data.invites.length > 0 ? (
        <section>
          <h2 className="mb-2 text-sm">Open invitations</h2>
          <DataList<InviteView>
            label="Invitations"
            rows={invites.data.invites}
            rowKey={(invite) => invite.id}
            empty={{ icon: Users, title: 'No open invitations' }}
            columns={[
              { key: 'email', title: 'E-mail', cell: (invite) => invite.email },
              { key: 'role', title: 'Role', cell: (invite) => roles[invite.role] },
              { key: 'by', title: 'Invited by', cell: (invite) => invite.invitedByName },
              { key: 'expires', title: 'Valid until', cell: (invite) => <RelativeTime atMs={invite.expiresAtMs} /> },
              {
                key: 'revoke',
                title: '',
                width: '44px',
                cell: (invite) => (
                  <IconButton
                    icon={Trash2}
                    label={`Revoke the invitation of ${invite.email}`}
                    onClick={() => revoke.mutate(invite.id)}
                  />
                ),
              },
            ]}
          />
        </section>
      ) : null}
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {removing ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={`Remove ${removing.name}?`}
          description="Their sessions and tokens end at once. Notebooks, dashboards and tables of theirs stay."
          actions={
            <>
              <Button onClick={() => setRemoving(null)}>Cancel</Button>
              <Button
                kind="danger"
                busy={remove.isPending}
                onClick={() => remove.mutate(removing.userId, { onSuccess: () => setRemoving(null) })}
              >
                Remove {removing.name}
              </Button>
            </>
          }
        />
      ) : null}
    </div>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [link, setLink] = useState<string | null>(null);
  const invite = useMutation({
    mutationFn: (body: { email: string; role: MemberRole }) => call(createInvite, { body }),
    onSuccess: (answer) => {
      setLink(answer.link);
      void cache.invalidateQueries({ queryKey: ['members'] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    invite.mutate({ email: String(form.get('email')), role: MemberRole.parse(form.get('role')) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Invite somebody"
      description={
        link
          ? 'Send this link. It works once, for seven days, and is not shown again.'
          : 'They get a link to join the workspace. Tables stay invisible to them until somebody grants them.'
      }
    >
      {link ? (
        <div className="flex flex-col gap-3 pb-3">
          <CopyField label="Invitation link" value={link} />
          <div className="flex justify-end">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-3 pb-3">
          <Field label="E-mail" error={invite.error?.message ?? null}>
            {(ids) => <Input {...ids} large name="email" type="email" required autoFocus />}
          </Field>
          <Field label="Role" hint="Administrators see and change everything">
            {(ids) => (
              <Select {...ids} large name="role" defaultValue="member">
                {MemberRole.options.map((role) => (
                  <option key={role} value={role}>
                    {roles[role]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="primary" busy={invite.isPending}>
              Create link
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
