'use client';
import { setUp } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { call } from '@/lib/api';
import { GateCard } from './gate-card';
import { GateField, GateForm, NameField, NewPasswordField } from './gate-form';
import { useServerState } from './use-session';

export function SetupPage() {
  const router = useRouter();
  const cache = useQueryClient();
  const state = useServerState();
  // Who sets up goes home by their own answer, not by the state that it changes.
  const settingUp = useRef(false);

  useEffect(() => {
    if (state.data?.setUp && !settingUp.current) router.replace(state.data.signedIn ? '/' : '/sign-in');
  }, [state.data, router]);

  const submit = async (value: (name: string) => string) => {
    const workspaceName = value('workspaceName').trim();
    settingUp.current = true;
    try {
      await call(setUp, {
        body: {
          name: value('name'),
          email: value('email'),
          password: value('password'),
          ...(workspaceName ? { workspaceName } : {}),
        },
      });
    } catch (error) {
      settingUp.current = false;
      throw error;
    }
    cache.clear();
    router.replace('/');
  };

  return (
    <GateCard
      title="Welcome to Boathouse"
      text="Create the first account. It administers the workspace and can invite others."
    >
      <GateForm action="Create workspace" submit={submit}>
        <NameField />
        <GateField label="E-mail" name="email" type="email" autoComplete="username" required />
        <NewPasswordField />
        <GateField
          label="Workspace name"
          name="workspaceName"
          hint="May be left empty"
          maxLength={200}
          placeholder="Analytics"
        />
      </GateForm>
    </GateCard>
  );
}
