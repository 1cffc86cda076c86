'use client';
import {
  createDirectory,
  type DirectoryEntry,
  deleteDirectory,
  deleteFile,
  downloadFile,
  type VolumePage,
} from '@boathouse/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, Download, EllipsisVertical, File, FileUp, Folder, FolderPlus, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { type DragEvent, Fragment, useRef, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { Progress } from '@/components/progress';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { call, urlOf } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import { formatBytes } from '@/lib/format';
import { NameDialog } from '../../workspace/name-dialog';
import { catalogKeys, useVolumeFiles } from '../use-catalog';
import { useVolumeUpload } from './use-volume-upload';

/** The files of one folder; the folder is in the URL (`?folder=a/b`). Files can be dropped on the list. */
export function VolumeFiles({ volume }: { volume: VolumePage }) {
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const cache = useQueryClient();
  const folder = search.get('folder') ?? '';
  const folders = folder.split('/').filter(Boolean);
  const inside = folders.length ? `${folders.join('/')}/` : '';
  const files = useVolumeFiles(volume.fullName, folders.join('/'), true);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [ask, setAsk] = useState<{ what: 'folder' } | { what: 'delete'; entry: DirectoryEntry } | null>(null);
  const { sending, send, cancel } = useVolumeUpload(volume, inside);
  const apiPath = (name: string) => `${volume.path.replace(/^\/Volumes\//, '')}/${inside}${name}`;
  const folderHref = (to: string[]) => {
    const query = new URLSearchParams(search);
    if (to.length) query.set('folder', to.join('/'));
    else query.delete('folder');
    return `${path}?${query}`;
  };
  const refresh = () => cache.invalidateQueries({ queryKey: catalogKeys.part('volume', volume.fullName, 'files') });
  const remove = useMutation({
    mutationFn: (entry: DirectoryEntry) =>
      call(entry.is_directory ? deleteDirectory : deleteFile, { params: { path: apiPath(entry.name) } }),
    onSuccess: (_done, entry) => {
      toast.done(`Deleted ${entry.name}.`);
      setAsk(null);
    },
    onSettled: refresh,
  });
  const download = (entry: DirectoryEntry) => {
    const link = document.createElement('a');
    link.href = urlOf(downloadFile, { path: apiPath(entry.name) });
    link.download = entry.name;
    link.click();
  };
  const copyPath = (entry: DirectoryEntry) =>
    void navigator.clipboard.writeText(`${volume.path}/${inside}${entry.name}`).then(() => toast.done('Path copied.'));
  const mayWrite = volume.may.write;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (mayWrite) void send([...event.dataTransfer.files]);
  };
  const upload = mayWrite ? (
    <Button kind="primary" icon={FileUp} busy={sending !== null} onClick={() => input.current?.click()}>
      Upload files
    </Button>
  ) : null;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(mayWrite);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classNames('rounded-card', over && 'outline-2 outline-accent outline-dashed outline-offset-4')}
    >
      <nav aria-label="Folder" hidden={folders.length === 0} className="mb-2 text-muted text-sm">
        <Link href={folderHref([])} className="hover:text-text hover:underline">
          {volume.name}
        </Link>
        {folders.map((part, index) => (
          <Fragment key={folders.slice(0, index + 1).join('/')}>
            <span aria-hidden className="px-1">
              ›
            </span>
            <Link href={folderHref(folders.slice(0, index + 1))} className="hover:text-text hover:underline">
              {part}
            </Link>
          </Fragment>
        ))}
      </nav>
      {sending ? (
        <div className="mb-2 flex items-center gap-3 rounded-card border border-line bg-surface px-3 py-2 text-sm">
          <span className="min-w-0 truncate">{sending.name}</span>
          <div className="min-w-24 flex-1">
            <Progress percent={(100 * sending.sentBytes) / Math.max(1, sending.sizeBytes)} label="Upload" />
          </div>
          <span className="shrink-0 text-muted text-xs tabular-nums">
            {formatBytes(sending.sentBytes)} of {formatBytes(sending.sizeBytes)}
            {sending.left > 0 ? ` · ${sending.left} more` : ''}
          </span>
          <Button onClick={cancel}>Cancel upload</Button>
        </div>
      ) : null}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          void send([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <DataList
        label="Files"
        rows={files.data}
        rowKey={(entry) => entry.path}
        searchText={(entry) => entry.name}
        error={files.error}
        onRetry={() => void files.refetch()}
        onOpen={(entry) => (entry.is_directory ? router.push(folderHref([...folders, entry.name])) : download(entry))}
        actions={
          mayWrite ? (
            <>
              <Button icon={FolderPlus} onClick={() => setAsk({ what: 'folder' })}>
                New folder
              </Button>
              {upload}
            </>
          ) : null
        }
        columns={[
          {
            key: 'name',
            title: 'Name',
            sort: (entry) => `${entry.is_directory ? 0 : 1}${entry.name.toLowerCase()}`,
            cell: (entry) =>
              entry.is_directory ? (
                <Link
                  href={folderHref([...folders, entry.name])}
                  className="inline-flex max-w-full items-center align-middle gap-2 hover:underline"
                  title={entry.name}
                >
                  <Folder aria-hidden className="size-4 shrink-0 text-muted" />
                  <span className="truncate">{entry.name}</span>
                </Link>
              ) : (
                <span className="inline-flex max-w-full items-center align-middle gap-2" title={entry.name}>
                  <File aria-hidden className="size-4 shrink-0 text-muted" />
                  <span className="truncate">{entry.name}</span>
                </span>
              ),
          },
          {
            key: 'size',
            title: 'Size',
            numeric: true,
            width: '120px',
            sort: (entry) => entry.file_size ?? -1,
            cell: (entry) => (entry.file_size === undefined ? '' : formatBytes(entry.file_size)),
          },
          {
            key: 'modified',
            title: 'Changed',
            width: '160px',
            sort: (entry) => entry.last_modified ?? 0,
            cell: (entry) => (entry.last_modified === undefined ? '' : <RelativeTime atMs={entry.last_modified} />),
          },
          {
            key: 'menu',
            title: '',
            width: '48px',
            cell: (entry) => (
              <Menu
                trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${entry.name}`} />}
                items={[
                  ...(entry.is_directory
                    ? []
                    : [{ label: 'Download', icon: Download, onSelect: () => download(entry) }]),
                  { label: 'Copy path', icon: Copy, onSelect: () => copyPath(entry) },
                  {
                    label: 'Delete',
                    icon: Trash2,
                    danger: true,
                    disabled: !mayWrite,
                    onSelect: () => {
                      remove.reset();
                      setAsk({ what: 'delete', entry });
                    },
                  },
                ]}
              />
            ),
          },
        ]}
        empty={{
          icon: Folder,
          title: folders.length ? 'This folder is empty' : 'No files yet',
          text: mayWrite
            ? 'Drop files here. Notebooks and pipelines read them with read_files.'
            : 'Files that others upload show up here.',
          action: upload,
        }}
      />
      {ask?.what === 'folder' ? (
        <NameDialog
          title="New folder"
          action="Create folder"
          onClose={() => setAsk(null)}
          onSubmit={(name) => call(createDirectory, { params: { path: apiPath(name) } }).then(refresh)}
        />
      ) : null}
      {ask?.what === 'delete' ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setAsk(null)}
          title={`Delete ${ask.entry.name}?`}
          description={
            ask.entry.is_directory
              ? 'Only an empty folder can be deleted.'
              : 'The file goes for everybody. This cannot be undone.'
          }
          actions={
            <>
              <Button onClick={() => setAsk(null)}>Cancel</Button>
              <Button kind="danger" icon={Trash2} busy={remove.isPending} onClick={() => remove.mutate(ask.entry)}>
                Delete {ask.entry.is_directory ? 'folder' : 'file'}
              </Button>
            </>
          }
        >
          {remove.error ? <ErrorState error={remove.error} /> : null}
        </Dialog>
      ) : null}
    </div>
  );
}
