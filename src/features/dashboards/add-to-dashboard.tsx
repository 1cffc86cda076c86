'use client';
import { type ChartSpec, createDashboard, createTile, getNotebookSession } from '@boathouse/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LayoutDashboard } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { dashboardKeys, useDashboards } from './use-dashboard';

export interface CellQuery {
  notebookId: string;
  title: string;
  query: string;
  chart: ChartSpec | null;
}

/** In the footer of a query's answer: makes a tile of the query and its chart. */
export function AddToDashboard(props: CellQuery) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton icon={LayoutDashboard} label="Add to dashboard" onClick={() => setOpen(true)} />
      {open ? <AddDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

const makeNew = 'new';

function AddDialog({ notebookId, title, query, chart, onClose }: CellQuery & { onClose: () => void }) {
  const router = useRouter();
  const cache = useQueryClient();
  const dashboards = useDashboards();
  // The names in the query mean what they mean in the notebook: its current schema goes with it.
  const session = useQuery({
    queryKey: ['session', notebookId],
    queryFn: ({ signal }) => call(getNotebookSession, { params: { notebookId }, signal }),
  });
  const list = dashboards.data?.dashboards;
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [tileTitle, setTileTitle] = useState(title);
  const dashboard = chosen ?? list?.[0]?.id ?? makeNew;
  const add = useMutation({
    mutationFn: async () => {
      const id =
        dashboard === makeNew
          ? (await call(createDashboard, { body: { name: name.trim() || 'Untitled dashboard' } })).id
          : dashboard;
      // A dashboard that was just made is chosen from now on: a second try makes no second one.
      setChosen(id);
      await call(createTile, {
        params: { id },
        body: {
          title: tileTitle.trim() || 'Untitled tile',
          query: query.trim().replace(/;$/, ''),
          ...(chart ? { chart } : {}),
          ...(session.data ? { catalog: session.data.catalog, schema: session.data.schema } : {}),
        },
      });
      return id;
    },
    onSuccess: (id) => {
      toast.done('Added the tile.', { label: 'Open dashboard', run: () => router.push(`/dashboards/${id}`) });
      onClose();
    },
    onSettled: () => cache.invalidateQueries({ queryKey: dashboardKeys.all }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add to dashboard"
      description="The tile runs the query with your rights, again at every commit to a table that it reads."
    >
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Field label="Dashboard">
          {(ids) => (
            <Select {...ids} large value={dashboard} onChange={(event) => setChosen(event.target.value)}>
              {(list ?? []).map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name} ({one.path.slice(0, one.path.lastIndexOf('/'))})
                </option>
              ))}
              <option value={makeNew}>New dashboard</option>
            </Select>
          )}
        </Field>
        {dashboard === makeNew ? (
          <Field label="Name of the dashboard">
            {(ids) => (
              <Input
                {...ids}
                large
                value={name}
                maxLength={200}
                placeholder="Untitled dashboard"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        <Field label="Title of the tile">
          {(ids) => (
            <Input
              {...ids}
              large
              value={tileTitle}
              maxLength={300}
              placeholder="Untitled tile"
              onChange={(event) => setTileTitle(event.target.value)}
            />
          )}
        </Field>
        {add.error ? <ErrorState error={add.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={add.isPending} disabled={!list && !dashboards.error}>
            Add tile
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
