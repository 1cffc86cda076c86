'use client';
import { setUp } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '@/components/button';
import { Field, Input } from '@/components/field';
import { call } from '@/lib/api';
import { GateCard } from './gate-card';
import { useServerState } from './use-session';

export function SetupPage() {
  const router = useRouter();
  const cache = useQueryClient();
  const state = useServerState();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (state.data?.setUp && !busy) router.replace(state.data.signedIn ? '/' : '/sign-in');
  }, [state.data, router, busy]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const workspaceName = String(form.get('workspaceName')).trim();
    setBusy(true);
    setError(null);
    try {
      await call(setUp, {
        body: {
          name: String(form.get('name')),
          email: String(form.get('email')),
          password: String(form.get('password')),
          ...(workspaceName ? { workspaceName } : {}),
        },
      });
      cache.clear();
      router.replace('/');
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };

  return (
    <GateCard
      title="Welcome to Boathouse"
      text="Create the first account. It administers the workspace and can invite others."
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Your name">
          {(ids) => <Input {...ids} large name="name" autoComplete="name" required maxLength={200} autoFocus />}
        </Field>
        <Field label="E-mail">
          {(ids) => <Input {...ids} large name="email" type="email" autoComplete="username" required />}
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
        <Field label="Workspace name" hint="May be left empty; you can change it later">
          {(ids) => <Input {...ids} large name="workspaceName" maxLength={200} placeholder="Analytics" />}
        </Field>
        {error ? (
          <p role="alert" className="rounded-control bg-red-soft px-2.5 py-1.5 text-red text-sm">
            {error}
          </p>
        ) : null}
        <Button type="submit" kind="primary" size="large" busy={busy} className="mt-1">
          Create workspace
        </Button>
      </form>
    </GateCard>
  );
}
