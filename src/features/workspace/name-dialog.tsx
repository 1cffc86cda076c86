'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';

export interface NameDialogProps {
  title: string;
  label?: string;
  initial?: string;
  action: string;
  onClose: () => void;
  /** Throws to keep the dialog open with the message. */
  onSubmit: (name: string) => Promise<unknown>;
}

/** Asks for one name. */
export function NameDialog({ title, label = 'Name', initial = '', action, onClose, onSubmit }: NameDialogProps) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    setBusy(true);
    try {
      await onSubmit(name);
      onClose();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      <form onSubmit={submit} className="flex flex-col gap-4 pb-3">
        <Field label={label} error={error}>
          {(ids) => (
            <Input
              {...ids}
              large
              name="name"
              defaultValue={initial}
              required
              maxLength={250}
              autoFocus
              onFocus={(event) => event.currentTarget.select()}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
