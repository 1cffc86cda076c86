'use client';
import { type Me, updateMe } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '@/components/button';
import { Field, Input, Select } from '@/components/field';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { type ThemeChoice, useTheme } from '@/lib/theme';
import { sessionKeys } from '../session/use-session';
import { roleWords } from './members-tab';

const themes: Record<ThemeChoice, string> = { system: 'As the system has it', light: 'Light', dark: 'Dark' };

/** One's own name and look. */
export function ProfileTab({ me }: { me: Me }) {
  const cache = useQueryClient();
  const { choice, choose } = useTheme();
  const save = useMutation({
    mutationFn: (name: string) => call(updateMe, { body: { name } }),
    onSuccess: (next) => {
      cache.setQueryData(sessionKeys.me, next);
      void cache.invalidateQueries({ queryKey: ['members'] });
      toast.done('Your name is saved.');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(String(new FormData(event.currentTarget).get('name')));
  };
  return (
    <div className="flex max-w-md flex-col gap-5">
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field label="Your name" className="flex-1" error={save.error?.message ?? null}>
          {(ids) => <Input {...ids} large name="name" defaultValue={me.name} required maxLength={200} />}
        </Field>
        <Button type="submit" size="large" kind="primary" busy={save.isPending}>
          Save name
        </Button>
      </form>
      <Field label="Theme" hint="Kept in this browser.">
        {(ids) => (
          <Select {...ids} large value={choice} onChange={(event) => choose(event.target.value as ThemeChoice)}>
            {(Object.keys(themes) as ThemeChoice[]).map((theme) => (
              <option key={theme} value={theme}>
                {themes[theme]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <dl className="grid grid-cols-[120px_1fr] gap-y-2 text-sm">
        <dt className="text-muted">E-mail</dt>
        <dd>{me.email}</dd>
        <dt className="text-muted">Role</dt>
        <dd>{roleWords[me.role]}</dd>
        <dt className="text-muted">Home folder</dt>
        <dd className="break-words">{me.homePath}</dd>
      </dl>
    </div>
  );
}
