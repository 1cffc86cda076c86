'use client';
import { Pencil, Plus, SlidersHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList, type ListColumn } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { runStatement } from '@/lib/run-statement';
import { checkPrefix } from './compare';
import { setPropertyText, unsetPropertyText } from './statements';
import { useTableStatement } from './use-table-statement';

type Property = { key: string; value: string };

/** Table properties; who manages the table sets and removes them. CHECK constraints are shown apart, though the log keeps them here. */
export function PropertiesSection({
  properties,
  fullName,
  mayEdit,
}: {
  properties: Record<string, string> | undefined;
  fullName: string;
  mayEdit: boolean;
}) {
  const [editing, setEditing] = useState<Property | null>(null);
  const unset = useTableStatement(fullName);
  const rows =
    properties &&
    Object.entries(properties)
      .filter(([key]) => !key.startsWith(checkPrefix))
      .map(([key, value]) => ({ key, value }));
  const remove = ({ key, value }: Property) =>
    unset.run(unsetPropertyText(fullName, key), {
      onSuccess: () =>
        toast.done(`Removed ${key}.`, {
          label: 'Undo',
          run: () => void runStatement(setPropertyText(fullName, key, value)).then(unset.refresh, toast.error),
        }),
      onError: toast.error,
    });
  const edit: ListColumn<Property>[] = mayEdit
    ? [
        {
          key: 'edit',
          title: '',
          width: '84px',
          cell: (property) => (
            <span className="flex justify-end">
              <IconButton icon={Pencil} label={`Change ${property.key}`} onClick={() => setEditing(property)} />
              <IconButton
                icon={Trash2}
                label={`Remove ${property.key}`}
                disabled={unset.busy}
                onClick={() => remove(property)}
              />
            </span>
          ),
        },
      ]
    : [];
  const add = mayEdit ? (
    <Button icon={Plus} onClick={() => setEditing({ key: '', value: '' })}>
      Set property
    </Button>
  ) : null;
  return (
    <section aria-labelledby="properties">
      <header className="mb-1.5 flex min-h-7 items-center">
        <h2 id="properties" className="mr-auto text-sm">
          Properties
        </h2>
        {add}
      </header>
      {rows?.length === 0 ? (
        <p className="max-w-3xl text-muted text-sm">
          No properties are set. Properties such as delta.enableChangeDataFeed change how the table works; others are
          notes of your own.
        </p>
      ) : (
        <DataList
          label="Properties"
          rows={rows}
          rowKey={({ key }) => key}
          initialSort={{ key: 'key', descending: false }}
          columns={[
            {
              key: 'key',
              title: 'Property',
              sort: ({ key }) => key,
              cell: ({ key }) => <code className="text-xs">{key}</code>,
            },
            { key: 'value', title: 'Value', cell: ({ value }) => <code className="text-xs">{value}</code> },
            ...edit,
          ]}
          empty={{ icon: SlidersHorizontal, title: 'No properties are set' }}
        />
      )}
      {editing ? <PropertyDialog property={editing} fullName={fullName} onClose={() => setEditing(null)} /> : null}
    </section>
  );
}

function PropertyDialog({
  property,
  fullName,
  onClose,
}: {
  property: Property;
  fullName: string;
  onClose: () => void;
}) {
  const isNew = property.key === '';
  const statement = useTableStatement(fullName);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={isNew ? 'Set a property' : `Change ${property.key}`}
    >
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const key = isNew ? String(form.get('key')).trim() : property.key;
          statement.run(setPropertyText(fullName, key, String(form.get('value'))), {
            onSuccess: () => {
              toast.done(`Set ${key}.`);
              onClose();
            },
          });
        }}
      >
        {isNew ? (
          <Field label="Property" hint="Such as delta.enableChangeDataFeed, or a name of your own.">
            {(ids) => <Input {...ids} large name="key" required autoFocus spellCheck={false} className="font-mono" />}
          </Field>
        ) : null}
        <Field label="Value">
          {(ids) => (
            <Input
              {...ids}
              large
              name="value"
              autoFocus={!isNew}
              spellCheck={false}
              defaultValue={property.value}
              className="font-mono"
            />
          )}
        </Field>
        {statement.error ? <ErrorState error={statement.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={statement.busy}>
            {isNew ? 'Set property' : 'Save value'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
