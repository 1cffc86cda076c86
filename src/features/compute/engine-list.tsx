'use client';
import type { EngineView } from '@boathouse/contracts';
import { CloudCog, Pencil, Plus, Stethoscope, Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { RelativeTime } from '@/components/relative-time';
import { formatCounted } from '@/lib/format';
import { EngineCheckView } from './engine-check';
import { EngineDialog } from './engine-dialog';
import { useCheckEngine, useDetachEngine, useEngines } from './use-engines';

type Shown = { what: 'attach' } | { what: 'change' | 'check' | 'detach'; engine: EngineView };

/** Attached engines: what a cell or a query may choose beside the embedded one. */
export function EngineList({ admin }: { admin: boolean }) {
  const engines = useEngines();
  const [shown, setShown] = useState<Shown | null>(null);
  const close = () => setShown(null);
  return (
    <section aria-labelledby="engines-heading" className="mt-6">
      <div className="mb-2 flex items-center">
        <h2 id="engines-heading" className="text-sm">
          Attached engines
        </h2>
        {admin ? (
          <Button icon={Plus} className="ml-auto" onClick={() => setShown({ what: 'attach' })}>
            Attach Spark
          </Button>
        ) : null}
      </div>
      <DataList<EngineView>
        label="Attached engines"
        rows={engines.data?.engines}
        rowKey={(engine) => engine.id}
        error={engines.error}
        onRetry={() => void engines.refetch()}
        columns={[
          { key: 'name', title: 'Name', sort: (engine) => engine.name, cell: (engine) => engine.name },
          {
            key: 'address',
            title: 'Address',
            sort: (engine) => engine.url,
            cell: (engine) => (
              <span className="truncate" title={engine.url}>
                <code className="text-xs">{engine.url}</code>
                {engine.tls ? ' · TLS' : ''}
              </span>
            ),
          },
          {
            key: 'users',
            title: 'Used by',
            width: '200px',
            cell: (engine) =>
              engine.everybody
                ? 'Everybody'
                : admin
                  ? `Administrators${engine.users.length ? `, ${formatCounted(engine.users.length, 'person', 'people')}` : ''}`
                  : 'You and others',
          },
          {
            key: 'since',
            title: 'Attached',
            width: '140px',
            sort: (engine) => engine.createdAtMs,
            cell: (engine) => <RelativeTime atMs={engine.createdAtMs} />,
          },
          {
            key: 'actions',
            title: '',
            width: '112px',
            cell: (engine) => (
              <span className="flex justify-end gap-1">
                <IconButton
                  icon={Stethoscope}
                  label={`Check ${engine.name}`}
                  onClick={() => setShown({ what: 'check', engine })}
                />
                {admin ? (
                  <>
                    <IconButton
                      icon={Pencil}
                      label={`Change ${engine.name}`}
                      onClick={() => setShown({ what: 'change', engine })}
                    />
                    <IconButton
                      icon={Unplug}
                      kind="danger"
                      label={`Detach ${engine.name}`}
                      onClick={() => setShown({ what: 'detach', engine })}
                    />
                  </>
                ) : null}
              </span>
            ),
          },
        ]}
        empty={{
          icon: CloudCog,
          title: 'No other engine is attached',
          text: admin
            ? 'Attach a Spark Connect server to run the same cells on a cluster.'
            : 'An administrator may attach a Spark Connect server, to run the same cells on a cluster.',
        }}
      />
      {shown?.what === 'attach' ? <EngineDialog engine={null} onClose={close} /> : null}
      {shown?.what === 'change' ? <EngineDialog engine={shown.engine} onClose={close} /> : null}
      {shown?.what === 'check' ? <CheckDialog engine={shown.engine} onClose={close} /> : null}
      {shown?.what === 'detach' ? <DetachDialog engine={shown.engine} onClose={close} /> : null}
    </section>
  );
}

function CheckDialog({ engine, onClose }: { engine: EngineView; onClose: () => void }) {
  const { mutate, data, error, isPending, isIdle } = useCheckEngine();
  const { id } = engine;
  // The dialog is the question: it is asked when it opens.
  useEffect(() => mutate({ id }), [mutate, id]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Check ${engine.name}`}
      actions={
        <>
          <Button busy={isPending} onClick={() => mutate({ id })}>
            Check again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <EngineCheckView check={data} error={error} pending={isPending || isIdle} />
    </Dialog>
  );
}

function DetachDialog({ engine, onClose }: { engine: EngineView; onClose: () => void }) {
  const detach = useDetachEngine();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Detach ${engine.name}?`}
      description="Cells, queries and jobs that name it fail until they choose another engine. Tables stay as they are."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            busy={detach.isPending}
            onClick={() => detach.mutate(engine.id, { onSuccess: onClose })}
          >
            Detach
          </Button>
        </>
      }
    />
  );
}
