'use client';
import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { useObjectActions } from '../workspace/use-objects';
import { dashboardKeys } from './use-dashboard';

export function DeleteDashboardDialog({
  id,
  name,
  onClose,
  onDeleted,
}: {
  id: string;
  name: string;
  onClose: () => void;
  onDeleted?: () => void;
}) {
  const cache = useQueryClient();
  const { remove } = useObjectActions();
  const drop = () =>
    remove.mutate(
      { id, recursive: false },
      {
        onSuccess: () => {
          toast.done(`Deleted ${name}.`);
          onClose();
          onDeleted?.();
          void cache.invalidateQueries({ queryKey: dashboardKeys.list });
        },
      },
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${name}?`}
      description="The dashboard and its tiles go for everybody it is shared with. The tables they read stay."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" icon={Trash2} busy={remove.isPending} onClick={drop}>
            Delete dashboard
          </Button>
        </>
      }
    >
      {remove.error ? <ErrorState error={remove.error} /> : null}
    </Dialog>
  );
}
