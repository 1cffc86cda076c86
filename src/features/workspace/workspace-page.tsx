'use client';
import type { ObjectView } from '@boathouse/contracts';
import {
  EllipsisVertical,
  Folder,
  FolderInput,
  FolderPlus,
  NotebookText,
  Pencil,
  Plus,
  Share2,
  Trash2,
} from 'lucide-react';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { Fragment, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { changedColumn, nameColumn, ownerColumn } from '@/components/list-columns';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { toast } from '@/components/toast';
import { useMe } from '../session/use-session';
import { ShareDialog } from '../sharing/share-dialog';
import { NameDialog } from './name-dialog';
import { objectKinds } from './object-kinds';
import { useFolder, useObjectActions } from './use-objects';

type Ask = { what: 'folder' } | { what: 'rename' | 'move' | 'delete' | 'share'; object: ObjectView };

/** The folders, notebooks, dashboards and files of the workspace. The folder on screen is in the URL. */
export function WorkspacePage() {
  const router = useRouter();
  const me = useMe().data;
  const path = useSearchParams().get('path') ?? me?.homePath ?? '/';
  const folder = useFolder(path);
  const { create, update, remove } = useObjectActions();
  const [ask, setAsk] = useState<Ask | null>(null);

  const createAndOpen = (kind: 'notebook' | 'dashboard') =>
    create.mutate(
      { kind, parentPath: path, name: `Untitled ${kind}`, makeUnique: true },
      { onSuccess: (made) => router.push(objectKinds[kind].href(made)), onError: toast.error },
    );
  const parts = path === '/' ? [] : path.slice(1).split('/');
  const mayAdd = path !== '/' && (folder.data?.folder?.level === 'edit' || folder.data?.folder?.level === 'manage');

  const menu = (object: ObjectView) => {
    const manage = object.level === 'manage';
    return (
      <Menu
        trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${object.name}`} />}
        items={[
          { label: 'Share', icon: Share2, disabled: !manage, onSelect: () => setAsk({ what: 'share', object }) },
          {
            label: 'Rename',
            icon: Pencil,
            disabled: !manage && object.level !== 'edit',
            onSelect: () => setAsk({ what: 'rename', object }),
          },
          { label: 'Move', icon: FolderInput, disabled: !manage, onSelect: () => setAsk({ what: 'move', object }) },
          'separator',
          {
            label: 'Delete',
            icon: Trash2,
            danger: true,
            disabled: !manage,
            onSelect: () => setAsk({ what: 'delete', object }),
          },
        ]}
      />
    );
  };

  return (
    <div className="px-6 pb-10">
      <PageHeader
        icon={Folder}
        title={parts.at(-1) ?? 'Workspace'}
        path={
          <nav aria-label="Folder path">
            <Link href="/workspace?path=%2F" className="hover:text-text hover:underline">
              Workspace
            </Link>
            {parts.map((part, index) => (
              <Fragment key={parts.slice(0, index + 1).join('/')}>
                <span className="px-1">›</span>
                <Link
                  href={`/workspace?path=${encodeURIComponent(`/${parts.slice(0, index + 1).join('/')}`)}`}
                  className="hover:text-text hover:underline"
                >
                  {part}
                </Link>
              </Fragment>
            ))}
          </nav>
        }
        actions={
          mayAdd ? (
            <>
              <Button icon={FolderPlus} onClick={() => setAsk({ what: 'folder' })}>
                Folder
              </Button>
              <Button
                icon={Plus}
                busy={create.isPending && create.variables.kind === 'dashboard'}
                onClick={() => createAndOpen('dashboard')}
              >
                Dashboard
              </Button>
              <Button
                kind="primary"
                icon={NotebookText}
                busy={create.isPending && create.variables.kind === 'notebook'}
                onClick={() => createAndOpen('notebook')}
              >
                New notebook
              </Button>
            </>
          ) : null
        }
      />
      <DataList
        label="Objects"
        rows={folder.data?.objects}
        rowKey={(object) => object.id}
        searchText={(object) => object.name}
        onOpen={(object) => router.push(objectKinds[object.kind].href(object))}
        error={folder.error}
        onRetry={() => void folder.refetch()}
        columns={[
          nameColumn<ObjectView>({
            name: (object) => object.name,
            href: (object) => objectKinds[object.kind].href(object),
            icon: (object) => objectKinds[object.kind].icon,
            // Folders first.
            sort: (object) => `${object.kind === 'directory' ? 0 : 1}${object.name.toLowerCase()}`,
          }),
          {
            key: 'kind',
            title: 'Kind',
            width: '120px',
            sort: (object) => object.kind,
            cell: (object) => objectKinds[object.kind].label,
          },
          ownerColumn(),
          changedColumn(),
          { key: 'menu', title: '', width: '48px', cell: menu },
        ]}
        empty={{
          icon: Folder,
          title: path === '/' ? 'No folders that you may see' : 'This folder is empty',
          text: 'Notebooks, dashboards and files live in folders. What you make in your own folder is yours until you share it.',
          action: mayAdd ? (
            <Button kind="primary" icon={NotebookText} onClick={() => createAndOpen('notebook')}>
              New notebook
            </Button>
          ) : null,
        }}
      />
      {ask?.what === 'folder' ? (
        <NameDialog
          title="New folder"
          action="Create folder"
          onClose={() => setAsk(null)}
          onSubmit={(name) => create.mutateAsync({ kind: 'directory', parentPath: path, name })}
        />
      ) : null}
      {ask?.what === 'rename' ? (
        <NameDialog
          title={`Rename ${ask.object.name}`}
          initial={ask.object.name}
          action="Rename"
          onClose={() => setAsk(null)}
          onSubmit={(name) => update.mutateAsync({ id: ask.object.id, name })}
        />
      ) : null}
      {ask?.what === 'move' ? (
        <NameDialog
          title={`Move ${ask.object.name}`}
          label="To the folder"
          initial={ask.object.parentPath}
          action="Move"
          onClose={() => setAsk(null)}
          onSubmit={(parentPath) => update.mutateAsync({ id: ask.object.id, parentPath })}
        />
      ) : null}
      {ask?.what === 'share' ? (
        <ShareDialog objectId={ask.object.id} name={ask.object.name} onClose={() => setAsk(null)} />
      ) : null}
      {ask?.what === 'delete' ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setAsk(null)}
          title={`Delete ${ask.object.name}?`}
          description={
            ask.object.kind === 'directory'
              ? 'The folder and everything in it goes for everybody.'
              : 'It goes for everybody it is shared with. Tables it made stay.'
          }
          actions={
            <>
              <Button onClick={() => setAsk(null)}>Cancel</Button>
              <Button
                kind="danger"
                icon={Trash2}
                busy={remove.isPending}
                onClick={() =>
                  remove.mutate(
                    { id: ask.object.id, recursive: ask.object.kind === 'directory' },
                    {
                      onSuccess: () => {
                        toast.done(`Deleted ${ask.object.name}.`);
                        setAsk(null);
                      },
                      onError: toast.error,
                    },
                  )
                }
              >
                Delete {objectKinds[ask.object.kind].label.toLowerCase()}
              </Button>
            </>
          }
        />
      ) : null}
    </div>
  );
}
