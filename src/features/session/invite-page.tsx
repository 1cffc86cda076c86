'use client';
import { acceptInvitation, type InvitationView, lookUpInvitation } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { ErrorState, SkeletonRows } from '@/components/states';
import { call } from '@/lib/api';
import { GateCard } from './gate-card';
import { GateForm, NameField, NewPasswordField } from './gate-form';

/** Accepting an invitation. Its token stands after '#', which browsers send to no server. */
export function InvitePage() {
  const router = useRouter();
  const cache = useQueryClient();
  const [token, setToken] = useState<string | null>(null);
  const [invitation, setInvitation] = useState<InvitationView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);

  useEffect(() => {
    const given = location.hash.slice(1);
    setToken(given);
    call(lookUpInvitation, { body: { token: given || '-' } }).then(setInvitation, setProblem);
  }, []);

  const submit = async (value: (name: string) => string) => {
    await call(acceptInvitation, {
      body: { token: token ?? '', name: value('name'), password: value('password') },
    });
    cache.clear();
    router.replace('/');
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
      <GateForm action="Join workspace" submit={submit}>
        <input type="hidden" name="username" autoComplete="username" value={invitation.email} readOnly />
        <NameField />
        <NewPasswordField />
      </GateForm>
    </GateCard>
  );
}
