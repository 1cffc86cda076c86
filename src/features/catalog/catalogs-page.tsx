'use client';
import { Database, FileUp, Plus } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button';
import { DataList } from '@/components/data-list';
import { PageHeader } from '@/components/page-header';
import { useMe } from '../session/use-session';
import { CreateDialog } from './create-dialog';
import { catalogHref } from './names';
import { useCatalogTree, useGrants } from './use-catalog';

/** All catalogs that the person may see. */
export function CatalogsPage() {
  const router = useRouter();
  const path = usePathname();
  const me = useMe().data;
  const tree = useCatalogTree();
  const grants = useGrants('metastore', 'metastore');
  const [creating, setCreating] = useState(false);
  const mayCreate =
    me?.role === 'admin' ||
    grants.data?.grants.some((grant) => grant.privilege === 'CREATE CATALOG' || grant.privilege === 'ALL PRIVILEGES');
  return (
    <>
      <PageHeader
        icon={Database}
        title="Catalog"
        description="Tables, views and files of the workspace, as far as you may see them."
        actions={
          <>
            <Button icon={FileUp} onClick={() => router.push(`${path}?upload=1`)}>
              Upload a file
            </Button>
            {mayCreate ? (
              <Button kind="primary" icon={Plus} onClick={() => setCreating(true)}>
                New catalog
              </Button>
            ) : null}
          </>
        }
      />
      <DataList
        label="Catalogs"
        rows={tree.data?.catalogs}
        rowKey={(catalog) => catalog.id}
        searchText={(catalog) => `${catalog.name} ${catalog.comment ?? ''}`}
        onOpen={(catalog) => router.push(catalogHref([catalog.name]))}
        error={tree.error}
        onRetry={() => void tree.refetch()}
        columns={[
          {
            key: 'name',
            title: 'Name',
            sort: (catalog) => catalog.name,
            cell: (catalog) => (
              <Link
                href={catalogHref([catalog.name])}
                className="inline-flex max-w-full items-center align-middle gap-2 hover:underline"
              >
                <Database aria-hidden className="size-4 shrink-0 text-muted" />
                <span className="truncate">{catalog.name}</span>
              </Link>
            ),
          },
          { key: 'comment', title: 'Comment', cell: (catalog) => catalog.comment ?? '' },
          {
            key: 'schemas',
            title: 'Schemas',
            numeric: true,
            width: '100px',
            sort: (catalog) => catalog.schemas.length,
            cell: (catalog) => catalog.schemas.length,
          },
          {
            key: 'owner',
            title: 'Owner',
            width: '200px',
            sort: (catalog) => catalog.owner,
            cell: (catalog) => catalog.owner,
          },
        ]}
        empty={{
          icon: Database,
          title: 'No catalog that you may see',
          text: 'Ask an administrator of the workspace for USE CATALOG on one of them.',
        }}
      />
      {creating ? <CreateDialog kind="catalog" parents={[]} onClose={() => setCreating(false)} /> : null}
    </>
  );
}
