'use client';
import { createCatalog, createSchema, createVolume } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input, Textarea } from '@/components/field';
import { call } from '@/lib/api';
import { catalogHref } from './names';
import { catalogKeys } from './use-catalog';

export type Creatable = 'catalog' | 'schema' | 'volume';

const words: Record<Creatable, { title: string; hint: string }> = {
  catalog: { title: 'New catalog', hint: 'A catalog holds schemas: one for a team, a product or a stage.' },
  schema: { title: 'New schema', hint: 'A schema holds tables, views and volumes.' },
  volume: { title: 'New volume', hint: 'A volume holds files of any kind, read with /Volumes/….' },
};

/** Asks for name and comment, makes the thing, and goes to its page. `parents` are the names it lies in. */
export function CreateDialog({ kind, parents, onClose }: { kind: Creatable; parents: string[]; onClose: () => void }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name')).trim();
    const comment = String(form.get('comment')).trim();
    setBusy(true);
    try {
      await create(kind, parents, name, comment);
      await cache.invalidateQueries({ queryKey: catalogKeys.all });
      onClose();
      router.push(catalogHref([...parents, name], kind));
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };
  const { title, hint } = words[kind];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={parents.length ? `${title} in ${parents.join('.')}` : title}
    >
      <form onSubmit={submit} className="flex flex-col gap-3 pb-3">
        <Field label="Name" error={error} hint={hint}>
          {(ids) => <Input {...ids} large name="name" required maxLength={255} autoFocus spellCheck={false} />}
        </Field>
        <Field label="Comment" hint="Optional. What it is for.">
          {(ids) => <Textarea {...ids} name="comment" maxLength={10_000} />}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>
            Create {kind}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function create(kind: Creatable, parents: string[], name: string, comment: string): Promise<unknown> {
  const said = comment ? { comment } : {};
  switch (kind) {
    case 'catalog':
      return call(createCatalog, { body: { name, ...said } });
    case 'schema':
      return call(createSchema, { body: { name, catalog_name: parents[0]!, ...said } });
    case 'volume':
      return call(createVolume, {
        body: { name, catalog_name: parents[0]!, schema_name: parents[1]!, volume_type: 'MANAGED', ...said },
      });
  }
}
