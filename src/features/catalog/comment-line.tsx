'use client';
import type { SecurableKind } from '@boathouse/contracts';
import { Pencil } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Field, Textarea } from '@/components/field';
import { toast } from '@/components/toast';
import { useSetComment } from './use-catalog';

/** The comment under a title, changed in place by who manages the thing; `facts` follow it. */
export function CommentLine({
  kind,
  fullName,
  comment,
  mayManage,
  facts,
}: {
  kind: SecurableKind;
  fullName: string;
  comment: string | null;
  mayManage: boolean;
  facts?: ReactNode;
}) {
  const [editing, setEditing] = useState(false);
  const save = useSetComment(kind, fullName);
  if (editing) {
    const submit = (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      const text = String(new FormData(event.currentTarget).get('comment')).trim();
      save.mutate(text || null, { onSuccess: () => setEditing(false), onError: toast.error });
    };
    return (
      <form onSubmit={submit} className="flex max-w-3xl items-end gap-2">
        <Field label="Comment" hiddenLabel className="flex-1">
          {(ids) => (
            <Textarea
              {...ids}
              name="comment"
              autoFocus
              defaultValue={comment ?? ''}
              maxLength={10_000}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setEditing(false);
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
                  event.currentTarget.form?.requestSubmit();
              }}
            />
          )}
        </Field>
        <Button onClick={() => setEditing(false)}>Cancel</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          Save comment
        </Button>
      </form>
    );
  }
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-3">
      {comment ? <span className="max-w-4xl whitespace-pre-wrap break-words">{comment}</span> : null}
      {mayManage ? (
        comment ? (
          <IconButton icon={Pencil} label="Change comment" className="size-6" onClick={() => setEditing(true)} />
        ) : (
          <button type="button" className="text-faint hover:text-text hover:underline" onClick={() => setEditing(true)}>
            Add a comment
          </button>
        )
      ) : null}
      {facts}
    </div>
  );
}
