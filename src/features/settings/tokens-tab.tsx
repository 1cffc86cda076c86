'use client';
import { createOwnToken, listOwnTokens, revokeOwnToken, type TokenView } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { RelativeTime } from '@/components/relative-time';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

const lifetimes = [
  { label: '30 days', seconds: 30 * 86_400 },
  { label: '90 days', seconds: 90 * 86_400 },
  { label: 'One year', seconds: 365 * 86_400 },
];

export function TokensTab() {
  const cache = useQueryClient();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => call(listOwnTokens, { signal }) });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const revoke = useMutation({
    mutationFn: (tokenId: string) => call(revokeOwnToken, { params: { tokenId } }),
    onError: toast.error,
    onSettled: () => cache.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const create = (
    <Button kind="primary" icon={Plus} onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  return (
    <>
      <DataList
        label="Access tokens"
        rows={tokens.data?.tokens}
        rowKey={(token) => token.id}
        error={tokens.error}
        onRetry={() => void tokens.refetch()}
        actions={tokens.data?.tokens.length ? create : null}
        empty={{
          icon: KeyRound,
          title: 'No tokens',
          text: 'A token lets the command line, the Databricks SDK and other clients act as you.',
          action: create,
        }}
        columns={[
          {
            key: 'comment',
            title: 'What for',
            sort: (token) => token.comment,
            cell: (token) => token.comment || 'No comment',
          },
          {
            key: 'created',
            title: 'Created',
            width: '150px',
            sort: (token) => token.createdAtMs,
            cell: (token) => <RelativeTime atMs={token.createdAtMs} />,
          },
          {
            key: 'used',
            title: 'Last used',
            width: '150px',
            sort: (token) => token.lastUsedAtMs ?? 0,
            cell: (token) => (token.lastUsedAtMs ? <RelativeTime atMs={token.lastUsedAtMs} /> : 'Never'),
          },
          {
            key: 'expires',
            title: 'Valid until',
            width: '150px',
            sort: (token) => token.expiresAtMs ?? Number.MAX_SAFE_INTEGER,
            cell: (token) => (token.expiresAtMs ? <RelativeTime atMs={token.expiresAtMs} /> : 'It is revoked'),
          },
          {
            key: 'revoke',
            title: '',
            width: '44px',
            cell: (token) => (
              <IconButton
                icon={Trash2}
                label={`Revoke ${token.comment || 'the token'}`}
                onClick={() => setRevoking(token)}
              />
            ),
          },
        ]}
      />
      {creating ? <TokenDialog onClose={() => setCreating(false)} /> : null}
      {revoking ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setRevoking(null)}
          title={`Revoke ${revoking.comment || 'the token'}?`}
          description="Whatever uses it is refused from now on. It cannot be brought back."
          actions={
            <>
              <Button onClick={() => setRevoking(null)}>Cancel</Button>
              <Button
                kind="danger"
                busy={revoke.isPending}
                onClick={() => revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
              >
                Revoke token
              </Button>
            </>
          }
        />
      ) : null}
    </>
  );
}

function TokenDialog({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const create = useMutation({
    mutationFn: (body: { comment: string; lifetimeSeconds?: number }) => call(createOwnToken, { body }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const seconds = Number(form.get('lifetime'));
    create.mutate({ comment: String(form.get('comment')), ...(seconds ? { lifetimeSeconds: seconds } : {}) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New access token"
      description={create.data ? 'Copy it now: it is not shown again.' : 'It acts with your rights.'}
    >
      {create.data ? (
        <div className="flex flex-col gap-3 pb-3">
          <CopyField label="Token" value={create.data.token} />
          <div className="flex justify-end">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-3 pb-3">
          <Field label="What for" error={create.error?.message ?? null}>
            {(ids) => (
              <Input
                {...ids}
                large
                name="comment"
                required
                maxLength={500}
                placeholder="Command line on my laptop"
                autoFocus
              />
            )}
          </Field>
          <Field label="Valid for">
            {(ids) => (
              <Select {...ids} large name="lifetime" defaultValue={lifetimes[1]!.seconds}>
                {lifetimes.map((one) => (
                  <option key={one.seconds} value={one.seconds}>
                    {one.label}
                  </option>
                ))}
                <option value="0">Until it is revoked</option>
              </Select>
            )}
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="primary" busy={create.isPending}>
              Create token
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
