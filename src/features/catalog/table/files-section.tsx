'use client';
import type { TableDetail } from '@boathouse/contracts';
import { File } from 'lucide-react';
import { DataList } from '@/components/data-list';
import { RelativeTime } from '@/components/relative-time';
import { formatBytes, formatCount } from '@/lib/format';

/** Data files of the newest version; of many, the first that the log names. */
export function FilesSection({ detail }: { detail: TableDetail | undefined }) {
  const shown = detail?.files.length ?? 0;
  return (
    <section aria-labelledby="files">
      <h2 id="files" className="mb-1.5 text-sm">
        Files of the newest version
        {detail && detail.fileCount > shown ? (
          <span className="ml-2 font-normal text-muted text-xs">
            {formatCount(shown)} of {formatCount(detail.fileCount)}
          </span>
        ) : null}
      </h2>
      <DataList
        label="Files"
        rows={detail?.files}
        rowKey={(file) => file.path}
        columns={[
          {
            key: 'path',
            title: 'Path in the folder',
            sort: (file) => file.path,
            cell: (file) => (
              <code className="text-xs" title={file.path}>
                {file.path}
              </code>
            ),
          },
          {
            key: 'rows',
            title: 'Rows',
            numeric: true,
            width: '120px',
            sort: (file) => file.rows ?? -1,
            cell: (file) =>
              file.rows === null ? <span className="text-faint">not said</span> : formatCount(file.rows),
          },
          {
            key: 'size',
            title: 'Size',
            numeric: true,
            width: '120px',
            sort: (file) => file.sizeBytes,
            cell: (file) => formatBytes(file.sizeBytes),
          },
          {
            key: 'modified',
            title: 'Written',
            width: '160px',
            sort: (file) => file.modifiedMs,
            cell: (file) => <RelativeTime atMs={file.modifiedMs} />,
          },
        ]}
        empty={{ icon: File, title: 'No files', text: 'The table holds no rows.' }}
      />
    </section>
  );
}
