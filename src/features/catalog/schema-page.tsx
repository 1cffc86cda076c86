'use client';
import type { TableKind } from '@boathouse/contracts';
import { EllipsisVertical, FileUp, FolderTree, HardDrive, Plus, Table2, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
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
import { NamePath } from './name-path';
import { catalogHref, fullNameOf, tableKinds } from './names';
import { PermissionsTab } from './permissions/permissions-tab';
import { useSchemaPage } from './use-catalog';

interface Item {
  key: string;
  name: string;
  comment: string | null;
  kind: TableKind | 'VOLUME';
}

const looks = { ...tableKinds, VOLUME: { label: 'Volume', icon: HardDrive } };

/** A schema: its tables, views and volumes in one list, and who may do what. */
export function SchemaPage({ parts }: { parts: string[] }) {
  const router = useRouter();
  const path = usePathname();
  const fullName = fullNameOf(parts);
  const page = useSchemaPage(fullName);
  const [tab, setTab] = useTab(['contents', 'permissions', 'details']);
  const [ask, setAsk] = useState<'volume' | 'drop' | null>(null);
  const data = page.data;
  const items = useMemo(
    (): Item[] | undefined =>
      data && [
        ...data.tables.map((table) => ({ ...table, key: table.id })),
        ...data.volumes.map((volume) => ({ ...volume, key: volume.id, kind: 'VOLUME' as const })),
      ],
    [data],
  );
  const href = (item: Item) => catalogHref([...parts, item.name], item.kind === 'VOLUME' ? 'volume' : 'table');
  if (page.error) return <ErrorState error={page.error} onRetry={() => void page.refetch()} className="mt-4" />;
  const upload = data?.may.createTable ? (
    <Button kind="primary" icon={FileUp} onClick={() => router.push(`${path}?upload=1`)}>
      Upload a file
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        icon={FolderTree}
        title={<span title={parts[1]}>{parts[1]}</span>}
        path={<NamePath parts={parts.slice(0, 1)} />}
        actions={
          <>
            {data?.may.manage ? (
              <Menu
                trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${parts[1]}`} />}
                items={[{ label: 'Drop schema', icon: Trash2, danger: true, onSelect: () => setAsk('drop') }]}
              />
            ) : null}
            {data?.may.createVolume ? (
              <Button icon={Plus} onClick={() => setAsk('volume')}>
                New volume
              </Button>
            ) : null}
            {upload}
          </>
        }
        description={
          data ? (
            <CommentLine
              kind="schema"
              fullName={fullName}
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
        label="Schema"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            key: 'contents',
            label: 'Tables and volumes',
            content: (
              <DataList
                label="Tables and volumes"
                rows={items}
                rowKey={(item) => item.key}
                searchText={(item) => `${item.name} ${item.comment ?? ''}`}
                onOpen={(item) => router.push(href(item))}
                columns={[
                  {
                    key: 'name',
                    title: 'Name',
                    sort: (item) => item.name,
                    cell: (item) => {
                      const Icon = looks[item.kind].icon;
                      return (
                        <Link
                          href={href(item)}
                          title={item.name}
                          className="inline-flex max-w-full items-center align-middle gap-2 hover:underline"
                        >
                          <Icon aria-hidden className="size-4 shrink-0 text-muted" />
                          <span className="truncate">{item.name}</span>
                        </Link>
                      );
                    },
                  },
                  {
                    key: 'kind',
                    title: 'Kind',
                    width: '160px',
                    sort: (item) => looks[item.kind].label,
                    cell: (item) => looks[item.kind].label,
                  },
                  { key: 'comment', title: 'Comment', cell: (item) => item.comment ?? '' },
                ]}
                empty={{
                  icon: Table2,
                  title: 'Nothing here yet',
                  text: 'Bring a file, or write CREATE TABLE in a notebook.',
                  action: upload,
                }}
              />
            ),
          },
          {
            key: 'permissions',
            label: 'Permissions',
            content: <PermissionsTab kind="schema" fullName={fullName} />,
          },
          {
            key: 'details',
            label: 'Details',
            content: data ? (
              <dl className="grid max-w-2xl grid-cols-[160px_1fr] gap-y-2 text-sm">
                <dt className="text-muted">Created</dt>
                <dd>{new Date(data.createdAtMs).toLocaleString('en-GB')}</dd>
                {Object.entries(data.properties).map(([key, value]) => (
                  <div key={key} className="contents">
                    <dt className="break-words font-mono text-muted text-xs">{key}</dt>
                    <dd className="break-words">{value}</dd>
                  </div>
                ))}
              </dl>
            ) : null,
          },
        ]}
      />
      {ask === 'volume' ? <CreateDialog kind="volume" parents={parts} onClose={() => setAsk(null)} /> : null}
      {ask === 'drop' ? <DropDialog kind="schema" parts={parts} onClose={() => setAsk(null)} /> : null}
    </>
  );
}
