'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { signIn } from './auth';
import { GateCard } from './gate-card';
import { GateField, GateForm } from './gate-form';
import { useServerState } from './use-session';

/** Only a path of ours: a link must not send people elsewhere after they signed in. */
const safeNext = (next: string | null): string => (next && /^\/(?![/\\])/.test(next) ? next : '/');

export function SignInPage() {
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const cache = useQueryClient();
  const state = useServerState();

  useEffect(() => {
    if (state.data && !state.data.setUp) router.replace('/setup');
    else if (state.data?.signedIn) router.replace(next);
  }, [state.data, router, next]);

  const submit = async (value: (name: string) => string) => {
    await signIn(value('email'), value('password'));
    cache.clear();
    router.replace(next);
  };

  return (
    <GateCard title="Sign in" text={state.data?.workspaceName ? `to ${state.data.workspaceName}` : undefined}>
      <GateForm
        action="Sign in"
        submit={submit}
        note="No account? Ask an administrator of the workspace for an invitation."
      >
        <GateField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <GateField label="Password" name="password" type="password" autoComplete="current-password" required />
      </GateForm>
    </GateCard>
  );
}
