'use client';
import type { Column } from '@boathouse/contracts';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { addConstraintText, type NewConstraint } from './statements';
import { useTableStatement } from './use-table-statement';

type Kind = NewConstraint['kind'];
const kinds: Record<Kind, { label: string; hint: string }> = {
  check: { label: 'Check: a condition that every row keeps', hint: 'The rows that are there are checked first.' },
  notNull: { label: 'Not null: a column always has a value', hint: 'The rows that are there are checked first.' },
  default: {
    label: 'Default: a value where none is given',
    hint: 'For new rows only. The table needs the feature: set delta.feature.allowColumnDefaults to supported.',
  },
};

/** Asks for a CHECK, NOT NULL or DEFAULT and adds it as a statement of the person. */
export function AddConstraintDialog({
  columns,
  fullName,
  onClose,
}: {
  columns: Column[];
  fullName: string;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<Kind>('check');
  const statement = useTableStatement(fullName);
  const submit = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const constraint: NewConstraint =
      kind === 'check'
        ? { kind, name: text('name'), condition: text('condition') }
        : kind === 'notNull'
          ? { kind, column: text('column') }
          : { kind, column: text('column'), value: text('value') };
    statement.run(addConstraintText(fullName, constraint), {
      onSuccess: () => {
        toast.done('Added the constraint.');
        onClose();
      },
    });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Add a constraint">
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <Field label="Kind" hint={kinds[kind].hint}>
          {(ids) => (
            <Select
              {...ids}
              large
              value={kind}
              onChange={({ target }) =>
                setKind(target.value === 'notNull' || target.value === 'default' ? target.value : 'check')
              }
            >
              {Object.entries(kinds).map(([key, { label }]) => (
                <option key={key} value={key}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {kind === 'check' ? (
          <>
            <Field label="Name">
              {(ids) => (
                <Input {...ids} large name="name" required autoFocus spellCheck={false} className="font-mono" />
              )}
            </Field>
            <Field label="Condition" hint="SQL over the columns, such as amount > 0.">
              {(ids) => <Input {...ids} large name="condition" required spellCheck={false} className="font-mono" />}
            </Field>
          </>
        ) : (
          <Field label="Column">
            {(ids) => (
              <Select {...ids} large name="column" required>
                {columns
                  .filter((column) => kind === 'default' || column.nullable)
                  .map(({ name }) => (
                    <option key={name}>{name}</option>
                  ))}
              </Select>
            )}
          </Field>
        )}
        {kind === 'default' ? (
          <Field label="Value" hint="SQL, such as 0, 'new' or current_timestamp().">
            {(ids) => <Input {...ids} large name="value" required spellCheck={false} className="font-mono" />}
          </Field>
        ) : null}
        {statement.error ? <ErrorState error={statement.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={statement.busy}>
            Add constraint
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
