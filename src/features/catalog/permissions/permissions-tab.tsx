'use client';
import { changeGrants, type Grant, type SecurableKind } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, ShieldCheck, X } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { catalogHref } from '../names';
import { catalogKeys, useGrantCandidates, useGrants } from '../use-catalog';
import { GrantDialog } from './grant-dialog';

/** `catalog main` → its page. What a grant is inherited from is told as `kind name`. */
function sourceHref(from: string): string | null {
  const name = from.slice(from.indexOf(' ') + 1);
  return /^[\w.]+$/.test(name) && name !== 'metastore' ? catalogHref(name.split('.')) : null;
}

/** Grants in force: made here, or inherited from what it lies in. Who may not manage sees their own and whom to ask. */
export function PermissionsTab({ kind, fullName }: { kind: SecurableKind; fullName: string }) {
  const cache = useQueryClient();
  const grants = useGrants(kind, fullName);
  const people = useGrantCandidates();
  const [granting, setGranting] = useState(false);
  const nameOf = (principal: string) =>
    people.data?.principals.find((one) => one.principal === principal)?.name ?? principal;
  const change = useMutation({
    mutationFn: ({ grant, what }: { grant: Grant; what: 'add' | 'remove' }) =>
      call(changeGrants, {
        body: { kind, fullName, changes: [{ principal: grant.principal, [what]: [grant.privilege] }] },
      }),
    onSuccess: (data, { grant, what }) => {
      cache.setQueryData(catalogKeys.part(kind, fullName, 'grants'), data);
      if (what === 'remove')
        toast.done(`Revoked ${grant.privilege} from ${nameOf(grant.principal)}.`, {
          label: 'Undo',
          run: () => change.mutate({ grant, what: 'add' }),
        });
    },
    onError: toast.error,
  });
  const data = grants.data;
  const grant = data?.mayManage ? (
    <Button kind="primary" icon={KeyRound} onClick={() => setGranting(true)}>
      Grant
    </Button>
  ) : null;
  return (
    <>
      {data ? (
        <p className="mb-3 flex flex-wrap items-center gap-x-1.5 text-muted text-sm">
          {data.owner ? (
            <>
              <ShieldCheck aria-hidden className="size-4" />
              <span>
                <strong className="font-medium text-text">{data.owner}</strong> owns it and may do everything, as may
                the administrators.
              </span>
            </>
          ) : null}
          {data.mayManage ? null : <span>Only your own grants are listed. {data.ask}</span>}
        </p>
      ) : null}
      <DataList
        label="Grants"
        rows={data?.grants}
        rowKey={(row) => `${row.principal} ${row.privilege} ${row.inheritedFrom ?? ''}`}
        searchText={(row) => `${nameOf(row.principal)} ${row.principal} ${row.privilege}`}
        error={grants.error}
        onRetry={() => void grants.refetch()}
        actions={grant}
        initialSort={{ key: 'principal', descending: false }}
        columns={[
          {
            key: 'principal',
            title: 'Who',
            sort: (row) => nameOf(row.principal),
            cell: (row) => (
              <span title={row.principal}>
                {nameOf(row.principal)}{' '}
                {nameOf(row.principal) === row.principal ? null : <span className="text-muted">{row.principal}</span>}
              </span>
            ),
          },
          {
            key: 'privilege',
            title: 'Privilege',
            width: '180px',
            sort: (row) => row.privilege,
            cell: (row) => <code className="text-xs">{row.privilege}</code>,
          },
          {
            key: 'from',
            title: 'Granted on',
            width: '260px',
            sort: (row) => row.inheritedFrom ?? '',
            cell: (row) => {
              if (!row.inheritedFrom) return <span className="text-muted">here</span>;
              const href = sourceHref(row.inheritedFrom);
              return (
                <Pill title="Inherited: revoke it there">
                  {href ? (
                    <Link href={`${href}?tab=permissions`} className="hover:underline">
                      {row.inheritedFrom}
                    </Link>
                  ) : (
                    row.inheritedFrom
                  )}
                </Pill>
              );
            },
          },
          {
            key: 'revoke',
            title: '',
            width: '48px',
            cell: (row) =>
              data?.mayManage && !row.inheritedFrom ? (
                <IconButton
                  icon={X}
                  label={`Revoke ${row.privilege} from ${nameOf(row.principal)}`}
                  disabled={change.isPending}
                  onClick={() => change.mutate({ grant: row, what: 'remove' })}
                />
              ) : null,
          },
        ]}
        empty={{
          icon: KeyRound,
          title: data?.mayManage === false ? 'You hold no grant here' : 'No grants yet',
          text: data?.mayManage === false ? data.ask : 'Only the owner and the administrators may use it.',
          action: grant,
        }}
      />
      {granting && data ? (
        <GrantDialog
          grants={data}
          people={people.data?.principals ?? []}
          onClose={() => setGranting(false)}
          onChanged={(next) => cache.setQueryData(catalogKeys.part(kind, fullName, 'grants'), next)}
        />
      ) : null}
    </>
  );
}
