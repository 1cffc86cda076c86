'use client';
import type { TablePage } from '@boathouse/contracts';
import { Columns3 } from 'lucide-react';
import { DataList } from '@/components/data-list';
import { Pill } from '@/components/status';
import { ColumnComment } from './column-comment';
import { columnText } from './compare';

/** Columns in their order, with types and comments; below, the text of a view. */
export function ColumnsTab({ table, fullName }: { table: TablePage; fullName: string }) {
  const mayEdit = table.may.manage && table.may.modify && table.kind === 'MANAGED' && table.pipelineId === null;
  const rows = table.columns.map((column, index) => ({ ...column, index }));
  return (
    <div className="flex flex-col gap-4">
      <DataList
        label="Columns"
        rows={rows}
        rowKey={(row) => row.name}
        {...(rows.length > 8
          ? { searchText: (row: (typeof rows)[number]) => `${row.name} ${row.type} ${row.comment ?? ''}` }
          : {})}
        columns={[
          {
            key: 'index',
            title: '#',
            numeric: true,
            width: '48px',
            sort: (row) => row.index,
            cell: (row) => <span className="text-faint">{row.index + 1}</span>,
          },
          {
            key: 'name',
            title: 'Column',
            sort: (row) => row.name.toLowerCase(),
            cell: (row) => (
              <span className="inline-flex max-w-full items-center align-middle gap-2" title={row.name}>
                <code className="truncate text-[13px]">{row.name}</code>
                {table.partitionColumns.includes(row.name) ? <Pill tone="accent">Partition</Pill> : null}
              </span>
            ),
          },
          {
            key: 'type',
            title: 'Type',
            sort: (row) => row.type,
            cell: (row) => (
              <code className="text-muted text-xs" title={columnText({ ...row, comment: undefined })}>
                {columnText({ ...row, comment: undefined })}
              </code>
            ),
          },
          {
            key: 'comment',
            title: 'Comment',
            cell: (row) => (
              <ColumnComment column={row.name} comment={row.comment} fullName={fullName} mayEdit={mayEdit} />
            ),
          },
        ]}
        empty={{ icon: Columns3, title: 'No columns yet', text: 'They come with the first rows that are written.' }}
      />
      {table.viewText ? (
        <section aria-labelledby="view-text">
          <h2 id="view-text" className="mb-1.5 text-sm">
            Definition
          </h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard */}
          <pre tabIndex={0} className="overflow-auto rounded-card border border-line bg-surface p-3 text-[13px]">
            {table.viewText}
          </pre>
        </section>
      ) : null}
    </div>
  );
}
