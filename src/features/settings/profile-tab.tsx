'use client';
import { updateMe } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '@/components/button';
import { Field, Input, Select } from '@/components/field';
import { Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { type ThemeChoice, useTheme } from '@/lib/theme';
import { sessionKeys, useMe } from '../session/use-session';

export function ProfileTab() {
  const me = useMe().data;
  const cache = useQueryClient();
  const { choice, choose } = useTheme();
  const save = useMutation({
    mutationFn: (name: string) => call(updateMe, { body: { name } }),
    onSuccess: (data) => {
      cache.setQueryData(sessionKeys.me, data);
      toast.done('Name changed.');
    },
  });
  if (!me) return <Skeleton className="h-24 max-w-sm" />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(String(new FormData(event.currentTarget).get('name')));
  };
  return (
    <div className="flex max-w-sm flex-col gap-4">
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field label="Name" className="flex-1" error={save.error?.message ?? null}>
          {(ids) => <Input {...ids} large name="name" defaultValue={me.name} required maxLength={200} />}
        </Field>
        <Button type="submit" size="large" busy={save.isPending}>
          Save
        </Button>
      </form>
      <Field label="E-mail" hint="An administrator can invite you again under another address.">
        {(ids) => <Input {...ids} large value={me.email} readOnly />}
      </Field>
      <Field label="Theme">
        {(ids) => (
          <Select {...ids} large value={choice} onChange={(event) => choose(event.target.value as ThemeChoice)}>
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </Select>
        )}
      </Field>
    </div>
  );
}
