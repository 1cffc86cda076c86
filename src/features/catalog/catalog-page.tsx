'use client';
import { Database, EllipsisVertical, FolderTree, Plus, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { ErrorState } from '@/components/states';
import { Tabs } from '@/components/tabs';
import { useTab } from '@/lib/use-tab';
import { CommentLine } from './comment-line';
import { CreateDialog } from './create-dialog';
import { DropDialog } from './drop-dialog';
import { catalogHref, quoted } from './names';
import { PermissionsTab } from './permissions/permissions-tab';
import { useCatalogPage } from './use-catalog';

/** A catalog: its schemas and who may do what. */
export function CatalogPage({ name }: { name: string }) {
  const router = useRouter();
  const page = useCatalogPage(quoted(name));
  const [tab, setTab] = useTab(['schemas', 'permissions']);
  const [ask, setAsk] = useState<'create' | 'drop' | null>(null);
  const data = page.data;
  if (page.error) return <ErrorState error={page.error} onRetry={() => void page.refetch()} className="mt-4" />;
  const create = data?.may.createSchema ? (
    <Button kind="primary" icon={Plus} onClick={() => setAsk('create')}>
      New schema
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        icon={Database}
        title={<span title={name}>{name}</span>}
        path="Catalog"
        actions={
          <>
            {data?.may.manage ? (
              <Menu
                trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${name}`} />}
                items={[{ label: 'Drop catalog', icon: Trash2, danger: true, onSelect: () => setAsk('drop') }]}
              />
            ) : null}
            {create}
          </>
        }
        description={
          data ? (
            <CommentLine
              kind="catalog"
              fullName={quoted(name)}
              comment={data.comment}
              mayManage={data.may.manage}
              facts={<span>Owner: {data.owner}</span>}
            />
          ) : (
            <div className="h-7" />
          )
        }
      />
      <Tabs
        label="Catalog"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            key: 'schemas',
            label: 'Schemas',
            content: (
              <DataList
                label="Schemas"
                rows={data?.schemas}
                rowKey={(schema) => schema.id}
                searchText={(schema) => `${schema.name} ${schema.comment ?? ''}`}
                onOpen={(schema) => router.push(catalogHref([name, schema.name]))}
                columns={[
                  {
                    key: 'name',
                    title: 'Name',
                    sort: (schema) => schema.name,
                    cell: (schema) => (
                      <Link
                        href={catalogHref([name, schema.name])}
                        title={schema.name}
                        className="inline-flex max-w-full items-center align-middle gap-2 hover:underline"
                      >
                        <FolderTree aria-hidden className="size-4 shrink-0 text-muted" />
                        <span className="truncate">{schema.name}</span>
                      </Link>
                    ),
                  },
                  { key: 'comment', title: 'Comment', cell: (schema) => schema.comment ?? '' },
                  {
                    key: 'owner',
                    title: 'Owner',
                    width: '200px',
                    sort: (schema) => schema.owner,
                    cell: (schema) => schema.owner,
                  },
                ]}
                empty={{
                  icon: FolderTree,
                  title: 'No schemas yet',
                  text: 'A schema holds tables, views and volumes.',
                  action: create,
                }}
              />
            ),
          },
          {
            key: 'permissions',
            label: 'Permissions',
            content: <PermissionsTab kind="catalog" fullName={quoted(name)} />,
          },
        ]}
      />
      {ask === 'create' ? <CreateDialog kind="schema" parents={[name]} onClose={() => setAsk(null)} /> : null}
      {ask === 'drop' ? <DropDialog kind="catalog" parts={[name]} onClose={() => setAsk(null)} /> : null}
    </>
  );
}
