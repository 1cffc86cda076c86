'use client';
import { deleteCatalog, deleteSchema, deleteTable, deleteVolume } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { catalogHref, fullNameOf, type NodeKind } from './names';
import { catalogKeys } from './use-catalog';

const routes = { catalog: deleteCatalog, schema: deleteSchema, table: deleteTable, volume: deleteVolume } as const;
const losses: Record<NodeKind, string> = {
  catalog: 'The catalog goes with every schema, table and file in it, for everybody. This cannot be undone.',
  schema: 'The schema goes with every table and file in it, for everybody. This cannot be undone.',
  table: 'Its data and history go for everybody. Notebooks and dashboards that read it will fail.',
  volume: 'All files in it go for everybody. This cannot be undone.',
};

/** Names what will be lost, and asks for its name to be typed. Afterwards: the page of what it lay in. */
export function DropDialog({
  kind,
  parts,
  word = kind,
  onClose,
}: {
  kind: NodeKind;
  parts: string[];
  /** What people call it: "view". */
  word?: string;
  onClose: () => void;
}) {
  const router = useRouter();
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const name = parts.at(-1)!;
  const drop = useMutation({
    mutationFn: () => {
      const params = { full_name: fullNameOf(parts) };
      return kind === 'catalog' || kind === 'schema'
        ? call(routes[kind], { params, query: { force: 'true' } })
        : call(routes[kind], { params });
    },
    onSuccess: () => {
      toast.done(`Dropped ${parts.join('.')}.`);
      onClose();
      router.push(catalogHref(parts.slice(0, -1)));
      cache.removeQueries({ queryKey: catalogKeys.page(kind, fullNameOf(parts)) });
      void cache.invalidateQueries({ queryKey: catalogKeys.all });
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Drop ${parts.join('.')}?`}
      description={
        word === 'view' ? 'The view goes for everybody. The tables that it reads stay as they are.' : losses[kind]
      }
    >
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          drop.mutate();
        }}
      >
        <Field label={`Type ${name} to confirm`}>
          {(ids) => (
            <Input
              {...ids}
              large
              autoFocus
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        {drop.error ? <ErrorState error={drop.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" icon={Trash2} disabled={typed !== name} busy={drop.isPending}>
            Drop {word}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
