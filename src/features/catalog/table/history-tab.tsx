'use client';
import type { TablePage, TableHistoryEntry as Version } from '@boathouse/contracts';
import {
  ChevronDown,
  ChevronRight,
  EllipsisVertical,
  GitCompareArrows,
  History,
  RotateCcw,
  SquareTerminal,
} from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList, type ListColumn } from '@/components/data-list';
import { Menu } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { useTableHistory } from '../use-catalog';
import { ComparePanel } from './compare-panel';
import { changeText, filesText } from './history-metrics';
import { RestoreDialog } from './restore-dialog';
import { VersionDetail } from './version-detail';

/** Versions of a table, newest first: each can be unfolded, queried as it was, compared with another and restored. */
export function HistoryTab({
  table,
  fullName,
  onQuery,
}: {
  table: TablePage;
  fullName: string;
  onQuery: (version: number) => void;
}) {
  const key = { id: table.id, fullName };
  const history = useTableHistory(fullName);
  const [chosen, setChosen] = useState<number[]>([]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [restoring, setRestoring] = useState<number | null>(null);
  const [compared, compare] = useCompared();
  const entries = history.data?.entries;
  const latest = entries?.[0]?.version ?? table.version ?? 0;
  const mayRestore = table.may.modify && table.kind === 'MANAGED';

  // Of more than two, the two chosen last.
  const choose = (version: number) =>
    setChosen((before) =>
      before.includes(version) ? before.filter((one) => one !== version) : [...before, version].slice(-2),
    );
  const fold = (version: number) =>
    setOpen((before) =>
      before.has(version) ? new Set([...before].filter((one) => one !== version)) : new Set([...before, version]),
    );

  const columns: ListColumn<Version>[] = [
    {
      key: 'choose',
      title: '',
      width: '66px',
      cell: ({ version }) => (
        <span className="inline-flex items-center gap-1 align-middle">
          <IconButton
            icon={open.has(version) ? ChevronDown : ChevronRight}
            label={`${open.has(version) ? 'Hide' : 'Show'} details of version ${version}`}
            aria-expanded={open.has(version)}
            className="size-6"
            onClick={() => fold(version)}
          />
          <input
            type="checkbox"
            aria-label={`Choose version ${version} to compare`}
            className="size-3.5 accent-(--accent)"
            checked={chosen.includes(version)}
            onChange={() => choose(version)}
          />
        </span>
      ),
    },
    {
      key: 'version',
      title: 'Version',
      numeric: true,
      width: '80px',
      sort: (entry) => entry.version,
      cell: (entry) => entry.version,
    },
    {
      key: 'when',
      title: 'When',
      width: '150px',
      sort: (entry) => entry.timestampMs,
      cell: (entry) => <RelativeTime atMs={entry.timestampMs} />,
    },
    {
      key: 'operation',
      title: 'Operation',
      sort: (entry) => entry.operation,
      cell: (entry) => <code className="text-xs">{entry.operation}</code>,
    },
    {
      key: 'who',
      title: 'By',
      sort: (entry) => entry.userName ?? '',
      cell: (entry) => entry.userName ?? <span className="text-faint">not said</span>,
    },
    {
      key: 'rows',
      title: 'Rows',
      numeric: true,
      cell: (entry) => <span title="+ added, ~ changed, − removed">{changeText(entry)}</span>,
    },
    {
      key: 'files',
      title: 'Files',
      numeric: true,
      cell: (entry) => <span title="+ added, − removed">{filesText(entry)}</span>,
    },
    {
      key: 'actions',
      title: '',
      width: '48px',
      cell: ({ version }) => (
        <Menu
          trigger={<IconButton icon={EllipsisVertical} label={`Actions for version ${version}`} />}
          items={[
            { label: 'Query this version', icon: SquareTerminal, onSelect: () => onQuery(version) },
            {
              label: 'Compare with the version before',
              icon: GitCompareArrows,
              disabled: version === 0,
              onSelect: () => compare([version - 1, version]),
            },
            {
              label: 'Compare with the latest version',
              icon: GitCompareArrows,
              disabled: version === latest,
              onSelect: () => compare([version, latest]),
            },
            'separator',
            {
              label: table.may.modify ? 'Restore to this version' : 'Restore to this version (needs MODIFY)',
              icon: RotateCcw,
              disabled: !mayRestore || version === latest,
              onSelect: () => setRestoring(version),
            },
          ]}
        />
      ),
    },
  ];
  const [one, other] = [...chosen].sort((a, b) => a - b);
  return (
    <div className="flex flex-col gap-4">
      {compared ? <ComparePanel table={key} from={compared[0]} to={compared[1]} onClose={() => compare(null)} /> : null}
      <DataList
        label="Versions"
        rows={entries}
        rowKey={(entry) => String(entry.version)}
        error={history.error}
        onRetry={() => void history.refetch()}
        initialSort={{ key: 'version', descending: true }}
        columns={columns}
        detail={(entry) => (open.has(entry.version) ? <VersionDetail entry={entry} /> : null)}
        filters={
          <span className="text-muted text-sm" role="status">
            {chosen.length === 2
              ? `Versions ${one} and ${other} chosen`
              : chosen.length === 1
                ? `Version ${one} chosen: choose another`
                : 'Choose two versions to compare'}
          </span>
        }
        actions={
          <Button
            icon={GitCompareArrows}
            disabled={one === undefined || other === undefined}
            onClick={() => one !== undefined && other !== undefined && compare([one, other])}
          >
            Compare
          </Button>
        }
        empty={{ icon: History, title: 'No versions yet' }}
      />
      {restoring === null ? null : (
        <RestoreDialog
          name={table.name}
          table={key}
          version={restoring}
          latest={latest}
          onClose={() => setRestoring(null)}
        />
      )}
    </div>
  );
}

/** The versions that are compared, in the URL (`?compare=3-7`). */
function useCompared(): [[number, number] | null, (versions: [number, number] | null) => void] {
  const path = usePathname();
  const search = useSearchParams();
  const router = useRouter();
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(search.get('compare') ?? '');
  const set = (versions: [number, number] | null) => {
    const query = new URLSearchParams(search);
    if (versions) query.set('compare', versions.join('-'));
    else query.delete('compare');
    router.replace(`${path}?${query}`, { scroll: false });
  };
  return [match && match[1] !== match[2] ? [Number(match[1]), Number(match[2])] : null, set];
}
