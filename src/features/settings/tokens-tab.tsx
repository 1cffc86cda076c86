'use client';
import type { TokenView } from '@boathouse/contracts';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { useTokenActions, useTokens } from './use-tokens';

const dayS = 86_400;
const lifetimes = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'One year' },
  { days: 0, label: 'No end' },
];

/** Tokens with which programs act as their owner. A token is shown once. */
export function TokensTab() {
  const tokens = useTokens();
  const { revoke } = useTokenActions();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  const nameOf = (token: TokenView) => token.comment || 'Token without a comment';
  return (
    <>
      <p className="mb-3 text-muted text-sm">
        A program that sends a token acts with your rights: in the SDKs of Databricks, in the command line, or as{' '}
        <code className="text-xs">Authorization: Bearer …</code>
      </p>
      <DataList
        label="Access tokens"
        rows={tokens.data?.tokens}
        rowKey={(token) => token.id}
        error={tokens.error}
        onRetry={() => void tokens.refetch()}
        actions={tokens.data?.tokens.length ? add : null}
        columns={[
          { key: 'comment', title: 'What for', sort: (token) => token.comment, cell: (token) => nameOf(token) },
          {
            key: 'created',
            title: 'Created',
            width: '160px',
            sort: (token) => token.createdAtMs,
            cell: (token) => <RelativeTime atMs={token.createdAtMs} />,
          },
          {
            key: 'used',
            title: 'Last used',
            width: '160px',
            sort: (token) => token.lastUsedAtMs ?? 0,
            cell: (token) =>
              token.lastUsedAtMs === null ? (
                <span className="text-muted">never</span>
              ) : (
                <RelativeTime atMs={token.lastUsedAtMs} />
              ),
          },
          {
            key: 'expires',
            title: 'Ends',
            width: '160px',
            sort: (token) => token.expiresAtMs ?? Number.MAX_SAFE_INTEGER,
            cell: (token) =>
              token.expiresAtMs === null ? (
                <span className="text-muted">no end</span>
              ) : (
                <RelativeTime atMs={token.expiresAtMs} />
              ),
          },
          {
            key: 'revoke',
            title: '',
            width: '48px',
            cell: (token) => (
              <IconButton
                icon={Trash2}
                label={`Revoke ${nameOf(token)}`}
                onClick={() => {
                  revoke.reset();
                  setRevoking(token);
                }}
              />
            ),
          },
        ]}
        empty={{
          icon: KeyRound,
          title: 'No access tokens',
          text: 'Make one for each program, so that you can take it away from that program alone.',
          action: add,
        }}
      />
      {creating ? <CreateTokenDialog onClose={() => setCreating(false)} /> : null}
      {revoking ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setRevoking(null)}
          title={`Revoke ${nameOf(revoking)}?`}
          description="Programs that use it are refused from now on. This cannot be undone."
          actions={
            <>
              <Button onClick={() => setRevoking(null)}>Cancel</Button>
              <Button
                kind="danger"
                icon={Trash2}
                busy={revoke.isPending}
                onClick={() =>
                  revoke.mutate(revoking.id, {
                    onSuccess: () => {
                      toast.done(`Revoked ${nameOf(revoking)}.`);
                      setRevoking(null);
                    },
                  })
                }
              >
                Revoke token
              </Button>
            </>
          }
        >
          {revoke.error ? <ErrorState error={revoke.error} /> : null}
        </Dialog>
      ) : null}
    </>
  );
}

function CreateTokenDialog({ onClose }: { onClose: () => void }) {
  const { create } = useTokenActions();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get('days'));
    create.mutate({
      comment: String(form.get('comment')),
      ...(days > 0 ? { lifetimeSeconds: days * dayS } : {}),
    });
  };
  if (create.data)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title="Copy your token"
        description="It is shown only now. Keep it as you keep a password."
        actions={<Button onClick={onClose}>Done</Button>}
      >
        <div className="pb-2">
          <CopyField label="Access token" value={create.data.token} />
        </div>
      </Dialog>
    );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New access token">
      <form onSubmit={submit} className="flex flex-col gap-3 pb-3">
        <Field label="What for" hint="The program or machine that will use it.">
          {(ids) => <Input {...ids} large name="comment" required maxLength={500} autoFocus />}
        </Field>
        <Field label="Ends after">
          {(ids) => (
            <Select {...ids} large name="days" defaultValue="90">
              {lifetimes.map((one) => (
                <option key={one.days} value={one.days}>
                  {one.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {create.error ? <ErrorState error={create.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create token
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
