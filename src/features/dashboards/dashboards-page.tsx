'use client';
import { createDashboard } from '@boathouse/contracts';
import { useMutation } from '@tanstack/react-query';
import { LayoutDashboard, Plus } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button';
import { DataList } from '@/components/data-list';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { call } from '@/lib/api';
import { NameDialog } from '../workspace/name-dialog';
import { useDashboards } from './use-dashboard';

export function DashboardsPage() {
  const router = useRouter();
  const dashboards = useDashboards();
  const [naming, setNaming] = useState(false);
  const create = useMutation({
    mutationFn: (name: string) => call(createDashboard, { body: { name } }),
    onSuccess: (made) => router.push(`/dashboards/${made.id}`),
  });
  const button = (
    <Button kind="primary" icon={Plus} onClick={() => setNaming(true)}>
      New dashboard
    </Button>
  );
  return (
    <div className="px-6 pb-10">
      <PageHeader
        icon={LayoutDashboard}
        title="Dashboards"
        actions={dashboards.data?.dashboards.length ? button : null}
      />
      <DataList
        label="Dashboards"
        rows={dashboards.data?.dashboards}
        rowKey={(dashboard) => dashboard.id}
        searchText={(dashboard) => dashboard.name}
        onOpen={(dashboard) => router.push(`/dashboards/${dashboard.id}`)}
        error={dashboards.error}
        onRetry={() => void dashboards.refetch()}
        initialSort={{ key: 'updated', descending: true }}
        empty={{
          icon: LayoutDashboard,
          title: 'No dashboards yet',
          text: 'Tiles made from queries; live tiles repaint for everybody when a table that they read changes.',
          action: button,
        }}
        columns={[
          {
            key: 'name',
            title: 'Name',
            sort: (dashboard) => dashboard.name.toLowerCase(),
            cell: (dashboard) => (
              <Link href={`/dashboards/${dashboard.id}`} className="hover:underline" title={dashboard.name}>
                {dashboard.name}
              </Link>
            ),
          },
          {
            key: 'tiles',
            title: 'Tiles',
            width: '80px',
            numeric: true,
            sort: (dashboard) => dashboard.tiles,
            cell: (dashboard) => dashboard.tiles,
          },
          {
            key: 'owner',
            title: 'Owner',
            width: '200px',
            sort: (dashboard) => dashboard.ownerName,
            cell: (dashboard) => dashboard.ownerName,
          },
          {
            key: 'updated',
            title: 'Changed',
            width: '160px',
            sort: (dashboard) => dashboard.updatedAtMs,
            cell: (dashboard) => <RelativeTime atMs={dashboard.updatedAtMs} />,
          },
        ]}
      />
      {naming ? (
        <NameDialog
          title="New dashboard"
          initial="Untitled dashboard"
          action="Create dashboard"
          onClose={() => setNaming(false)}
          onSubmit={(name) => create.mutateAsync(name)}
        />
      ) : null}
    </div>
  );
}
