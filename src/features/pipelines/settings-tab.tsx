'use client';
import type { PipelineView } from '@boathouse/contracts';
import { Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { toast } from '@/components/toast';
import { usePipelineActions } from './use-pipelines';

/** Name and place of a pipeline, where its event log lies, and its end. */
export function SettingsTab({ pipeline }: { pipeline: PipelineView }) {
  const router = useRouter();
  const { change, remove } = usePipelineActions();
  const [name, setName] = useState(pipeline.name);
  const [catalog, setCatalog] = useState(pipeline.spec.catalog);
  const [schema, setSchema] = useState(pipeline.spec.schema);
  const [deleting, setDeleting] = useState(false);
  const mayEdit = pipeline.level === 'edit' || pipeline.level === 'manage';
  const moved = catalog !== pipeline.spec.catalog || schema !== pipeline.spec.schema;
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ id: pipeline.id, name, catalog, schema }, { onSuccess: () => toast.done('Settings saved.') });
  };
  return (
    <div className="flex max-w-xl flex-col gap-6">
      <form onSubmit={save} className="flex flex-col gap-3">
        <Field label="Name">
          {(ids) => (
            <Input
              {...ids}
              value={name}
              onChange={(event) => setName(event.target.value)}
              disabled={!mayEdit}
              required
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Catalog">
            {(ids) => (
              <Input
                {...ids}
                value={catalog}
                onChange={(event) => setCatalog(event.target.value)}
                disabled={!mayEdit}
                required
              />
            )}
          </Field>
          <Field label="Schema">
            {(ids) => (
              <Input
                {...ids}
                value={schema}
                onChange={(event) => setSchema(event.target.value)}
                disabled={!mayEdit}
                required
              />
            )}
          </Field>
        </div>
        {moved ? (
          <p className="text-muted text-sm">
            Datasets with short names are made anew in {catalog}.{schema} by the next update; those in{' '}
            {pipeline.spec.catalog}.{pipeline.spec.schema} stay as they are.
          </p>
        ) : null}
        <div>
          <Button type="submit" kind="primary" disabled={!mayEdit} busy={change.isPending}>
            Save
          </Button>
        </div>
      </form>
      <dl className="grid grid-cols-[120px_1fr] gap-y-2 text-sm">
        <dt className="text-muted">Notebook</dt>
        <dd>
          {pipeline.notebookId ? (
            <Link href={`/notebook/${pipeline.notebookId}`} className="text-accent hover:underline">
              {pipeline.spec.libraries[0]?.notebook.path}
            </Link>
          ) : (
            'Deleted'
          )}
        </dd>
        <dt className="text-muted">Owner</dt>
        <dd>{pipeline.ownerName}</dd>
        <dt className="text-muted">Id</dt>
        <dd className="break-all font-mono text-xs">{pipeline.id}</dd>
        <dt className="text-muted">Event log</dt>
        <dd className="break-all font-mono text-xs">
          {pipeline.eventLog ? `SELECT * FROM event_log('${pipeline.id}')` : 'Made by the first update'}
        </dd>
      </dl>
      {pipeline.level === 'manage' ? (
        <div>
          <Button kind="danger" icon={Trash2} onClick={() => setDeleting(true)}>
            Delete pipeline
          </Button>
        </div>
      ) : null}
      <Dialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete the pipeline ${pipeline.name}?`}
        description="Its tables stay and can be read, but nothing writes them any more. Its history and the notes of which files it has read are lost."
        actions={
          <>
            <Button onClick={() => setDeleting(false)}>Cancel</Button>
            <Button
              kind="danger"
              busy={remove.isPending}
              onClick={() => remove.mutate(pipeline.id, { onSuccess: () => router.push('/pipelines') })}
            >
              Delete {pipeline.name}
            </Button>
          </>
        }
      />
    </div>
  );
}
