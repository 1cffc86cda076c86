'use client';
import { type Me, MemberRole, type MemberView } from '@boathouse/contracts';
import { Mail, Trash2, UserPlus, Users, X } from 'lucide-react';
import { useState } from 'react';
import { Avatar } from '@/components/avatar';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Select } from '@/components/field';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { InviteDialog } from './invite-dialog';
import { useInvites, useMemberActions, useMembers } from './use-members';

export const roleWords: Record<MemberRole, string> = { admin: 'Administrator', member: 'Member' };

/** People of the workspace, and who was asked to join. Only administrators change anything here. */
export function MembersTab({ me }: { me: Me }) {
  const isAdmin = me.role === 'admin';
  const members = useMembers();
  const invites = useInvites(isAdmin);
  const { changeRole, remove, revoke } = useMemberActions();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<MemberView | null>(null);

  return (
    <div className="flex flex-col gap-6">
      {isAdmin ? null : (
        <p className="text-muted text-sm">
          Ask an administrator (
          {members.data?.members
            .filter((one) => one.role === 'admin')
            .map((one) => one.name)
            .join(', ')}
          ) to invite somebody or to change a role.
        </p>
      )}
      <DataList
        label="Members"
        rows={members.data?.members}
        rowKey={(member) => member.userId}
        searchText={(member) => `${member.name} ${member.email}`}
        error={members.error}
        onRetry={() => void members.refetch()}
        actions={
          isAdmin ? (
            <Button kind="primary" icon={UserPlus} onClick={() => setInviting(true)}>
              Invite
            </Button>
          ) : null
        }
        columns={[
          {
            key: 'name',
            title: 'Name',
            sort: (member) => member.name,
            cell: (member) => (
              <span className="inline-flex max-w-full items-center gap-2 align-middle" title={member.name}>
                <Avatar id={member.userId} name={member.name} />
                <span className="truncate">
                  {member.name}
                  {member.userId === me.userId ? <span className="text-muted"> (you)</span> : null}
                </span>
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
              isAdmin ? (
                <Select
                  aria-label={`Role of ${member.name}`}
                  value={member.role}
                  disabled={changeRole.isPending}
                  onChange={(event) => {
                    const role = MemberRole.parse(event.target.value);
                    changeRole.mutate(
                      { userId: member.userId, role },
                      { onSuccess: () => toast.done(`${member.name} is ${roleWords[role].toLowerCase()} now.`) },
                    );
                  }}
                >
                  {MemberRole.options.map((role) => (
                    <option key={role} value={role}>
                      {roleWords[role]}
                    </option>
                  ))}
                </Select>
              ) : (
                roleWords[member.role]
              ),
          },
          {
            key: 'joined',
            title: 'Joined',
            width: '150px',
            sort: (member) => member.joinedAtMs,
            cell: (member) => <RelativeTime atMs={member.joinedAtMs} />,
          },
          ...(isAdmin
            ? [
                {
                  key: 'remove',
                  title: '',
                  width: '48px',
                  cell: (member: MemberView) =>
                    member.userId === me.userId ? null : (
                      <IconButton
                        icon={Trash2}
                        label={`Remove ${member.name}`}
                        onClick={() => {
                          remove.reset();
                          setRemoving(member);
                        }}
                      />
                    ),
                },
              ]
            : []),
        ]}
        empty={{ icon: Users, title: 'Nobody is here' }}
      />
      {isAdmin ? (
        <section aria-labelledby="open-invitations">
          <h2 id="open-invitations" className="mb-2 text-sm">
            Open invitations
          </h2>
          <DataList
            label="Open invitations"
            rows={invites.data?.invites}
            rowKey={(invite) => invite.id}
            error={invites.error}
            onRetry={() => void invites.refetch()}
            columns={[
              { key: 'email', title: 'E-mail', sort: (invite) => invite.email, cell: (invite) => invite.email },
              { key: 'role', title: 'Role', width: '140px', cell: (invite) => roleWords[invite.role] },
              { key: 'by', title: 'Invited by', width: '180px', cell: (invite) => invite.invitedByName },
              {
                key: 'expires',
                title: 'Valid until',
                width: '150px',
                sort: (invite) => invite.expiresAtMs,
                cell: (invite) => <RelativeTime atMs={invite.expiresAtMs} />,
              },
              {
                key: 'revoke',
                title: '',
                width: '48px',
                cell: (invite) => (
                  <IconButton
                    icon={X}
                    label={`Revoke the invitation of ${invite.email}`}
                    busy={revoke.isPending && revoke.variables === invite.id}
                    onClick={() =>
                      revoke.mutate(invite.id, {
                        onSuccess: () => toast.done(`The invitation of ${invite.email} is not valid any more.`),
                      })
                    }
                  />
                ),
              },
            ]}
            empty={{
              icon: Mail,
              title: 'No open invitations',
              text: 'An invitation is a link that you send yourself. It is valid for seven days.',
            }}
          />
        </section>
      ) : null}
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {removing ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={`Remove ${removing.name}?`}
          description={`${removing.email} is signed out at once and their tokens stop working. Notebooks, dashboards and tables of theirs stay.`}
          actions={
            <>
              <Button onClick={() => setRemoving(null)}>Cancel</Button>
              <Button
                kind="danger"
                icon={Trash2}
                busy={remove.isPending}
                onClick={() =>
                  remove.mutate(removing.userId, {
                    onSuccess: () => {
                      toast.done(`Removed ${removing.name}.`);
                      setRemoving(null);
                    },
                  })
                }
              >
                Remove member
              </Button>
            </>
          }
        >
          {remove.error ? <ErrorState error={remove.error} /> : null}
        </Dialog>
      ) : null}
    </div>
  );
}
