'use client';
import { Copy, EllipsisVertical, HardDrive, LockKeyhole, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { Tabs } from '@/components/tabs';
import { toast } from '@/components/toast';
import { useTab } from '@/lib/use-tab';
import { CommentLine } from '../comment-line';
import { DropDialog } from '../drop-dialog';
import { NamePath } from '../name-path';
import { fullNameOf } from '../names';
import { PermissionsTab } from '../permissions/permissions-tab';
import { useVolumePage } from '../use-catalog';
import { VolumeFiles } from './volume-files';

/** A volume: its files, and who may read and write them. */
export function VolumePage({ parts }: { parts: string[] }) {
  const fullName = fullNameOf(parts);
  const page = useVolumePage(fullName);
  const [tab, setTab] = useTab(['files', 'permissions']);
  const [dropping, setDropping] = useState(false);
  const volume = page.data;
  if (page.error) return <ErrorState error={page.error} onRetry={() => void page.refetch()} className="mt-4" />;
  const copy = () => void navigator.clipboard.writeText(volume?.path ?? '').then(() => toast.done('Path copied.'));
  return (
    <>
      <PageHeader
        icon={HardDrive}
        title={<span title={parts[2]}>{parts[2]}</span>}
        path={<NamePath parts={parts.slice(0, 2)} />}
        actions={
          <Menu
            trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${parts[2]}`} />}
            items={[
              { label: 'Copy path', icon: Copy, disabled: !volume, onSelect: copy },
              {
                label: 'Drop volume',
                icon: Trash2,
                danger: true,
                disabled: !volume?.may.manage,
                onSelect: () => setDropping(true),
              },
            ]}
          />
        }
        description={
          volume ? (
            <CommentLine
              kind="volume"
              fullName={fullName}
              comment={volume.comment}
              mayManage={volume.may.manage}
              facts={
                <span>
                  Owner: {volume.owner} · <code className="text-xs">{volume.path}</code>
                </span>
              }
            />
          ) : (
            <div className="h-7" />
          )
        }
      />
      <Tabs
        label="Volume"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            key: 'files',
            label: 'Files',
            content: !volume ? (
              <SkeletonRows />
            ) : volume.may.read ? (
              <VolumeFiles volume={volume} />
            ) : (
              <EmptyState icon={LockKeyhole} title="You may not read the files of this volume">
                {volume.ask ?? 'Ask its owner for READ VOLUME.'}
              </EmptyState>
            ),
          },
          {
            key: 'permissions',
            label: 'Permissions',
            content: <PermissionsTab kind="volume" fullName={fullName} />,
          },
        ]}
      />
      {dropping ? <DropDialog kind="volume" parts={parts} onClose={() => setDropping(false)} /> : null}
    </>
  );
}
