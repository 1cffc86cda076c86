'use client';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Textarea } from '@/components/field';
import { ErrorState } from '@/components/states';
import { columnCommentText } from './statements';
import { useTableStatement } from './use-table-statement';

/** A column's comment, changed by who manages the table. */
export function ColumnComment({
  column,
  comment,
  fullName,
  mayEdit,
}: {
  column: string;
  comment: string | undefined;
  fullName: string;
  mayEdit: boolean;
}) {
  const [editing, setEditing] = useState(false);
  if (!mayEdit) return <span title={comment}>{comment ?? ''}</span>;
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-middle">
      {comment ? (
        <span className="truncate" title={comment}>
          {comment}
        </span>
      ) : null}
      <IconButton
        icon={Pencil}
        label={`${comment ? 'Change' : 'Add'} the comment of ${column}`}
        className="size-6"
        onClick={() => setEditing(true)}
      />
      {editing ? (
        <CommentDialog column={column} comment={comment ?? ''} fullName={fullName} onClose={() => setEditing(false)} />
      ) : null}
    </span>
  );
}

function CommentDialog({
  column,
  comment,
  fullName,
  onClose,
}: {
  column: string;
  comment: string;
  fullName: string;
  onClose: () => void;
}) {
  const statement = useTableStatement(fullName);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Comment of ${column}`}>
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          const text = String(new FormData(event.currentTarget).get('comment')).trim();
          statement.run(columnCommentText(fullName, column, text), { onSuccess: onClose });
        }}
      >
        <Field label="Comment" hint="What the column holds, in which unit.">
          {(ids) => (
            <Textarea
              {...ids}
              name="comment"
              autoFocus
              defaultValue={comment}
              maxLength={10_000}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
                  event.currentTarget.form?.requestSubmit();
              }}
            />
          )}
        </Field>
        {statement.error ? <ErrorState error={statement.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={statement.busy}>
            Save comment
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
