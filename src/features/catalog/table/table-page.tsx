'use client';
import type { TablePage as Table } from '@boathouse/contracts';
import { createObject } from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Brush, Copy, EllipsisVertical, Layers2, LockKeyhole, SquareTerminal, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { Tabs } from '@/components/tabs';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { formatBytes, formatCount } from '@/lib/format';
import { live } from '@/lib/live';
import { useTab } from '@/lib/use-tab';
import { CommentLine } from '../comment-line';
import { DropDialog } from '../drop-dialog';
import { NamePath } from '../name-path';
import { fullNameOf, tableKinds } from '../names';
import { PermissionsTab } from '../permissions/permissions-tab';
import { catalogKeys, useTableDetail, useTablePage } from '../use-catalog';
import { ColumnsTab } from './columns-tab';
import { DetailsTab } from './details-tab';
import { HistoryTab } from './history-tab';
import { LineageTab } from './lineage-tab';
import { NoSelect } from './no-select';
import { OptimizeDialog } from './optimize-dialog';
import { SampleTab } from './sample-tab';
import { VacuumDialog } from './vacuum-dialog';

const tabs = ['columns', 'sample', 'history', 'lineage', 'permissions', 'details'] as const;

/** A table or view: what it holds, what happened to it, who uses it and who may. */
export function TablePage({ parts }: { parts: string[] }) {
  const fullName = fullNameOf(parts);
  const page = useTablePage(fullName);
  useTableNews(page.data?.id, fullName);
  if (page.error) return <ErrorState error={page.error} onRetry={() => void page.refetch()} className="mt-4" />;
  if (!page.data)
    return (
      <div className="flex flex-col gap-3 pt-4" role="status" aria-label="Loading the table">
        <Skeleton className="h-7 w-64" />
        <Skeleton className="h-4 w-96" />
        <Skeleton className="h-40" />
      </div>
    );
  return <Loaded table={page.data} fullName={fullName} parts={parts} />;
}

/** A commit makes the page old at once, whoever made it. */
function useTableNews(id: string | undefined, fullName: string): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!id) return;
    return live.follow(`table:${id}`, (message) => {
      if (message.type === 'table.changed')
        void cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) });
    });
  }, [cache, id, fullName]);
}

function Loaded({ table, fullName, parts }: { table: Table; fullName: string; parts: string[] }) {
  const router = useRouter();
  const isView = table.kind === 'VIEW';
  const [tab, setTab] = useTab(tabs);
  const [dialog, setDialog] = useState<'drop' | 'optimize' | 'vacuum' | null>(null);
  const close = () => setDialog(null);
  // A pipeline looks after its own datasets.
  const isPlain = table.kind === 'MANAGED' && table.pipelineId === null;
  const look = tableKinds[table.kind];
  const query = useMutation({
    mutationFn: (sql: string) =>
      call(createObject, { body: { kind: 'notebook', name: `Explore ${table.name}`, makeUnique: true } }).then((made) =>
        router.push(`/notebook/${made.id}?query=${encodeURIComponent(sql)}`),
      ),
    onError: toast.error,
  });
  const locked = <NoSelect ask={table.ask} />;
  return (
    <>
      <PageHeader
        icon={look.icon}
        title={<span title={table.name}>{table.name}</span>}
        path={<NamePath parts={parts.slice(0, 2)} />}
        status={
          <>
            {table.kind === 'MANAGED' ? null : <Pill tone="accent">{look.label}</Pill>}
            {table.may.select ? null : (
              <Pill tone="amber" icon={LockKeyhole} {...(table.ask ? { title: table.ask } : {})}>
                No access to its rows
              </Pill>
            )}
          </>
        }
        actions={
          <>
            <Menu
              trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${table.name}`} />}
              items={[
                {
                  label: 'Copy name',
                  icon: Copy,
                  onSelect: () => void navigator.clipboard.writeText(fullName).then(() => toast.done('Name copied.')),
                },
                ...(isPlain
                  ? [
                      {
                        label: 'Optimize',
                        icon: Layers2,
                        disabled: !table.may.modify,
                        onSelect: () => setDialog('optimize'),
                      },
                      {
                        label: 'Vacuum',
                        icon: Brush,
                        disabled: !table.may.modify,
                        onSelect: () => setDialog('vacuum'),
                      },
                    ]
                  : []),
                'separator',
                {
                  label: `Drop ${isView ? 'view' : 'table'}`,
                  icon: Trash2,
                  danger: true,
                  disabled: !table.may.manage,
                  onSelect: () => setDialog('drop'),
                },
              ]}
            />
            <Button
              kind="primary"
              icon={SquareTerminal}
              disabled={!table.may.select}
              busy={query.isPending}
              onClick={() => query.mutate(`select * from ${fullName} limit 1000`)}
            >
              Query
            </Button>
          </>
        }
        description={
          <CommentLine
            kind="table"
            fullName={fullName}
            comment={table.comment}
            mayManage={table.may.manage}
            facts={<Facts table={table} fullName={fullName} />}
          />
        }
      />
      <Tabs
        label="Table"
        value={tab}
        onChange={setTab}
        tabs={[
          { key: 'columns', label: 'Columns', content: <ColumnsTab table={table} fullName={fullName} /> },
          {
            key: 'sample',
            label: 'Sample',
            content: table.may.select ? <SampleTab fullName={fullName} version={table.version} /> : locked,
          },
          ...(isView
            ? []
            : [
                {
                  key: 'history',
                  label: 'History',
                  content: table.may.select ? (
                    <HistoryTab
                      table={table}
                      fullName={fullName}
                      onQuery={(version) =>
                        query.mutate(`select * from ${fullName} version as of ${version} limit 1000`)
                      }
                    />
                  ) : (
                    locked
                  ),
                },
              ]),
          { key: 'lineage', label: 'Lineage', content: <LineageTab fullName={fullName} /> },
          {
            key: 'permissions',
            label: 'Permissions',
            content: <PermissionsTab kind="table" fullName={fullName} />,
          },
          {
            key: 'details',
            label: 'Details',
            content: <DetailsTab table={table} fullName={fullName} withFiles={!isView && table.may.select} />,
          },
        ]}
      />
      {dialog === 'drop' ? (
        <DropDialog kind="table" word={isView ? 'view' : 'table'} parts={parts} onClose={close} />
      ) : null}
      {dialog === 'optimize' ? <OptimizeDialog name={table.name} fullName={fullName} onClose={close} /> : null}
      {dialog === 'vacuum' ? <VacuumDialog name={table.name} fullName={fullName} onClose={close} /> : null}
    </>
  );
}

function Facts({ table, fullName }: { table: Table; fullName: string }) {
  // Writers need not report how many rows a table has by now: the log tells it.
  const detail = useTableDetail(fullName, table.kind !== 'VIEW' && table.may.select && table.rowCount === null);
  const rowCount = table.rowCount ?? detail.data?.rowCount ?? null;
  const facts = [
    `Owner: ${table.owner}`,
    ...(rowCount === null ? [] : [`${formatCount(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}`]),
    ...(table.fileCount === null
      ? []
      : [
          `${formatCount(table.fileCount)} ${table.fileCount === 1 ? 'file' : 'files'}${table.sizeBytes === null ? '' : `, ${formatBytes(table.sizeBytes)}`}`,
        ]),
    ...(table.version === null ? [] : [`version ${table.version}`]),
  ];
  return <span className="tabular-nums">{facts.join(' · ')}</span>;
}
