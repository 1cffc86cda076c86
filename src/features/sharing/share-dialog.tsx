'use client';
import {
  type AccessLevel,
  deleteObjectGrant,
  listMembers,
  listObjectGrants,
  putObjectGrant,
} from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, X } from 'lucide-react';
import { useState } from 'react';
import { Avatar } from '@/components/avatar';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Select } from '@/components/field';
import { ErrorState, SkeletonRows } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

const levels: Record<AccessLevel, string> = {
  view: 'Can view',
  run: 'Can run',
  edit: 'Can edit',
  manage: 'Can manage',
};
const levelNames = Object.keys(levels) as AccessLevel[];

/** Who may view, run, edit or manage a notebook or dashboard. Tables need grants of their own, and the dialog says so. */
export function ShareDialog({ objectId, name, onClose }: { objectId: string; name: string; onClose: () => void }) {
  const cache = useQueryClient();
  const key = ['objects', 'grants', objectId];
  const grants = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(listObjectGrants, { params: { objectId }, signal }),
  });
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => call(listMembers, { signal }) });
  const [person, setPerson] = useState('');
  const [level, setLevel] = useState<AccessLevel>('view');
  const put = useMutation({
    mutationFn: ({ userId, to }: { userId: string; to: AccessLevel }) =>
      call(putObjectGrant, { params: { objectId, userId }, body: { level: to } }),
    onSuccess: (data) => cache.setQueryData(key, data),
    onError: toast.error,
  });
  const remove = useMutation({
    mutationFn: (userId: string) => call(deleteObjectGrant, { params: { objectId, userId } }),
    onSuccess: (data) => cache.setQueryData(key, data),
    onError: toast.error,
  });
  const shared = new Set(grants.data?.grants.map((grant) => grant.userId));
  const others = (members.data?.members ?? []).filter(
    (member) => member.userId !== grants.data?.ownerId && !shared.has(member.userId),
  );

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Share ${name}`}
      description="Outputs are shown only to people who may read the tables they were made from."
      actions={
        <>
          <Button
            icon={Link2}
            className="mr-auto"
            onClick={() => void navigator.clipboard.writeText(location.href).then(() => toast.done('Link copied.'))}
          >
            Copy link
          </Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <form
        className="flex items-end gap-2 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (person) put.mutate({ userId: person, to: level }, { onSuccess: () => setPerson('') });
        }}
      >
        <Field label="Person" className="min-w-0 flex-1">
          {(ids) => (
            <Select {...ids} value={person} onChange={(event) => setPerson(event.target.value)}>
              <option value="">{others.length ? 'Choose a member' : 'Everybody has it already'}</option>
              {others.map((member) => (
                <option key={member.userId} value={member.userId}>
                  {member.name} ({member.email})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Level" className="w-32">
          {(ids) => (
            <Select {...ids} value={level} onChange={(event) => setLevel(event.target.value as AccessLevel)}>
              {levelNames.map((one) => (
                <option key={one} value={one}>
                  {levels[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button type="submit" kind="primary" disabled={!person} busy={put.isPending}>
          Share
        </Button>
      </form>
      {grants.error ? (
        <ErrorState error={grants.error} onRetry={() => void grants.refetch()} />
      ) : !grants.data ? (
        <SkeletonRows rows={2} />
      ) : (
        <ul aria-label="People with access" className="pb-2">
          <li className="flex h-10 items-center gap-2.5 text-sm">
            <Avatar id={grants.data.ownerId} name={grants.data.ownerName} />
            <span className="flex-1 truncate">{grants.data.ownerName}</span>
            <span className="text-muted">Owner</span>
          </li>
          {grants.data.grants.map((grant) => (
            <li key={`${grant.userId}:${grant.inheritedFrom ?? ''}`} className="flex h-10 items-center gap-2.5 text-sm">
              <Avatar id={grant.userId} name={grant.name} />
              <span className="min-w-0 flex-1 truncate">
                {grant.name} <span className="text-muted">{grant.email}</span>
              </span>
              {grant.inheritedFrom ? (
                <span className="truncate text-muted text-xs">
                  {levels[grant.level]} · from {grant.inheritedFrom}
                </span>
              ) : (
                <>
                  <Select
                    aria-label={`Level of ${grant.name}`}
                    className="w-32"
                    value={grant.level}
                    onChange={(event) => put.mutate({ userId: grant.userId, to: event.target.value as AccessLevel })}
                  >
                    {levelNames.map((one) => (
                      <option key={one} value={one}>
                        {levels[one]}
                      </option>
                    ))}
                  </Select>
                  <IconButton
                    icon={X}
                    label={`Stop sharing with ${grant.name}`}
                    onClick={() => remove.mutate(grant.userId)}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
