'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '@/components/button';
import { Field, Input } from '@/components/field';
import { signIn } from './auth';
import { GateCard } from './gate-card';
import { useServerState } from './use-session';

/** Only a path of ours: a link must not send people elsewhere after they signed in. */
const safeNext = (next: string | null): string => (next && /^\/(?![/\\])/.test(next) ? next : '/');

export function SignInPage() {
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const cache = useQueryClient();
  const state = useServerState();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (state.data && !state.data.setUp) router.replace('/setup');
    else if (state.data?.signedIn) router.replace(next);
  }, [state.data, router, next]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get('email')), String(form.get('password')));
      cache.clear();
      router.replace(next);
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };

  return (
    <GateCard title="Sign in" text={state.data?.workspaceName ? `to ${state.data.workspaceName}` : undefined}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="E-mail">
          {(ids) => <Input {...ids} large name="email" type="email" autoComplete="username" required autoFocus />}
        </Field>
        <Field label="Password">
          {(ids) => <Input {...ids} large name="password" type="password" autoComplete="current-password" required />}
        </Field>
        {error ? (
          <p role="alert" className="rounded-control bg-red-soft px-2.5 py-1.5 text-red text-sm">
            {error}
          </p>
        ) : null}
        <Button type="submit" kind="primary" size="large" busy={busy} className="mt-1">
          Sign in
        </Button>
        <p className="text-muted text-xs">No account? Ask an administrator of the workspace for an invitation.</p>
      </form>
    </GateCard>
  );
}
