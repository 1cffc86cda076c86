'use client';
import { getObject, type ObjectView } from '@boathouse/contracts';
import { EllipsisVertical, LayoutDashboard, Pencil, Plus, Share2, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { changedColumn, nameColumn, ownerColumn } from '@/components/list-columns';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { ShareDialog } from '../sharing/share-dialog';
import { NameDialog } from '../workspace/name-dialog';
import { useObjectActions } from '../workspace/use-objects';
import { DeleteDashboardDialog } from './delete-dialog';
import { useCreateDashboard, useDashboards } from './use-dashboard';

interface Ask {
  what: 'rename' | 'share' | 'delete';
  object: ObjectView;
}

/** Every dashboard that the person may see. */
export function DashboardsPage() {
  const router = useRouter();
  const dashboards = useDashboards();
  const create = useCreateDashboard();
  const { update } = useObjectActions();
  const [ask, setAsk] = useState<Ask | null>(null);
  const make = () =>
    create.mutate('Untitled dashboard', { onSuccess: (made) => router.push(`/dashboards/${made.id}?edit=1`) });
  // The list does not say what the person may do with each: asked when it matters.
  const begin = (what: Ask['what'], id: string) =>
    void call(getObject, { params: { objectId: id } }).then((object) => setAsk({ what, object }), toast.error);
  const button = (
    <Button kind="primary" icon={Plus} busy={create.isPending} onClick={make}>
      New dashboard
    </Button>
  );
  return (
    <div className="px-6 pb-10">
      <PageHeader icon={LayoutDashboard} title="Dashboards" actions={button} />
      <DataList
        label="Dashboards"
        rows={dashboards.data?.dashboards}
        rowKey={(one) => one.id}
        searchText={(one) => `${one.name} ${one.path} ${one.ownerName}`}
        onOpen={(one) => router.push(`/dashboards/${one.id}`)}
        error={dashboards.error}
        onRetry={() => void dashboards.refetch()}
        initialSort={{ key: 'updated', descending: true }}
        columns={[
          nameColumn<{ id: string; name: string }>({
            name: (one) => one.name,
            href: (one) => `/dashboards/${one.id}`,
            icon: () => LayoutDashboard,
          }),
          {
            key: 'path',
            title: 'Folder',
            sort: (one) => one.path,
            cell: (one) => <span className="text-muted">{one.path.slice(0, one.path.lastIndexOf('/')) || '/'}</span>,
          },
          {
            key: 'tiles',
            title: 'Tiles',
            numeric: true,
            width: '80px',
            sort: (one) => one.tiles,
            cell: (one) => one.tiles,
          },
          ownerColumn(),
          changedColumn(),
          {
            key: 'menu',
            title: '',
            width: '48px',
            cell: (one) => (
              <Menu
                trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${one.name}`} />}
                items={[
                  { label: 'Share', icon: Share2, onSelect: () => begin('share', one.id) },
                  { label: 'Rename', icon: Pencil, onSelect: () => begin('rename', one.id) },
                  'separator',
                  { label: 'Delete', icon: Trash2, danger: true, onSelect: () => begin('delete', one.id) },
                ]}
              />
            ),
          },
        ]}
        empty={{
          icon: LayoutDashboard,
          title: 'No dashboards yet',
          text: 'A dashboard shows answers of queries as charts, numbers and tables. Live tiles follow every commit to the tables they read.',
          action: button,
        }}
      />
      {ask?.what === 'rename' ? (
        <NameDialog
          title={`Rename ${ask.object.name}`}
          initial={ask.object.name}
          action="Rename"
          onClose={() => setAsk(null)}
          onSubmit={(name) => update.mutateAsync({ id: ask.object.id, name }).then(() => dashboards.refetch())}
        />
      ) : null}
      {ask?.what === 'share' ? (
        <ShareDialog objectId={ask.object.id} name={ask.object.name} onClose={() => setAsk(null)} />
      ) : null}
      {ask?.what === 'delete' ? (
        <DeleteDashboardDialog id={ask.object.id} name={ask.object.name} onClose={() => setAsk(null)} />
      ) : null}
    </div>
  );
}
