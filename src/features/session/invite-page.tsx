'use client';
import { acceptInvitation, type InvitationView, lookUpInvitation } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '@/components/button';
import { Field, Input } from '@/components/field';
import { ErrorState, SkeletonRows } from '@/components/states';
import { call } from '@/lib/api';
import { GateCard } from './gate-card';

/** Accepting an invitation. Its token stands after '#', which browsers send to no server. */
export function InvitePage() {
  const router = useRouter();
  const cache = useQueryClient();
  const [token, setToken] = useState<string | null>(null);
  const [invitation, setInvitation] = useState<InvitationView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    const given = location.hash.slice(1);
    setToken(given);
    call(lookUpInvitation, { body: { token: given || '-' } }).then(setInvitation, setProblem);
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await call(acceptInvitation, {
        body: { token: token ?? '', name: String(form.get('name')), password: String(form.get('password')) },
      });
      cache.clear();
      router.replace('/');
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };

  if (problem) {
    return (
      <GateCard title="This invitation does not work">
        <ErrorState error={problem} />
      </GateCard>
    );
  }
  if (!invitation) {
    return (
      <GateCard title="Invitation">
        <SkeletonRows rows={3} />
      </GateCard>
    );
  }
  return (
    <GateCard
      title={`Join ${invitation.workspaceName}`}
      text={`${invitation.invitedByName} invited ${invitation.email}.`}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <input type="hidden" name="username" autoComplete="username" value={invitation.email} readOnly />
        <Field label="Your name">
          {(ids) => <Input {...ids} large name="name" autoComplete="name" required maxLength={200} autoFocus />}
        </Field>
        <Field label="Password" hint="8 characters or more">
          {(ids) => (
            <Input
              {...ids}
              large
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={8}
              maxLength={128}
            />
          )}
        </Field>
        {error ? (
          <p role="alert" className="rounded-control bg-red-soft px-2.5 py-1.5 text-red text-sm">
            {error}
          </p>
        ) : null}
        <Button type="submit" kind="primary" size="large" busy={busy} className="mt-1">
          Join workspace
        </Button>
      </form>
    </GateCard>
  );
}
