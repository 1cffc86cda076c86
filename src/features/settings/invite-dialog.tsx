'use client';
import { MemberRole } from '@boathouse/contracts';
import { type FormEvent, useState } from 'react';
import { Button } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { useMemberActions } from './use-members';

/** Asks whom to invite, then shows the link: once, for the server keeps only its hash. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { invite } = useMemberActions();
  const [role, setRole] = useState<MemberRole>('member');
  const made = invite.data;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate({ email: String(new FormData(event.currentTarget).get('email')), role });
  };
  if (made)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title={`Send this link to ${made.invite.email}`}
        description="Whoever opens it joins the workspace. It is valid for seven days and is shown only now."
        actions={
          <Button kind="default" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="pb-2">
          <CopyField label="Invitation link" value={made.link} />
        </div>
      </Dialog>
    );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Invite somebody">
      <form onSubmit={submit} className="flex flex-col gap-3 pb-3">
        <Field label="E-mail" error={invite.error?.message ?? null}>
          {(ids) => <Input {...ids} large name="email" type="email" required maxLength={320} autoFocus />}
        </Field>
        <Field
          label="Role"
          hint={
            role === 'admin'
              ? 'May do everything in the workspace, with all data.'
              : 'Sees what is shared with them and the tables that they are granted.'
          }
        >
          {(ids) => (
            <Select {...ids} large value={role} onChange={(event) => setRole(MemberRole.parse(event.target.value))}>
              <option value="member">Member</option>
              <option value="admin">Administrator</option>
            </Select>
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={invite.isPending}>
            Create invitation
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
